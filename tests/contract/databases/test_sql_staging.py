"""Tables of real servers as Hive's and Pig's, the test in Hive's place; storage on moto."""

import re
from dataclasses import replace
from typing import Any

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.ports.clusters import StepStatus
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from chalicelib.work.registry import ON_CLUSTER
from tests.contract.databases.test_copies import Bench, bench, shop, sql, storage  # noqa: F401  # fixtures
from tests.unit.work.test_emr import Steps, on
from tests.workbench import item, tools

LOCATION = re.compile(r"CREATE EXTERNAL TABLE `(\w+)` \((.*?)\) ROW.*?LOCATION 's3://target/(.*?)'")


def staging(bench: Bench, *nodes: PipelineObject, **fields: Any) -> Task:  # noqa: F811
    script = "INSERT OVERWRITE TABLE ${output1} SELECT * FROM ${input1}"
    known = {"type": "HiveActivity", "hiveScript": script, "pipelineLogUri": "s3://target/logs", **fields}
    work = item("Work", input=Ref("In"), output=Ref("Out"), **known)
    return on(work, *nodes, bench.database())


def look(bench: Bench, given: Task, steps: Steps, after: Outcome | None = None) -> Outcome:  # noqa: F811
    bench.session.rollback()
    again = replace(given, checkpoint=after.checkpoint if isinstance(after, Unfinished) else None)
    return execute(ON_CLUSTER, again, tools(again, bench.s3, bench.scratch, clusters=steps))


def folders(steps: Steps) -> list[tuple[str, str]]:
    """Columns and folder of each table that the step makes."""
    (step,) = steps.steps.values()
    return [(columns, folder) for _, columns, folder in LOCATION.findall(step.arguments[-1])]


def test_a_table_is_read_by_hive_and_what_it_wrote_goes_into_another_table(shop: Bench) -> None:  # noqa: F811
    shop.session.run("CREATE TABLE others (id INT PRIMARY KEY, name VARCHAR(50), score DECIMAL(8,2))")
    shop.session.run("INSERT INTO things VALUES (1, 'a,b', 1.5), (2, NULL, NULL)")
    shop.session.commit()
    given, steps = staging(shop, sql("In"), sql("Out", table="others")), Steps()
    first = look(shop, given, steps)
    assert isinstance(first, Unfinished), first
    (columns, source), (_, target) = folders(steps)
    assert columns == "`id` INT, `name` STRING, `score` STRING"
    content = shop.stored(f"{source}part-00000")
    assert content == b"1,a\\,b,1.50\n2,\\N,\\N\n"
    shop.s3.put_object(Bucket="target", Key=f"{target}000000_0", Body=content)
    steps.end(StepStatus.COMPLETED)
    assert look(shop, given, steps, first) == Finished()
    assert shop.rows("SELECT * FROM others ORDER BY id") == [("1", "a,b", "1.50"), ("2", None, None)]
    left = [found["Key"] for found in shop.s3.list_objects_v2(Bucket="target").get("Contents", ())]
    assert not [key for key in left if "/staging/" in key]


def test_a_query_is_read_under_the_names_of_its_columns(shop: Bench) -> None:  # noqa: F811
    shop.session.run("INSERT INTO things VALUES (1, 'x', 2)")
    shop.session.commit()
    source = sql("In", selectQuery="SELECT id AS number, name FROM things WHERE id < 5")
    out = item("Out", type="S3DataNode", directoryPath="s3://target/out", dataFormat=Ref("Form"))
    form = item("Form", type="CSV", column=["number INT", "name STRING"])
    given, steps = staging(shop, source, out, form), Steps()
    assert isinstance(look(shop, given, steps), Unfinished)
    (columns, folder), _ = folders(steps)
    assert columns == "`number` STRING, `name` STRING"
    assert shop.stored(f"{folder}part-00000") == b"1,x\n"


def test_pig_loads_a_table_as_a_relation(shop: Bench) -> None:  # noqa: F811
    out = item("Out", type="S3DataNode", directoryPath="s3://target/out", dataFormat=Ref("Csv"))
    form = item("Csv", type="CSV", column=["id INT"])
    script = "${output1} = FOREACH ${input1} GENERATE id;"
    given, steps = staging(shop, sql("In"), out, form, type="PigActivity", script=script), Steps()
    assert isinstance(look(shop, given, steps), Unfinished)
    (step,) = steps.steps.values()
    assert "USING PigStorage(',') AS (id:int, name:chararray, score:chararray);" in step.arguments[-1]


def test_without_a_place_for_logs_there_is_none_for_what_is_staged(shop: Bench) -> None:  # noqa: F811
    given = staging(shop, sql("In"), sql("Out"), pipelineLogUri=[])
    outcome = look(shop, given, Steps())
    assert isinstance(outcome, Failed)
    assert "set pipelineLogUri" in outcome.message


def test_with_stage_false_a_table_is_left_to_the_script(shop: Bench) -> None:  # noqa: F811
    given, steps = staging(shop, sql("In"), sql("Out"), stage="false"), Steps()
    assert isinstance(look(shop, given, steps), Unfinished)
    assert folders(steps) == []
