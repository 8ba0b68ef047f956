"""Hadoop's activities on a host of a worker group, with small programs in the place of Hadoop's."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, Finished, Outcome
from chalicelib.work.registry import EVERYWHERE
from tests.workbench import item, task, tools

RECORDING = """#!/bin/sh
for word in "$(basename "$0")" "$@"; do printf '%s\\n' "$word" >> {record}; done
printf -- '--\\n' >> {record}
echo said; echo "{words}" >&2; exit {code}
"""


class Host:
    """A folder of programs that record how they are called, and end as they are told."""

    def __init__(self, folder: Path, s3: Any) -> None:
        self.bin = folder / "bin"
        self.record = folder / "record"
        self.scratch = folder / "scratch"
        self.bin.mkdir()
        self.scratch.mkdir()
        self.s3 = s3

    def install(self, *names: str, code: int = 0, words: str = "") -> None:
        for name in names:
            path = self.bin / name
            path.write_text(RECORDING.format(record=self.record, code=code, words=words))
            path.chmod(0o755)

    def run(self, given: Task, **changes: Any) -> Outcome:
        environment = {"PATH": f"{self.bin}:/usr/bin:/bin"}
        return execute(EVERYWHERE, given, tools(given, self.s3, self.scratch, environment=environment, **changes))

    @property
    def calls(self) -> list[list[str]]:
        text = self.record.read_text() if self.record.exists() else ""
        return [call.splitlines() for call in text.split("--\n")[:-1]]


@pytest.fixture
def host(tmp_path: Path, s3: Any) -> Host:
    return Host(tmp_path, s3)


def test_steps_are_jars_for_hadoop_and_commands_around_them_run_in_order(host: Host) -> None:
    host.install("hadoop", "before", "after")
    host.s3.put_object(Bucket="source", Key="jars/x.jar", Body=b"jar")
    steps = ["s3://source/jars/x.jar,com.Main,a\\\\,b", "/usr/lib/y.jar,1"]
    work = item("Work", type="EmrActivity", step=steps, preStepCommand="before 1", postStepCommand="after")
    assert host.run(task(work)) == Finished()
    before, first, second, after = host.calls
    assert (before, after) == (["before", "1"], ["after"])
    assert first == ["hadoop", "jar", str(host.scratch / "step2" / "x.jar"), "com.Main", "a,b"]
    assert (host.scratch / "step2" / "x.jar").read_bytes() == b"jar"
    assert second == ["hadoop", "jar", "/usr/lib/y.jar", "1"]


def test_a_hadoop_program_gets_its_class_and_queue(host: Host) -> None:
    host.install("hadoop")
    work = item("Work", type="HadoopActivity", jarUri="/x.jar", mainClass="Main", hadoopQueue="high", argument=["in"])
    assert host.run(task(work)) == Finished()
    assert host.calls == [["hadoop", "jar", "/x.jar", "Main", "-Dmapreduce.job.queuename=high", "in"]]


def test_a_hive_script_in_s3_is_fetched_for_hive(host: Host) -> None:
    host.install("hive")
    host.s3.put_object(Bucket="source", Key="q.hql", Body=b"SELECT 1;")
    work = item("Work", type="HiveActivity", scriptUri="s3://source/q.hql", stage="false", scriptVariable="A=1")
    assert host.run(task(work)) == Finished()
    assert host.calls == [["hive", "-d", "A=1", "-f", str(host.scratch / "step1" / "q.hql")]]


def test_scripts_stand_around_a_pig_script_and_logs_are_kept(host: Host) -> None:
    host.install("pig", "note")
    host.s3.put_object(Bucket="source", Key="pre.sh", Body=b'note "$1"')
    before = item("Before", type="ShellScriptConfig", scriptUri="s3://source/pre.sh", scriptArgument="hello")
    work = item(
        "Work",
        type="PigActivity",
        script="A = LOAD 'x';",
        stage="false",
        preActivityTaskConfig=Ref("Before"),
        pipelineLogUri="s3://target/logs",
    )
    assert host.run(task(work, before)) == Finished()
    assert host.calls == [["note", "hello"], ["pig", "-e", "A = LOAD 'x';"]]
    found = host.s3.list_objects_v2(Bucket="target")["Contents"]
    assert {each["Key"].rpartition("/")[2] for each in found} >= {"step1.stdout", "step2.stdout", "step2.stderr"}


def test_a_program_that_the_host_does_not_have_is_named(host: Host) -> None:
    outcome = host.run(task(item("Work", type="HiveActivity", hiveScript="SELECT 1;", stage="false")))
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "no 'hive' on its PATH" in outcome.message) == ("Missing", True)


def test_the_first_step_that_fails_is_the_last_and_says_why(host: Host) -> None:
    host.install("hadoop", code=3, words="no such class")
    outcome = host.run(task(item("Work", type="EmrActivity", step=["/x.jar", "/y.jar"])))
    assert outcome == Failed("StepFailed", "step 1 of 2 (step): exit code 3: no such class")
    assert len(host.calls) == 1


def test_a_step_is_stopped_when_its_activity_is_canceled(host: Host) -> None:
    looks = iter([False, False])
    (host.bin / "hadoop").write_text("#!/bin/sh\nexec sleep 600\n")
    (host.bin / "hadoop").chmod(0o755)
    work = task(item("Work", type="EmrActivity", step=["/x.jar", "/y.jar"]))
    outcome = host.run(work, cancelled=lambda: next(looks, True))
    assert outcome == Failed("Canceled", "step 1 of 2 was stopped")


def test_copies_of_tables_need_no_hadoop_unless_their_author_insists(host: Host) -> None:
    host.install("hadoop")
    step = "/x.jar,org.apache.hadoop.dynamodb.tools.DynamoDbExport,s3://target/out,none"
    native = host.run(task(item("Work", type="EmrActivity", step=step)))
    assert isinstance(native, Failed)
    assert (native.error_id, host.calls) == ("Missing", [])
    assert host.run(task(item("Work", type="EmrActivity", step=step, placement="resource"))) == Finished()
    (call,) = host.calls
    assert json.dumps(call).count("DynamoDbExport") == 1
