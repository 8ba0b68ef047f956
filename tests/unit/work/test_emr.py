"""Activities as steps of a cluster, and how the steps are followed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, Ref
from chalicelib.ports.clusters import Step, StepReport, StepStatus
from chalicelib.ports.errors import Missing, Rejected, Throttled
from chalicelib.work.clusters.activities import emr_steps, hadoop_steps
from chalicelib.work.clusters.emr import as_condition, cancel_steps, on_cluster
from chalicelib.work.clusters.hive import hive_steps
from chalicelib.work.clusters.pig import pig_steps
from chalicelib.work.clusters.shell import shell_steps
from chalicelib.work.clusters.task import Cluster, cluster_of
from chalicelib.work.execute import guarded
from chalicelib.work.outcome import Failed, Finished, NotSatisfied, Outcome, Unfinished
from chalicelib.work.registry import ON_CLUSTER, executors_of
from chalicelib.work.tools import Alone, Claims
from tests.workbench import item, task, tools

NAME = "df-1_@Work_2026-02-03T04:00:00_Attempt=1/1."
FORMAT = item("F", type="CSV", column=["host STRING", "size INT"])
IN = item("In", type="S3DataNode", directoryPath="s3://b/in", dataFormat=Ref("F"))
OUT = item("Out", type="S3DataNode", directoryPath="s3://b/out/", dataFormat=Ref("F"), compression="GZIP")


class Steps:
    """ports/clusters in memory: steps end when the test says so."""

    def __init__(self) -> None:
        self.steps: dict[str, Step] = {}
        self.reports: dict[str, StepReport] = {}
        self.gone = False
        self.throttled = False
        self.full = False
        self.nodes = 0

    def submit(self, cluster: str, step: Step) -> str:
        if self.full:
            raise Throttled("AddJobFlowSteps", "too many")
        step_id = f"s-{len(self.steps) + 1}"
        self.steps[step_id] = step
        self.reports[step_id] = StepReport(StepStatus.RUNNING)
        return step_id

    def find(self, cluster: str, name: str) -> str | None:
        return next((found for found, step in self.steps.items() if step.name == name), None)

    def report(self, cluster: str, step_id: str) -> StepReport:
        if self.throttled:
            raise Throttled("DescribeStep", "too many")
        if self.gone:
            raise Missing("DescribeStep", "no such cluster")
        return self.reports[step_id]

    def cancel(self, cluster: str, beginning: str) -> int:
        found = [name for name, step in self.steps.items() if step.name.startswith(beginning)]
        self.reports |= dict.fromkeys(found, StepReport(StepStatus.CANCELLED))
        return len(found)

    def grow(self, cluster: str, nodes: int) -> None:
        self.nodes = nodes

    def log_folder(self, cluster: str) -> str | None:
        return f"s3://logs/{cluster}/"

    def end(self, status: StepStatus, reason: str = "") -> None:
        self.reports[list(self.steps)[-1]] = StepReport(status, reason)


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.Session("testing", "testing", region_name="us-east-1").client("s3")
        client.create_bucket(Bucket="bucket")
        yield client


def on(subject: PipelineObject, *others: PipelineObject, **cluster: str) -> Task:
    own = {"AT_resourceId": "j-1", "type": "EmrCluster", **cluster}
    return task(subject, *others, item("@Cluster", **own))


def made(plan: Any, given: Task, s3: Any = None, scratch: Path = Path("/nowhere")) -> list[Step]:
    cluster = cluster_of(given)
    assert cluster is not None
    return list(plan(given, cluster, tools(given, s3, scratch)))


def look(plan: Any, given: Task, steps: Steps, after: Outcome | None = None, claims: Claims | None = None) -> Outcome:
    checkpoint = after.checkpoint if isinstance(after, Unfinished) else None
    again = Task(given.pipeline, given.attempt, 1, given.placement, None, given.objects, checkpoint)
    held = tools(again, None, Path("/nowhere"), clusters=steps, claims=claims or Alone())
    return guarded(lambda: on_cluster(plan)(again, held))


class Ledger:
    """Claims in memory, of as many executions as there are `of` it."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}

    def of(self, execution: int) -> Claims:
        ledger = self

        class Own:
            def take(self, what: str) -> bool:
                return ledger.held.setdefault(what, execution) == execution

            def drop(self, what: str) -> None:
                if ledger.held.get(what) == execution:
                    del ledger.held[what]

        return Own()


