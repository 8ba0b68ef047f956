"""HiveCopyActivity with scripts around it, and as a Hive script; clusters that grow for tables."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.ports.clusters import StepStatus
from chalicelib.ports.errors import Rejected
from chalicelib.work.clusters.emr import on_cluster
from chalicelib.work.clusters.hive_copy import hive_copy_beside
from chalicelib.work.clusters.hive_tables import hive_copy_steps
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from tests.unit.work.test_emr import Steps, made, on
from tests.workbench import dynamodb, item, tools

FORMAT = item("Format", type="DynamoDBExportDataFormat", column=["k STRING", "n BIGINT"])
BARE = item("Format", type="DynamoDBExportDataFormat")
IN = item("In", type="DynamoDBDataNode", tableName="t", dataFormat=Ref("Format"), region="us_west_1")
OUT = item("Out", type="S3DataNode", directoryPath="s3://target/out")
NAME = "df-1_@Work_2026-02-03T04:00:00_Attempt=1/1."


def copying(*others: Any, source: Any = IN, **fields: Any) -> Task:
    work = item("Work", type="HiveCopyActivity", input=Ref(source.id), output=Ref("Out"), **fields)
    return on(work, source, OUT, *others)


def create(name: str, **more: Any) -> None:
    dynamodb().create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        **(more or {"BillingMode": "PAY_PER_REQUEST"}),
    )


def test_scripts_run_on_the_cluster_and_the_copy_between_them_without_it(s3: Any, tmp_path: Path) -> None:
    create("t")
    dynamodb().put_item(TableName="t", Item={"k": {"S": "x"}})
    source = item("In", type="DynamoDBDataNode", tableName="t")
    before = item("Before", type="ShellScriptConfig", scriptUri="s3://b/before.sh")
    after = item("After", type="ShellScriptConfig", scriptUri="s3://b/after.sh", scriptArgument="1")
    around = {"preActivityTaskConfig": Ref("Before"), "postActivityTaskConfig": Ref("After")}
    given, steps = copying(before, after, source=source, **around), Steps()

    def look(checkpoint: str | None) -> Outcome:
        again = Task(given.pipeline, given.attempt, 1, given.placement, None, given.objects, checkpoint)
        return execute(
            {"HiveCopyActivity": hive_copy_beside(on_cluster)}, again, tools(again, s3, tmp_path, clusters=steps)
        )

    first = look(None)
    assert isinstance(first, Unfinished)
    assert [step.name for step in steps.steps.values()] == [f"{NAME}1"]
    assert not s3.list_objects_v2(Bucket="target").get("Contents")
    steps.end(StepStatus.COMPLETED)
    second = look(first.checkpoint)
    assert isinstance(second, Unfinished)
    assert [step.arguments for step in steps.steps.values()] == [("s3://b/before.sh",), ("s3://b/after.sh", "1")]
    assert list(steps.steps.values())[1].name == f"{NAME}after1"
    assert s3.list_objects_v2(Bucket="target")["Contents"]
    steps.end(StepStatus.COMPLETED)
    assert look(second.checkpoint) == Finished((("itemsCopied", "1"),))


def test_a_script_that_fails_keeps_the_copy_from_beginning(s3: Any, tmp_path: Path) -> None:
    before = item("Before", type="ShellScriptConfig", scriptUri="s3://b/before.sh")
    given, steps = copying(before, preActivityTaskConfig=Ref("Before")), Steps()
    executors = {"HiveCopyActivity": hive_copy_beside(on_cluster)}
    first = execute(executors, given, tools(given, s3, tmp_path, clusters=steps))
    assert isinstance(first, Unfinished)
    steps.end(StepStatus.FAILED, "no luck")
    again = Task(given.pipeline, given.attempt, 1, given.placement, None, given.objects, first.checkpoint)
    failed = execute(executors, again, tools(again, s3, tmp_path, clusters=steps))
    assert isinstance(failed, Failed)
    assert "no luck" in failed.message


def test_on_its_cluster_a_copy_is_a_hive_script_with_the_filter_as_it_is_written() -> None:
    given = copying(FORMAT, placement="resource", filterSql="k RLIKE '^a'")
    (step,) = made(hive_copy_steps, given)
    program, flag, text = step.arguments
    assert (program, flag) == ("hive", "-e")
    assert "STORED BY 'org.apache.hadoop.hive.dynamodb.DynamoDBStorageHandler'" in text
    assert "'dynamodb.table.name' = 't', 'dynamodb.region' = 'us-west-1'" in text
    assert "'dynamodb.column.mapping' = 'k:k,n:n'" in text
    assert "LOCATION 's3://target/out/'" in text
    assert "WHERE k RLIKE '^a';" in text


def test_whole_items_are_maps_to_hive_and_cannot_be_asked_for_anything() -> None:
    (step,) = made(hive_copy_steps, copying(BARE, placement="resource"))
    assert step.arguments[-1].count("`item` MAP<STRING, STRING>") == 2
    with pytest.raises(Rejected, match="filterSql on a cluster needs columns"):
        made(hive_copy_steps, copying(BARE, placement="resource", filterSql="k = 'x'"))


@pytest.mark.parametrize(
    ("fields", "nodes"),
    [
        ({}, 0),
        ({"resizeClusterBeforeRunning": "true"}, 20),
        ({"resizeClusterBeforeRunning": "true", "resizeClusterMaxInstances": "4"}, 4),
        ({"resizeClusterBeforeRunning": "false", "resizeClusterMaxInstances": "4"}, 0),
    ],
)
def test_a_cluster_grows_for_the_tables_of_its_activity(
    s3: Any, tmp_path: Path, fields: dict[str, str], nodes: int
) -> None:
    create("t")
    source = item("In", type="DynamoDBDataNode", tableName="t", dataFormat=Ref("Format"))
    given, steps = copying(FORMAT, source=source, placement="resource", **fields), Steps()
    executors = {"HiveCopyActivity": hive_copy_beside(on_cluster)}
    assert isinstance(execute(executors, given, tools(given, s3, tmp_path, clusters=steps)), Unfinished)
    assert steps.nodes == nodes
