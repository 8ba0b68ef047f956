"""Shell commands: real bash, real process groups."""

import os
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.domain.values import Ref
from chalicelib.work.commands.process import Streams, run_group
from chalicelib.work.execute import execute, run_logged
from chalicelib.work.journal import Journal, Pace, log_folder
from chalicelib.work.masking import Masker
from chalicelib.work.outcome import Failed, Finished, NotSatisfied, Outcome
from chalicelib.work.registry import EVERYWHERE
from tests.workbench import ATTEMPT, NOW, item, task, tools

LOGS = f"logs/df-1/Work/@Work_2026-02-03T04:00:00/{ATTEMPT}/"


def run(s3: Any, tmp_path: Path, *objects: Any, **changes: Any) -> Outcome:
    given = task(*objects)
    kit = tools(given, s3, tmp_path, **changes)
    return run_logged(given, kit, lambda used: execute(EVERYWHERE, given, used))


def shell(**fields: Any) -> Any:
    return item("Shell", type="ShellCommandActivity", **fields)


def text(s3: Any, key: str) -> str:
    return str(s3.get_object(Bucket="target", Key=key)["Body"].read().decode())


def test_a_command_gets_its_arguments_and_its_output_goes_to_s3(s3: Any, tmp_path: Path) -> None:
    command = shell(
        command='echo "$1|$2|$#"; echo oops >&2',
        scriptArgument=["a b", "ü'\""],
        stdout="s3://target/out.txt",
        stderr="s3://target/err.txt",
    )
    assert run(s3, tmp_path, command) == Finished()
    assert (text(s3, "out.txt"), text(s3, "err.txt")) == ("a b|ü'\"|2\n", "oops\n")


def test_output_goes_to_a_local_file(s3: Any, tmp_path: Path) -> None:
    target = tmp_path / "far" / "out.txt"
    run(s3, tmp_path, shell(command="echo hi", stdout=str(target)))
    assert target.read_text() == "hi\n"


def test_output_is_always_in_the_attempts_log_folder(s3: Any, tmp_path: Path) -> None:
    run(s3, tmp_path, shell(command="echo hi; exit 3", pipelineLogUri="s3://target/logs"))
    assert text(s3, LOGS + "StdOutput") == "hi\n"
    assert text(s3, LOGS + "StdError") == ""
    assert "FAILED ActivityFailed: the command failed: exit code 3" in text(s3, LOGS + "Activity.log")


def test_what_a_command_says_is_shown_line_by_line_and_masked_while_it_runs(s3: Any, tmp_path: Path) -> None:
    go, times = tmp_path / "go", count()
    command = f"echo one; printf 'sesame two\\nthree'; until [ -e {go} ]; do sleep 0.02; done; echo end"
    given = task(shell(command=command, pipelineLogUri="s3://target/logs", **{"*key": "sesame"}))
    shown: list[str] = []

    def looked() -> bool:
        there = s3.list_objects_v2(Bucket="target", Prefix=f"{LOGS}StdOutput").get("Contents", [])
        text_now = text(s3, LOGS + "StdOutput") if there else ""
        if "two" in text_now and not shown:
            shown.extend((text_now, text(s3, LOGS + "Activity.log")))
            go.touch()
        return False

    masker = Masker(["sesame"])
    journal = Journal(S3Objects(s3), log_folder(given), lambda: NOW + next(times) * timedelta(seconds=3), masker.text)
    kit = tools(given, s3, tmp_path, cancelled=looked, journal=journal, masker=masker)
    run_logged(given, kit, lambda used: execute(EVERYWHERE, given, used))
    assert shown[0] == "one\n***** two\n"
    assert "begins" in shown[1]
    assert text(s3, LOGS + "StdOutput") == "one\n***** two\nthreeend\n"


def test_a_secret_of_several_lines_is_not_shown_in_part() -> None:
    assert Masker(["one", "two\nthree"]).unsure_bytes == len("two\nthree")
    assert Masker(["one"]).unsure_bytes == 0


def test_what_grows_is_shown_ever_more_rarely() -> None:
    seconds = iter(range(100_000))
    pace = Pace(lambda: NOW + next(seconds) * timedelta(seconds=1))
    assert 100 < sum(pace.is_due() for _ in range(3600)) < 130


def test_a_log_folder_that_cannot_be_written_fails_nothing(s3: Any, tmp_path: Path) -> None:
    outcome = run(s3, tmp_path, shell(command="true", pipelineLogUri="s3://nowhere/logs"))
    assert isinstance(outcome, Finished)
    assert "nowhere" in dict(outcome.fields)["logError"]


def test_a_non_zero_exit_code_fails_with_the_end_of_stderr(s3: Any, tmp_path: Path) -> None:
    outcome = run(s3, tmp_path, shell(command="echo why >&2; exit 7"))
    assert outcome == Failed("ActivityFailed", "the command failed: exit code 7", "why\n")


def test_a_signal_fails(s3: Any, tmp_path: Path) -> None:
    outcome = run(s3, tmp_path, shell(command="kill -9 $$"))
    assert outcome == Failed("ActivityFailed", "the command failed: killed by signal 9", "")


def test_a_script_from_s3_runs_by_its_own_interpreter(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="source", Key="run.sh", Body=b"#!/bin/sh\necho $0 $1 > /dev/null\nexit $1\n")
    outcome = run(s3, tmp_path, shell(scriptUri="s3://source/run.sh", scriptArgument="4"))
    assert isinstance(outcome, Failed)
    assert "exit code 4" in outcome.message