def test_steps_stand_between_the_commands_and_keep_their_commas() -> None:
    work = item("Work", preStepCommand="a", postStepCommand="z", step=["x.jar, one,a\\\\,b", "y.jar"])
    assert [(step.jar, step.arguments) for step in made(emr_steps, on(work))] == [
        ("command-runner.jar", ("/bin/bash", "-c", "a")),
        ("x.jar", ("one", "a,b")),
        ("y.jar", ()),
        ("command-runner.jar", ("/bin/bash", "-c", "z")),
    ]


def test_programs_of_an_old_cluster_go_through_its_script_runner() -> None:
    (step,) = made(emr_steps, on(item("Work", preStepCommand="a b"), amiVersion="3.11.0"))
    assert (step.jar, step.arguments) == ("script-runner.jar", ("/bin/bash", "-c", "/bin/bash -c 'a b'"))


def test_a_hadoop_program_gets_its_class_queue_and_arguments_between_its_scripts() -> None:
    work = item(
        "Work",
        jarUri="s3://b/x.jar",
        mainClass="Main",
        hadoopQueue="high",
        argument=["in", "out"],
        preActivityTaskConfig=Ref("Before"),
        postActivityTaskConfig=Ref("After"),
    )
    before = item("Before", scriptUri="s3://b/before.sh", scriptArgument=["1", "2"])
    steps = made(hadoop_steps, on(work, before, item("After", scriptUri="s3://b/after.sh")))
    assert [step.arguments for step in steps] == [
        ("s3://b/before.sh", "1", "2"),
        ("-Dmapreduce.job.queuename=high", "in", "out"),
        ("s3://b/after.sh",),
    ]
    assert (steps[1].jar, steps[1].main_class) == ("s3://b/x.jar", "Main")


def test_hive_reads_and_writes_data_nodes_as_external_tables() -> None:
    script = "INSERT OVERWRITE TABLE ${output1} SELECT * FROM ${input1}"
    work = item("Work", hiveScript=script, input=Ref("In"), output=Ref("Out"), scriptVariable="A=B")
    (step,) = made(hive_steps, on(work, IN, OUT, FORMAT))
    program, *variables, flag, text = step.arguments
    assert (program, variables, flag) == ("hive", ["-d", "A=B"], "-e")
    lines = text.split("\n")
    table = lines[2].removeprefix("SET hivevar:input1=").rstrip(";")
    assert lines[0] == f"DROP TABLE IF EXISTS `{table}`;"
    assert lines[1] == (
        f"CREATE EXTERNAL TABLE `{table}` (`host` STRING, `size` INT) ROW FORMAT DELIMITED"
        " FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' STORED AS TEXTFILE LOCATION 's3://b/in/';"
    )
    assert "SET hive.exec.compress.output=true;" in lines
    assert lines[lines.index(script) + 1] == ";"
    assert lines[-1].startswith("DROP TABLE IF EXISTS")


def test_a_hive_script_in_s3_without_staging_runs_from_where_it_is() -> None:
    (step,) = made(hive_steps, on(item("Work", scriptUri="s3://b/x.hql", stage="false", scriptVariable=["A=1", "B=2"])))
    assert step.arguments == ("hive", "-d", "A=1", "-d", "B=2", "-f", "s3://b/x.hql")


def test_a_long_script_is_kept_beside_the_log_and_run_from_there(s3: Any, tmp_path: Path) -> None:
    work = item("Work", hiveScript="SELECT 1; " * 1000, stage="false", pipelineLogUri="s3://bucket/logs")
    (step,) = made(hive_steps, on(work), s3, tmp_path)
    key = step.arguments[-1].removeprefix("s3://bucket/")
    assert step.arguments[-2] == "-f"
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read().startswith(b"SELECT 1;")


def test_a_long_script_without_a_place_is_refused(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="set pipelineLogUri"):
        made(hive_steps, on(item("Work", hiveScript="x" * 9000, stage="false")), s3, tmp_path)


