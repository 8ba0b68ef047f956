"""Native exports of DynamoDB: through S3, into other tables and regions, whole and change by change."""

import gzip
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config

from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref, render_time
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.registry import CHUNKS
from tests.contract.tables.conftest import Lab
from tests.s3_on_moto import Raw
from tests.workbench import item, task

TOOLS = "s3://any/emr-ddb.jar,org.apache.hadoop.dynamodb.tools."
ODD = {
    "raw": {"B": b"\x00\xff"},
    "deep": {"M": {"l": {"L": [{"NULL": True}, {"BOOL": False}, {"S": ""}]}, "e": {"M": {}}}},
    "sets": {"NS": ["1", "2.50"]},
}


def copy(lab: Lab, source: str, target: Any, *others: Any, **fields: Any) -> Task:
    """A HiveCopyActivity from a table to another node."""
    node = item("In", type="DynamoDBDataNode", tableName=source)
    activity = item("Work", type="HiveCopyActivity", input=Ref("In"), output=Ref(target.id), **fields)
    return task(activity, node, target, *others)


def folder(lab: Lab, path: str = "out", **fields: Any) -> Any:
    return item("Folder", type="S3DataNode", directoryPath=f"s3://{lab.bucket}/{path}", **fields)


def table(name: str, **fields: Any) -> Any:
    return item("Out", type="DynamoDBDataNode", tableName=name, **fields)


def load(lab: Lab, name: str, path: str = "out", **fields: Any) -> Task:
    node = item("Folder", type="S3DataNode", directoryPath=f"s3://{lab.bucket}/{path}")
    activity = item("Work", type="HiveCopyActivity", input=Ref("Folder"), output=Ref("Out"), **fields)
    return task(activity, node, table(name))


def window(first: datetime, behind: datetime) -> dict[str, str]:
    times = {"AT_scheduledStartTime": render_time(first), "AT_scheduledEndTime": render_time(behind)}
    return {"exportType": "INCREMENTAL_EXPORT", **times}


def in_functions(lab: Lab, given: Task) -> tuple[Outcome, int]:
    """Run as functions do, with 15 minutes each; the outcome, and how often it was put off."""
    for turns in range(50):
        outcome = lab.run(given, fans_out=True, time_left=lambda: timedelta(minutes=14))
        if not isinstance(outcome, Unfinished):
            return outcome, turns
        lab.server.exports.wait()
        given = replace(given, checkpoint=outcome.checkpoint)
    raise AssertionError("it never came to an end")


def test_a_native_export_comes_back_by_an_import(lab: Lab) -> None:
    source, back = f"a{lab.name}", f"b{lab.name}"
    lab.create(source, recovery=True)
    lab.create(back)
    lab.put(source, *(f"é{number}" for number in range(30)), **ODD)
    outcome = lab.run(copy(lab, source, folder(lab), exportType="FULL_EXPORT"))
    assert isinstance(outcome, Finished)
    fields = dict(outcome.fields)
    assert fields["itemsCopied"] == "30"
    assert fields["exportManifest"].startswith(f"s3://{lab.bucket}/out/AWSDynamoDB/")
    assert lab.run(load(lab, back)) == Finished((("itemsCopied", "30"),))
    assert lab.items(back) == lab.items(source)


def test_a_function_does_not_wait_for_an_export(lab: Lab) -> None:
    source = f"a{lab.name}"
    lab.create(source, recovery=True)
    lab.put(source, "x")
    given = copy(lab, source, folder(lab), exportType="FULL_EXPORT")
    for _ in range(2):
        outcome, turns = in_functions(lab, given)
        assert isinstance(outcome, Finished)
        assert turns <= 1
    exports = lab.dynamodb().list_exports(TableArn=_arn(lab, source))["ExportSummaries"]
    assert len(exports) == 1, "executions that ask twice get one export"


def _arn(lab: Lab, name: str) -> str:
    return str(lab.dynamodb().describe_table(TableName=name)["Table"]["TableArn"])


def test_the_steps_of_an_emr_activity_can_be_left_to_dynamodb(lab: Lab) -> None:
    source = f"a{lab.name}"
    lab.create(source, recovery=True)
    lab.put(source, "x", "y")
    step = f"{TOOLS}DynamoDbExport,s3://{lab.bucket}/out,{source},0.5"
    given = item("Work", type="EmrActivity", step=[step], exportType="FULL_EXPORT", output=Ref("Folder"))
    outcome = lab.run(task(given, folder(lab, s3EncryptionType="SERVER_SIDE_ENCRYPTION")))
    assert isinstance(outcome, Finished)
    data = [content for key, content in lab.objects("out/").items() if "/data/" in key]
    lines = [json.loads(line) for content in data for line in gzip.decompress(content).splitlines()]
    assert sorted(line["Item"]["k"]["S"] for line in lines) == ["x", "y"]
    key = next(iter(lab.objects("out/")))
    assert lab.server.client("s3").head_object(Bucket=lab.bucket, Key=key)["ServerSideEncryption"] == "AES256"


