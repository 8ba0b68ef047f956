"""EMR steps as local processes."""

from pathlib import Path

import pytest

from local.steps import NotImitated, command_of

BIN = {"PATH": "/usr/bin:/bin"}


def test_a_program_of_this_machine_is_run() -> None:
    assert command_of("command-runner.jar", ["bash", "-c", "true"], BIN)[1:] == ["-c", "true"]
    runner = "s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar"
    assert command_of(runner, ["/bin/bash", "-c", "true"], BIN) == ["/bin/bash", "-c", "true"]


def test_a_script_in_s3_is_fetched_and_run_with_its_arguments() -> None:
    command = command_of("command-runner.jar", ["s3://b/x.sh", "1"], BIN)
    assert command[-2:] == ["s3://b/x.sh", "1"]


def test_spark_runs_in_its_own_process_wherever_it_was_to_run(tmp_path: Path) -> None:
    submit = tmp_path / "spark-submit"
    submit.write_text("#!/bin/sh\n")
    submit.chmod(0o755)
    given = ["spark-submit", "--deploy-mode", "cluster", "--master", "yarn", "x.py", "1"]
    command = command_of("command-runner.jar", given, {"PATH": str(tmp_path)})
    assert (command[:3], command[-2:]) == ([str(submit), "--master", "local[2]"], ["x.py", "1"])
    assert "spark.driver.bindAddress=127.0.0.1" in command
    assert "yarn" not in command


def test_an_application_of_spark_is_fetched_from_s3(tmp_path: Path) -> None:
    submit = tmp_path / "spark-submit"
    submit.write_text("#!/bin/sh\n")
    submit.chmod(0o755)
    given = ["spark-submit", "s3://b/app/x.py", "s3://b/in"]
    command = command_of("command-runner.jar", given, {"PATH": str(tmp_path)})
    assert command[3:7] == ["fetch", "s3://b/app/x.py", "x.py", str(submit)]
    assert command[-2:] == ["x.py", "s3://b/in"]


@pytest.mark.parametrize(
    ("jar", "arguments", "named"),
    [
        ("command-runner.jar", ["hive", "-e", "x"], "'hive'"),
        ("command-runner.jar", ["spark-submit", "x.py"], "'spark-submit' .install pyspark."),
        ("s3://b/x.jar", ["in"], "'hadoop' to run s3://b/x.jar"),
        ("command-runner.jar", [], "no program"),
    ],
)
def test_what_this_machine_does_not_have_is_named(jar: str, arguments: list[str], named: str) -> None:
    with pytest.raises(NotImitated, match=named):
        command_of(jar, arguments, {"PATH": "/nowhere"})