def test_an_expression_in_quotes_and_backslashes_reaches_hive_unharmed() -> None:
    form = item("R", type="RegEx", column="a STRING", inputRegEx="(\\S+);'x'")
    node = item("In", type="S3DataNode", directoryPath="s3://b/in", dataFormat=Ref("R"))
    (step,) = made(hive_steps, on(item("Work", hiveScript="SELECT 1;", input=Ref("In")), node, form))
    assert "'input.regex' = '(\\\\S+)\\073\\'x\\''" in step.arguments[-1]


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (item("N", type="SqlDataNode", table="t"), "SqlDataNode"),
        (item("N", type="S3DataNode", filePath="s3://b/x"), "directoryPath"),
        (item("N", type="S3DataNode", directoryPath="s3://b/x"), "dataFormat"),
    ],
)
def test_a_node_that_cannot_be_staged_is_refused_by_name(node: PipelineObject, reason: str) -> None:
    with pytest.raises(Rejected, match=f"N .*{reason}|{reason}.*"):
        made(hive_steps, on(item("Work", hiveScript="SELECT 1;", input=Ref("N")), node))


def test_pig_loads_inputs_and_stores_outputs_as_relations() -> None:
    script = "B = LIMIT ${input1} 1; ${output1} = FOREACH B GENERATE host;"
    (step,) = made(pig_steps, on(item("Work", script=script, input=Ref("In"), output=Ref("Out")), IN, OUT, FORMAT))
    assert step.arguments[:2] == ("pig", "-e")
    lines = step.arguments[2].split("\n")
    assert lines[0] == "input1 = LOAD 's3://b/in/' USING PigStorage(',') AS (host:chararray, size:int);"
    assert lines[1] == "B = LIMIT input1 1; output1 = FOREACH B GENERATE host;"
    assert lines[-1] == "STORE output1 INTO 's3://b/out/' USING PigStorage(',');"


def test_a_generated_pig_script_is_kept_where_the_definition_says(s3: Any, tmp_path: Path) -> None:
    work = item("Work", script="A = LOAD '$in';", scriptVariable="in=x", generatedScriptsPath="s3://bucket/scripts")
    (step,) = made(pig_steps, on(work), s3, tmp_path)
    assert step.arguments[:4] == ("pig", "-p", "in=x", "-f")
    assert step.arguments[4].startswith("s3://bucket/scripts/df-1-@Work_")


def test_a_shell_command_is_one_step_that_stages_around_it() -> None:
    work = item("Work", command="ls 'x'", scriptArgument="a b", stage="true", input=Ref("In"), output=Ref("Out"))
    (step,) = made(shell_steps, on(work, IN, OUT))
    lines = step.arguments[-1].split("\n")
    assert "aws s3 cp --only-show-errors --recursive s3://b/in/ input1/" in lines
    assert "(cd work && /bin/bash -c 'ls '\"'\"'x'\"'\"'' command 'a b') > StdOutput 2> StdError; code=$?" in lines
    assert lines[-1] == "aws s3 cp --only-show-errors --recursive output1/ s3://b/out/"


def test_steps_run_one_after_the_other_and_each_once() -> None:
    given, steps = on(item("Work", step=["a.jar", "b.jar"])), Steps()
    first = look(emr_steps, given, steps)
    assert isinstance(first, Unfinished)
    assert dict(first.progress or ())["emrStepLog"] == "s3://logs/j-1/steps/s-1/"
    assert look(emr_steps, given, steps) == first, "a second delivery finds the step that the first one submitted"
    steps.end(StepStatus.COMPLETED)
    second = look(emr_steps, given, steps, first)
    assert [step.name for step in steps.steps.values()] == [f"{NAME}1", f"{NAME}2"]
    steps.end(StepStatus.COMPLETED)
    assert look(emr_steps, given, steps, second) == Finished()


def test_two_deliveries_that_find_no_step_submit_one(s3: Any) -> None:
    given, steps, ledger = on(item("Work", step="a.jar")), Steps(), Ledger()
    inner: list[Outcome] = []
    seen = steps.find

    def find(cluster: str, name: str) -> str | None:
        found = seen(cluster, name)
        if not inner:  # the other delivery does all of its work between this one's look and its claim
            inner.append(Unfinished("none yet"))
            inner[0] = look(emr_steps, given, steps, claims=ledger.of(2))
        return found

    steps.find = find  # type: ignore[method-assign]
    outer = look(emr_steps, given, steps, claims=ledger.of(1))
    assert len(steps.steps) == 1
    assert isinstance(outer, Unfinished)
    assert look(emr_steps, given, steps, outer, ledger.of(3)) == inner[0]