def test_without_point_in_time_recovery_the_table_is_named_and_what_to_do(lab: Lab) -> None:
    source = f"a{lab.name}"
    lab.create(source)
    outcome = lab.run(copy(lab, source, folder(lab), exportType="FULL_EXPORT"))
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Rejected"
    assert f"{source}: its point-in-time recovery is off" in outcome.message


def test_changes_of_each_interval_are_carried_into_another_region(lab: Lab) -> None:
    """Puts, updates and deletions, one interval after the other, over a copy of all that was there before."""
    source, target = f"a{lab.name}", f"a{lab.name}"
    lab.create(source, recovery=True)
    lab.create(target, "us-west-2")
    lab.put(source, "stays", "changes", "goes")
    where = {"exportDirectoryPath": f"s3://{lab.bucket}/changes"}
    out = table(target, region="us-west-2")
    begin = lab.later(minutes=20)
    assert isinstance(lab.run(copy(lab, source, out, exportType="FULL_EXPORT", **where)), Finished)
    assert lab.items(target, "us-west-2") == lab.items(source)
    for turn in range(3):
        lab.later(minutes=1)
        lab.put(source, "changes", turn={"N": str(turn)}, **ODD)
        lab.put(source, f"new {turn}", "passing")
        lab.delete(source, "passing")
        lab.dynamodb().update_item(
            TableName=source,
            Key={"k": {"S": "stays"}, "r": {"N": "1"}},
            UpdateExpression="SET n = :n",
            ExpressionAttributeValues={":n": {"N": str(turn)}},
        )
        lab.delete(source, "goes" if turn == 0 else f"new {turn - 1}")
        end = lab.later(minutes=29)
        outcome, _ = in_functions(lab, copy(lab, source, out, **where, **window(begin, end)))
        assert isinstance(outcome, Finished)
        assert lab.items(target, "us-west-2") == lab.items(source)
        begin = end
    assert lab.keys(target, "us-west-2") == ["changes", "new 2", "stays"]


def test_exports_in_one_folder_make_up_the_table_in_order(lab: Lab) -> None:
    source, back = f"a{lab.name}", f"b{lab.name}"
    lab.create(source, recovery=True)
    lab.create(back)
    lab.put(source, "a", "b")
    begin = lab.later(minutes=20)
    lab.run(copy(lab, source, folder(lab), exportType="FULL_EXPORT"))
    for gone in "ab":
        lab.put(source, "back", turn={"S": gone})
        lab.delete(source, gone)
        end = lab.later(minutes=30)
        lab.run(copy(lab, source, folder(lab), **window(begin, end)))
        begin = end
    outcome, _ = in_functions(lab, load(lab, back))
    assert isinstance(outcome, Finished)
    assert lab.items(back) == lab.items(source)
    assert lab.keys(back) == ["back"]


def test_an_export_that_is_missing_between_two_others_is_missed(lab: Lab) -> None:
    source, back = f"a{lab.name}", f"b{lab.name}"
    lab.create(source, recovery=True)
    lab.create(back)
    begin = lab.later(minutes=0)
    end = lab.later(hours=2)
    for first, behind in ((begin, begin + timedelta(minutes=30)), (end - timedelta(minutes=30), end)):
        lab.run(copy(lab, source, folder(lab), **window(first, behind)))
    outcome = lab.run(load(lab, back))
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "are in no export of the folder" in outcome.message) == ("BadFile", True)


def test_a_week_of_changes_is_exported_day_by_day(lab: Lab) -> None:
    source, target = f"a{lab.name}", f"b{lab.name}"
    lab.create(source, recovery=True)
    lab.create(target)
    begin = lab.later(minutes=0)
    for day in range(7):
        lab.put(source, "every day", turn={"N": str(day)})
        lab.put(source, f"day {day}")
        lab.later(hours=24)
    fields = {"exportDirectoryPath": f"s3://{lab.bucket}/week", **window(begin, lab.later(minutes=0))}
    outcome, _ = in_functions(lab, copy(lab, source, table(target), **fields))
    assert isinstance(outcome, Finished)
    assert lab.items(target) == lab.items(source)
    assert len([key for key in lab.objects("week/") if key.endswith("manifest-summary.json")]) == 7