def test_a_script_without_interpreter_runs_by_bash(s3: Any, tmp_path: Path) -> None:
    script = tmp_path / "mine"
    script.write_text("[[ $1 == x* ]]\n")
    assert run(s3, tmp_path, shell(scriptUri=str(script), scriptArgument="xyz")) == Finished()


def test_staged_directories_are_filled_before_and_stored_after(s3: Any, tmp_path: Path) -> None:
    for key in ("d/", "d/one", "d/sub/ü two", "f/three"):
        s3.put_object(Bucket="source", Key=key, Body=key.encode())
    command = shell(
        command='cp -r "$INPUT1_STAGING_DIR"/* $INPUT2_STAGING_DIR/three ${OUTPUT1_STAGING_DIR}',
        stage="true",
        input=[Ref("In"), Ref("File")],
        output=[Ref("Out"), Ref("OutFile")],
    )
    outcome = run(
        s3,
        tmp_path,
        command,
        item("In", type="S3DataNode", directoryPath="s3://source/d"),
        item("File", type="S3DataNode", filePath="s3://source/f/three"),
        item("Out", type="S3DataNode", directoryPath="s3://target/e", s3EncryptionType="SERVER_SIDE_ENCRYPTION"),
        item("OutFile", type="S3DataNode", filePath="s3://target/no"),
    )
    assert outcome == Finished()
    assert text(s3, "e/sub/ü two") == "d/sub/ü two"
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket="target")["Contents"]]
    assert keys == ["e/one", "e/sub/ü two", "e/three"]
    assert s3.head_object(Bucket="target", Key="e/one")["ServerSideEncryption"] == "AES256"


def test_without_stage_nothing_is_staged(s3: Any, tmp_path: Path) -> None:
    node = item("In", type="S3DataNode", directoryPath="s3://nowhere/d")
    assert run(s3, tmp_path, shell(command='test -z "$INPUT1_STAGING_DIR"', input=Ref("In")), node) == Finished()


def test_a_failed_command_stores_no_output(s3: Any, tmp_path: Path) -> None:
    node = item("Out", type="S3DataNode", directoryPath="s3://target/e")
    run(s3, tmp_path, shell(command="touch $OUTPUT1_STAGING_DIR/x; false", stage="true", output=Ref("Out")), node)
    assert "Contents" not in s3.list_objects_v2(Bucket="target")


def test_a_key_that_leaves_its_directory_is_refused(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="source", Key="d/../../evil", Body=b"")
    node = item("In", type="S3DataNode", directoryPath="s3://source/d")
    outcome = run(s3, tmp_path, shell(command="true", stage="true", input=Ref("In")), node)
    assert isinstance(outcome, Failed)
    assert "would leave its directory" in outcome.message


def test_the_environment_is_what_was_given_and_nothing_else(s3: Any, tmp_path: Path) -> None:
    os.environ["LEAKED"] = "yes"
    command = shell(command='test "$AWS_REGION" = here && test -z "$LEAKED"')
    environment = {"PATH": "/usr/bin:/bin", "AWS_REGION": "here"}
    assert run(s3, tmp_path, command, environment=environment) == Finished()


def test_much_output_is_no_trouble(s3: Any, tmp_path: Path) -> None:
    command = shell(command="head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2", stdout="s3://target/out")
    assert run(s3, tmp_path, command) == Finished()
    assert s3.head_object(Bucket="target", Key="out")["ContentLength"] == 20_000_000


def test_cancellation_ends_the_whole_group(s3: Any, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = shell(command=f"(sleep 300 & echo $! > {pids}; wait) & wait")
    begun = time.monotonic()
    outcome = run(s3, tmp_path, command, cancelled=lambda: pids.exists() and pids.read_text() != "")
    assert outcome == Failed("Canceled", "the command was stopped")
    assert time.monotonic() - begun < 60
    assert ends_soon(int(pids.read_text()))


def test_a_group_that_ignores_term_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = f"trap '' TERM; (trap '' TERM; sleep 300) & echo $! > {pids}; sleep 300"
    code = run_group(
        ["/bin/bash", "-c", command],
        tmp_path,
        {"PATH": "/usr/bin:/bin"},
        Streams(tmp_path / "out", tmp_path / "err"),
        lambda: pids.exists() and pids.read_text() != "",
        grace=0.5,
    )
    assert code is None
    assert ends_soon(int(pids.read_text()))


@pytest.mark.parametrize("fields", [{}, {"command": "true", "scriptUri": "s3://source/x"}])
def test_a_command_or_a_script_is_needed(s3: Any, tmp_path: Path, fields: dict[str, str]) -> None:
    outcome = run(s3, tmp_path, shell(**fields))
    assert isinstance(outcome, Failed)
    assert "either command or scriptUri" in outcome.message


def test_a_missing_script_says_so(s3: Any, tmp_path: Path) -> None:
    outcome = run(s3, tmp_path, shell(scriptUri="s3://source/none"))
    assert isinstance(outcome, Failed)
    assert "s3://source/none" in outcome.message


def test_a_shell_precondition_holds_by_its_exit_code(s3: Any, tmp_path: Path) -> None:
    assert run(s3, tmp_path, item("P", type="ShellCommandPrecondition", command="true")) == Finished()
    outcome = run(s3, tmp_path, item("P", type="ShellCommandPrecondition", command="echo no >&2; exit 1"))
    assert outcome == NotSatisfied("exit code 1: no")


def ends_soon(pid: int) -> bool:
    """KILL is certain but not instant: the kernel ends the process when it next gives it time."""
    end = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
