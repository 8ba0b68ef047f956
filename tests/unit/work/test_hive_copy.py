"""HiveCopyActivity between tables and S3, on moto."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.transfer.formats.items import encode_item
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.registry import CHUNKS, SERVERLESS
from tests.workbench import dynamodb, item, task, tools

FORMAT = item("Format", type="DynamoDBExportDataFormat", column=["timeStamp BIGINT", "k STRING"])


@pytest.fixture
def tables(s3: Any) -> Any:
    for region in ("us-east-1", "us-west-1"):
        for name in ("t", "u"):
            dynamodb(region).create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            )
    for number in range(40):
        one = {"k": {"S": f"{number:02}"}, "timeStamp": {"N": str(number)}, "raw": {"B": b"\x00"}}
        dynamodb().put_item(TableName="t", Item=one)
    return s3


def table(name: str, of: str, **fields: Any) -> PipelineObject:
    return item(name, type="DynamoDBDataNode", tableName=of, dataFormat=Ref("Format"), **fields)


def folder(name: str, address: str = "s3://target/out") -> PipelineObject:
    return item(name, type="S3DataNode", directoryPath=address)


def copying(source: PipelineObject, target: PipelineObject, *others: PipelineObject, **fields: Any) -> Task:
    activity = item("Work", type="HiveCopyActivity", input=Ref(source.id), output=Ref(target.id), **fields)
    return task(activity, source, target, *(others or (FORMAT,)))


def run(s3: Any, tmp_path: Path, given: Task, **changes: Any) -> Outcome:
    return execute(SERVERLESS, given, tools(given, s3, tmp_path, **changes))


def keys(name: str, region: str | None = None) -> list[str]:
    return sorted(found["k"]["S"] for found in dynamodb(region).scan(TableName=name)["Items"])


def finished(items: int) -> Finished:
    return Finished((("itemsCopied", str(items)),))


def test_a_table_is_copied_into_another_region(tables: Any, tmp_path: Path) -> None:
    given = copying(table("In", "t"), table("Out", "t", region="us_west_1"))
    assert run(tables, tmp_path, given) == finished(40)
    assert keys("t", "us-west-1") == keys("t")


def test_only_what_the_filter_keeps_is_copied_and_all_of_its_attributes(tables: Any, tmp_path: Path) -> None:
    text = "`timeStamp` > unix_timestamp('1970-01-01T00:00:29', \"yyyy-MM-dd'T'HH:mm:ss\")"
    assert run(tables, tmp_path, copying(table("In", "t"), table("Out", "u"), filterSql=text)) == finished(10)
    assert keys("u") == [str(number) for number in range(30, 40)]
    assert dynamodb().get_item(TableName="u", Key={"k": {"S": "30"}})["Item"]["raw"] == {"B": b"\x00"}


def test_a_filtered_export_is_imported_through_another_filter(tables: Any, tmp_path: Path) -> None:
    out = copying(table("In", "t"), folder("Out"), filterSql="timeStamp >= 10")
    assert run(tables, tmp_path, out) == finished(30)
    back = copying(folder("In"), table("Out", "u"), filterSql="k < '20'")
    assert run(tables, tmp_path, back) == finished(10)
    assert keys("u") == [str(number) for number in range(10, 20)]


def test_an_export_is_encrypted_as_its_node_says(tables: Any, tmp_path: Path) -> None:
    out = item("Out", type="S3DataNode", directoryPath="s3://target/out", s3EncryptionType="SERVER_SIDE_ENCRYPTION")
    assert run(tables, tmp_path, copying(table("In", "t"), out)) == finished(40)
    keys = [found["Key"] for found in tables.list_objects_v2(Bucket="target")["Contents"]]
    sealed = {tables.head_object(Bucket="target", Key=key).get("ServerSideEncryption") for key in keys}
    assert (len(keys) > 1, sealed) == (True, {"AES256"})


def test_one_file_is_imported(tables: Any, tmp_path: Path) -> None:
    tables.put_object(Bucket="source", Key="d/one", Body=encode_item({"k": {"S": "x"}}).encode())
    tables.put_object(Bucket="source", Key="d/one-more", Body=b"not this")
    file = item("In", type="S3DataNode", filePath="s3://source/d/one")
    assert run(tables, tmp_path, copying(file, table("Out", "u"))) == finished(1)


@pytest.mark.parametrize("looks", range(4, 40, 5))
def test_a_copy_without_time_goes_on_behind_the_last_key(tables: Any, tmp_path: Path, looks: int) -> None:
    given = copying(table("In", "t"), table("Out", "u"))
    for _ in range(20):
        left = iter([timedelta(minutes=14), *[timedelta(minutes=13)] * looks])
        outcome = run(
            tables, tmp_path, given, fans_out=True, time_left=lambda left=left: next(left, timedelta(seconds=1))
        )
        if not isinstance(outcome, Unfinished):
            break
        given = replace(given, checkpoint=outcome.checkpoint)
    assert outcome == finished(40)
    assert keys("u") == keys("t")


def test_chunks_of_segments_make_the_whole(tables: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.work.tables.lanes.SEGMENT_BYTES", 300)
    monkeypatch.setattr("chalicelib.work.tables.lanes._FEWEST", 9)
    given = copying(table("In", "t"), table("Out", "u"))
    cut = run(tables, tmp_path, given, fans_out=True)
    assert isinstance(cut, FannedOut)
    executor, found = CHUNKS["HiveCopyActivity"], []
    for text in cut.chunks:
        outcome = executor.act(given, text, tools(given, tables, tmp_path, fans_out=True))
        assert isinstance(outcome, Finished)
        found.append(outcome.fields)
    opened = replace(given, checkpoint=cut.checkpoint)
    assert executor.finish(opened, found, tools(opened, tables, tmp_path)) == finished(40)
    assert keys("u") == keys("t")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (copying(folder("In"), folder("Out")), "one of them must be a DynamoDBDataNode"),
        (copying(table("In", "t"), table("Out", "t")), "onto itself"),
        (copying(item("In", type="SqlDataNode"), table("Out", "t")), "In is a SqlDataNode"),
        (copying(table("In", "t"), table("Out", "u"), item("Format", type="CSV")), "data format CSV"),
        (copying(table("In", "t", readThroughputPercent="2"), table("Out", "u")), "readThroughputPercent is 2"),
        (copying(table("In", "t"), table("Out", "u"), filterSql="tiemStamp > 1"), "'tiemStamp' is not declared"),
        (copying(table("In", "t"), table("Out", "none")), "describe table none"),
    ],
)
def test_what_cannot_be_copied_is_named(tables: Any, tmp_path: Path, given: Task, words: str) -> None:
    outcome = run(tables, tmp_path, given)
    assert isinstance(outcome, Failed)
    assert words in outcome.message