def test_a_step_that_was_not_taken_is_submitted_by_whoever_comes_next() -> None:
    given, steps, ledger = on(item("Work", step="a.jar")), Steps(), Ledger()
    steps.full = True
    outcome = look(emr_steps, given, steps, claims=ledger.of(1))
    assert (isinstance(outcome, Unfinished), steps.steps) == (True, {})
    steps.full = False
    look(emr_steps, given, steps, outcome, ledger.of(2))
    assert len(steps.steps) == 1


def test_looks_become_rarer_and_still_tell_in_time_that_work_goes_on() -> None:
    given, steps = on(item("Work", step="a.jar", reportProgressTimeout="15 minutes")), Steps()
    outcome = look(emr_steps, given, steps)
    pauses, quiet, longest = [], 0.0, 0.0
    for _ in range(40):
        outcome = look(emr_steps, given, steps, outcome)
        assert isinstance(outcome, Unfinished)
        pauses.append(outcome.after.total_seconds())
        quiet += pauses[-1]
        longest = max(longest, quiet)
        quiet = 0.0 if outcome.progress is not None else quiet
    assert pauses[:9] == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert set(pauses[8:]) == {300}
    assert longest < 10 * 60


def test_the_first_step_that_fails_is_the_last_and_says_why() -> None:
    given, steps = on(item("Work", step=["a.jar", "b.jar"])), Steps()
    first = look(emr_steps, given, steps)
    steps.end(StepStatus.FAILED, "no such class")
    failed = look(emr_steps, given, steps, first)
    assert failed == Failed("StepFailed", "step 1 of 2 (s-1, step) FAILED: no such class")
    assert len(steps.steps) == 1


def test_a_cluster_that_is_gone_fails_what_ran_on_it() -> None:
    given, steps = on(item("Work", step="a.jar")), Steps()
    first = look(emr_steps, given, steps)
    steps.gone = True
    failed = look(emr_steps, given, steps, first)
    assert isinstance(failed, Failed)
    assert "j-1 is gone" in failed.message


def test_a_look_that_is_throttled_is_had_later_and_fails_nothing() -> None:
    given, steps = on(item("Work", step="a.jar")), Steps()
    first = look(emr_steps, given, steps)
    steps.throttled = True
    later = look(emr_steps, given, steps, first)
    assert isinstance(first, Unfinished)
    assert isinstance(later, Unfinished)
    assert (later.checkpoint, later.progress) == (first.checkpoint, None)
    steps.throttled = False
    steps.end(StepStatus.COMPLETED)
    assert look(emr_steps, given, steps, later) == Finished()


def test_cancelling_stops_the_attempts_own_steps_only() -> None:
    given, steps = on(item("Work", step="a.jar")), Steps()
    tenth = task(item("Work", step="a.jar"), given.objects["@Cluster"], attempt=AttemptId(f"{given.attempt}0"))
    look(emr_steps, given, steps)
    look(emr_steps, tenth, steps)
    assert cancel_steps(given, steps) == 1
    assert steps.reports["s-2"].status is StepStatus.RUNNING


def test_a_precondition_whose_command_fails_is_not_satisfied() -> None:
    given, steps = on(item("Check", command="false")), Steps()
    first = look(shell_steps, given, steps)
    steps.end(StepStatus.FAILED, "exit code 1")
    assert isinstance(first, Unfinished)
    again = Task(given.pipeline, given.attempt, 1, given.placement, None, given.objects, first.checkpoint)
    outcome = as_condition(on_cluster(shell_steps))(again, tools(again, None, Path("/nowhere"), clusters=steps))
    assert isinstance(outcome, NotSatisfied)


def test_a_task_with_a_cluster_is_submitted_and_others_are_not() -> None:
    assert executors_of(on(item("Work"))) is ON_CLUSTER
    assert executors_of(task(item("Work"))) is not ON_CLUSTER


def test_a_program_of_a_cluster_that_names_no_release_is_run_by_the_command_runner() -> None:
    assert Cluster("j-1", item("C")).program("x", "hive").jar == "command-runner.jar"