def test_chunks_of_one_export_are_loaded_apart(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.tables.exports.FILE_ITEMS", 10)
    monkeypatch.setattr("chalicelib.work.tables.native_files._CHUNK_FILES", 1)
    source, back = f"a{lab.name}", f"b{lab.name}"
    lab.create(source, recovery=True)
    lab.create(back)
    lab.put(source, *map(str, range(35)))
    lab.run(copy(lab, source, folder(lab), exportType="FULL_EXPORT"))
    given = load(lab, back)
    cut = lab.run(given, fans_out=True)
    assert isinstance(cut, FannedOut)
    assert len(cut.chunks) == 4
    for text in cut.chunks:
        outcome = _chunk(lab, given, text)
        assert isinstance(outcome, Finished)
    assert lab.items(back) == lab.items(source)


def _chunk(lab: Lab, given: Task, text: str) -> Outcome:
    executor = CHUNKS["HiveCopyActivity"]
    return lab.run(given, {"HiveCopyActivity": lambda each, tools: executor.act(each, text, tools)})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"exportType": "SOME_EXPORT"}, "exportType is SOME_EXPORT, FULL_EXPORT or INCREMENTAL_EXPORT expected"),
        ({"exportType": "FULL_EXPORT", "filterSql": "k = 'x'"}, "filter when importing"),
        ({"exportType": "INCREMENTAL_EXPORT", "exportFromTime": "yesterday"}, "exportFromTime is 'yesterday'"),
        (
            {
                "exportType": "INCREMENTAL_EXPORT",
                "exportFromTime": "2026-03-01T00:00:00",
                "exportToTime": "2026-03-01T00:10:00",
            },
            "15 minutes is the least",
        ),
        (
            {
                "exportType": "INCREMENTAL_EXPORT",
                "exportFromTime": "2029-03-01T00:00:00",
                "exportToTime": "2029-03-01T01:00:00",
            },
            "still to come: use scheduleType timeseries",
        ),
        (
            {
                "exportType": "INCREMENTAL_EXPORT",
                "exportFromTime": "2020-03-01T00:00:00",
                "exportToTime": "2020-03-01T01:00:00",
            },
            "outside of the point in time recovery window",
        ),
    ],
)
def test_what_cannot_be_exported_is_told(lab: Lab, fields: dict[str, str], words: str) -> None:
    source = f"a{lab.name}"
    lab.create(source, recovery=True)
    outcome = lab.run(copy(lab, source, folder(lab), **fields))
    assert isinstance(outcome, Failed)
    assert words in outcome.message


def test_a_bucket_that_is_not_there_fails_the_export_with_dynamodbs_reason(lab: Lab) -> None:
    source = f"a{lab.name}"
    lab.create(source, recovery=True)
    nowhere = item("Folder", type="S3DataNode", directoryPath="s3://no-such-bucket-here/x")
    outcome = lab.run(copy(lab, source, nowhere, exportType="FULL_EXPORT"))
    assert isinstance(outcome, Failed)
    assert "S3NoSuchBucket" in outcome.message


def test_an_interval_that_just_ended_is_waited_for(lab: Lab) -> None:
    source = f"a{lab.name}"
    lab.create(source, recovery=True)
    begin = lab.later(minutes=0)
    end = begin + timedelta(minutes=30)
    lab.later(minutes=25)
    given = copy(lab, source, folder(lab), **window(begin, end))
    waits = lab.run(given, fans_out=True, time_left=lambda: timedelta(minutes=14))
    assert isinstance(waits, Unfinished)
    lab.later(minutes=6)
    outcome, _ = in_functions(lab, replace(given, checkpoint=waits.checkpoint))
    assert isinstance(outcome, Finished)


def test_a_look_that_is_throttled_is_had_later_and_fails_nothing(lab: Lab) -> None:
    source = f"a{lab.name}"
    lab.create(source, recovery=True)
    lab.put(source, "x")
    client = boto3.client(
        "dynamodb",
        endpoint_url=lab.server.url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 1}),
    )
    refusals = [b'{"__type":"ThrottlingException","message":"slow down"}'] * 2

    def refuse(request: AWSRequest, **_: Any) -> AWSResponse | None:
        return AWSResponse(request.url, 400, {}, Raw(refusals.pop())) if refusals else None

    client.meta.events.register("before-send.dynamodb.DescribeExport", refuse)
    given = copy(lab, source, folder(lab), exportType="FULL_EXPORT")
    outcome = lab.run(given, tables=DynamoTables(lambda _: client))
    assert isinstance(outcome, Finished)
    assert not refusals
