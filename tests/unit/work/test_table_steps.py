"""EmrActivity steps that export and import DynamoDB tables, on moto."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, Ref
from chalicelib.ports.tables import Item
from chalicelib.transfer.formats.items import decode_item, encode_item
from chalicelib.work.execute import execute, guarded
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.registry import CHUNKS, SERVERLESS
from tests.s3_on_moto import Raw
from tests.workbench import dynamodb, item, task, tools

TOOLS = "s3://dynamodb-emr-us-east-1/emr-ddb-storage-handler/2.1.0/emr-ddb-2.1.0.jar,org.apache.hadoop.dynamodb.tools."
ITEMS: list[Item] = [
    {
        "k": {"S": f"key {number}"},
        "n": {"N": f"{number}.12345678901234567890123456789"},
        "raw": {"B": bytes([number % 256, 255])},
        "m": {"M": {"l": {"L": [{"NULL": True}, {"BOOL": False}, {"S": ""}]}, "e": {"M": {}}}},
        **({"ss": {"SS": ["a", "b"]}, "bs": {"BS": [b"\x00"]}, "ns": {"NS": ["1"]}} if number % 2 else {}),
    }
    for number in range(30)
]


def create(name: str, region: str | None = None, **more: Any) -> Any:
    client = dynamodb(region)
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        **{"BillingMode": "PAY_PER_REQUEST", **more},
    )
    return client


def fill(client: Any, name: str, items: list[Item]) -> None:
    for one in items:
        client.put_item(TableName=name, Item=one)


def held(name: str, region: str | None = None) -> dict[str, Item]:
    """The table's items by key, sets in order."""
    found = dynamodb(region).scan(TableName=name)["Items"]
    return {json.dumps(one["k"]): json.loads(encode_item(one)) for one in found}


@pytest.fixture
def table(s3: Any) -> Any:
    client = create("t")
    fill(client, "t", ITEMS)
    return client


def steps(*texts: str, attempt: str = "@Work_2026-02-03T04:00:00_Attempt=1", **fields: Any) -> Task:
    activity = item("Work", type="EmrActivity", step=list(texts), **fields)
    return task(activity, attempt=AttemptId(attempt))


def export(folder: str = "s3://target/out", table: str = "t", more: str = "") -> str:
    return f"{TOOLS}DynamoDbExport,{folder},{table},1{more}"


def load(folder: str = "s3://target/out", table: str = "u") -> str:
    return f"{TOOLS}DynamoDbImport,{folder},{table},1"


def run(s3: Any, tmp_path: Path, given: Task, **changes: Any) -> Outcome:
    return execute(SERVERLESS, given, tools(given, s3, tmp_path, **changes))


def files(s3: Any, bucket: str = "target", prefix: str = "out/") -> dict[str, bytes]:
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def exported(s3: Any) -> list[Item]:
    """Items of the files that the manifest lists."""
    found = files(s3)
    manifest = json.loads(found["out/manifest"])
    keys = [entry["url"].removeprefix("s3://target/") for entry in manifest["entries"]]
    assert sorted(found) == sorted([*keys, "out/manifest"])
    return [decode_item(line) for key in keys for line in found[key].decode().splitlines()]


def test_a_table_is_exported_with_a_manifest(table: Any, s3: Any, tmp_path: Path) -> None:
    assert run(s3, tmp_path, steps(export())) == Finished((("itemsCopied", "30"),))
    by_key = sorted(exported(s3), key=lambda one: float(str(one["n"]["N"])))
    assert [set(one) for one in by_key] == [set(one) for one in ITEMS]
    assert files(s3)["out/manifest"].startswith(b'{"name":"DynamoDB-export","version":3,\n"entries": [\n{"url":"s3://')


def test_an_export_comes_back_by_an_import(table: Any, s3: Any, tmp_path: Path) -> None:
    create("u")
    assert run(s3, tmp_path, steps(export(), load())) == Finished((("itemsCopied", "60"),))
    assert held("u") == held("t")


def test_an_empty_table_gives_an_empty_manifest(s3: Any, tmp_path: Path) -> None:
    create("t")
    create("u")
    assert run(s3, tmp_path, steps(export(), load())) == Finished((("itemsCopied", "0"),))
    assert files(s3) == {"out/manifest": b'{"name":"DynamoDB-export","version":3,\n"entries": [\n\n]}'}


def test_an_import_overwrites_and_adds(table: Any, s3: Any, tmp_path: Path) -> None:
    client = create("u")
    fill(client, "u", [{"k": {"S": "key 0"}, "old": {"S": "x"}}, {"k": {"S": "other"}}])
    run(s3, tmp_path, steps(export(), load()))
    assert held("u") == held("t") | {'{"S": "other"}': {"k": {"s": "other"}}}


def test_a_second_attempt_leaves_nothing_of_the_first(table: Any, s3: Any, tmp_path: Path) -> None:
    run(s3, tmp_path, steps(export()))
    table.delete_item(TableName="t", Key={"k": {"S": "key 1"}})
    again = steps(export(), attempt="@Work_2026-02-03T04:00:00_Attempt=2")
    assert run(s3, tmp_path, again, resumed=True) == Finished((("itemsCopied", "29"),))
    assert len(exported(s3)) == 29


def fanned(s3: Any, tmp_path: Path, given: Task, **changes: Any) -> FannedOut:
    outcome = run(s3, tmp_path, given, fans_out=True, **changes)
    assert isinstance(outcome, FannedOut)
    return outcome


def chunk(s3: Any, tmp_path: Path, given: Task, text: str, **changes: Any) -> Outcome:
    return guarded(lambda: CHUNKS["EmrActivity"].act(given, text, tools(given, s3, tmp_path, fans_out=True, **changes)))


def finish(s3: Any, tmp_path: Path, given: Task, cut: FannedOut, results: list[Outcome]) -> Outcome:
    opened = replace(given, checkpoint=cut.checkpoint)
    fields = [one.fields for one in results if isinstance(one, Finished)]
    return CHUNKS["EmrActivity"].finish(opened, fields, tools(opened, s3, tmp_path, fans_out=True))


def test_many_segments_are_fanned_out(table: Any, s3: Any, tmp_path: Path) -> None:
    given = steps(export(more=",10"))
    cut = fanned(s3, tmp_path, given)
    assert len(cut.chunks) == 3
    results = [chunk(s3, tmp_path, given, text) for text in reversed(cut.chunks)]
    assert "out/manifest" not in files(s3)
    assert finish(s3, tmp_path, given, cut, results) == Finished((("itemsCopied", "30"),))
    assert len(exported(s3)) == 30


def test_the_cut_stays_the_same_when_it_is_asked_for_again(table: Any, s3: Any, tmp_path: Path) -> None:
    given = steps(export(more=",10"))
    cut = fanned(s3, tmp_path, given)
    table.delete_table(TableName="t")
    assert fanned(s3, tmp_path, replace(given, checkpoint=cut.checkpoint)) == cut


def test_an_export_goes_on_from_its_files(table: Any, s3: Any, tmp_path: Path) -> None:
    given = steps(export())
    whole = run(s3, tmp_path, given)
    wanted = files(s3)
    for key in (sorted(wanted)[1], "out/manifest"):
        s3.delete_object(Bucket="target", Key=key)
    assert run(s3, tmp_path, given, resumed=True) == whole
    assert files(s3) == wanted


def test_an_export_without_time_is_unfinished_and_goes_on(table: Any, s3: Any, tmp_path: Path) -> None:
    given = steps(export())
    left = iter([timedelta(minutes=14), *[timedelta(minutes=13)] * 4])
    first = run(s3, tmp_path, given, fans_out=True, time_left=lambda: next(left, timedelta(seconds=1)))
    assert isinstance(first, Unfinished)
    again = replace(given, checkpoint=first.checkpoint)
    assert run(s3, tmp_path, again, fans_out=True, resumed=True) == Finished((("itemsCopied", "30"),))
    assert len(exported(s3)) == 30


@pytest.mark.parametrize("looks", range(1, 12, 2))
def test_an_import_without_time_is_unfinished_and_goes_on(table: Any, s3: Any, tmp_path: Path, looks: int) -> None:
    create("u")
    run(s3, tmp_path, steps(export()))
    given = steps(load())
    left = iter([timedelta(minutes=14), *[timedelta(minutes=13)] * looks])
    outcome = run(s3, tmp_path, given, fans_out=True, time_left=lambda: next(left, timedelta(seconds=1)))
    if isinstance(outcome, Unfinished):
        again = replace(given, checkpoint=outcome.checkpoint)
        outcome = run(s3, tmp_path, again, fans_out=True, resumed=True)
    assert outcome == Finished((("itemsCopied", "30"),))
    assert held("u") == held("t")


def test_a_canceled_export_says_so(table: Any, s3: Any, tmp_path: Path) -> None:
    outcome = run(s3, tmp_path, steps(export()), cancelled=lambda: True)
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Canceled"


def put(s3: Any, key: str, *lines: str) -> None:
    s3.put_object(Bucket="source", Key=key, Body="".join(f"{line}\n" for line in lines).encode())


def test_without_a_manifest_every_file_that_is_not_hidden_is_read(s3: Any, tmp_path: Path) -> None:
    create("u")
    put(s3, "d/ae10f955_000000", 'k\x03{"s":"1"}\x02a\x03{"nS":["5"]}')
    put(s3, "d/new", '{"Item":{"k":{"S":"2"}}}', "", '{"k":{"s":"3"}}')
    put(s3, "d/_SUCCESS", "no item")
    put(s3, "d/", "")
    s3.put_object(Bucket="source", Key="d/x.json.gz", Body=gzip.compress(b'{"Item":{"k":{"S":"4"}}}\n'))
    assert run(s3, tmp_path, steps(load("s3://source/d"))) == Finished((("itemsCopied", "4"),))
    assert sorted(held("u")) == [f'{{"S": "{number}"}}' for number in range(1, 5)]


def test_files_are_imported_in_chunks(s3: Any, tmp_path: Path) -> None:
    create("u")
    for number in range(260):
        put(s3, f"d/{number:03}", encode_item({"k": {"S": str(number)}}))
    given = steps(load("s3://source/d"))
    cut = fanned(s3, tmp_path, given)
    put(s3, "d/000a", encode_item({"k": {"S": "late"}}))
    assert len(fanned(s3, tmp_path, replace(given, checkpoint=cut.checkpoint)).chunks) == len(cut.chunks) == 2
    results = [chunk(s3, tmp_path, given, text) for text in cut.chunks]
    assert finish(s3, tmp_path, given, cut, results) == Finished((("itemsCopied", "260"),))


def test_of_items_with_one_key_in_one_batch_the_last_stays(s3: Any, tmp_path: Path) -> None:
    create("u")
    put(s3, "d/f", *(encode_item({"k": {"S": "a"}, "n": {"N": str(number)}}) for number in range(3)))
    run(s3, tmp_path, steps(load("s3://source/d")))
    assert held("u") == {'{"S": "a"}': {"k": {"s": "a"}, "n": {"n": "2"}}}


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        (['{"k":{"s":"1"}}', "{oops"], "BadRecord", "s3://source/d/f, line 2"),
        (['{"k":{"s":"1"}}', '{"x":{"s":"no key"}}'], "BadRecord", "s3://source/d/f, line 2"),
    ],
)
def test_a_bad_line_fails_by_its_number(s3: Any, tmp_path: Path, lines: list[str], error: str, words: str) -> None:
    create("u")
    put(s3, "d/f", *lines)
    outcome = run(s3, tmp_path, steps(load("s3://source/d")))
    assert isinstance(outcome, Failed)
    assert outcome.error_id == error
    assert words in outcome.message


def failure(s3: Any, tmp_path: Path, given: Task) -> Failed:
    outcome = run(s3, tmp_path, given)
    assert isinstance(outcome, Failed)
    return outcome


def test_what_is_missing_is_named(s3: Any, tmp_path: Path) -> None:
    create("u")
    assert "describe table t" in failure(s3, tmp_path, steps(export())).message
    assert "s3://target/out/" in failure(s3, tmp_path, steps(load())).message
    manifest = b'{"version":3,"entries":[{"url":"s3://target/elsewhere/f","mandatory":true}]}'
    s3.put_object(Bucket="target", Key="out/manifest", Body=manifest)
    found = failure(s3, tmp_path, steps(load()))
    assert (found.error_id, "s3://target/elsewhere/f" in found.message) == ("Missing", True)


def test_a_manifest_of_another_version_is_refused(s3: Any, tmp_path: Path) -> None:
    create("u")
    s3.put_object(Bucket="target", Key="out/manifest", Body=b'{"version":2,"entries":[]}')
    assert "version is 2" in failure(s3, tmp_path, steps(load())).message


def test_a_table_is_found_in_the_region_of_its_node_or_of_the_cluster(s3: Any, tmp_path: Path) -> None:
    fill(create("t", "eu-west-1"), "t", ITEMS)
    node = item("In", type="DynamoDBDataNode", tableName="t", region="eu_west_1")
    activity = item("Work", type="EmrActivity", step=export(), input=Ref("In"), region="us-west-2")
    assert run(s3, tmp_path, task(activity, node)) == Finished((("itemsCopied", "30"),))
    assert run(s3, tmp_path, steps(export(), region="eu-west-1")) == Finished((("itemsCopied", "30"),))


class Time:
    """Passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def impatient() -> Any:
    """A client that does not try again by itself."""
    once = Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client("dynamodb", "us-east-1", config=once, **keys)


def busy(client: Any, operation: str, times: int) -> None:
    """The table is throttled so often before it answers."""
    body = b'{"__type": "com.amazonaws#ProvisionedThroughputExceededException", "message": "slow down"}'
    refusals = iter([AWSResponse("http://x", 400, {}, Raw(body))] * times)
    client.meta.events.register(f"before-send.dynamodb.{operation}", lambda **_: next(refusals, None))


def test_throttling_is_waited_out(table: Any, s3: Any, tmp_path: Path) -> None:
    create("u")
    clock = Time()
    client = impatient()
    for operation in ("Scan", "BatchWriteItem"):
        busy(client, operation, 25)
    given = steps(export(), load())
    made = tools(given, s3, tmp_path, seconds=clock.seconds, pause=clock.pause)
    made.tables._clients = lambda _: client  # type: ignore[attr-defined]
    assert execute(SERVERLESS, given, made) == Finished((("itemsCopied", "60"),))
    assert clock.now > 0


def test_the_ratio_bounds_the_rate(s3: Any, tmp_path: Path) -> None:
    clock = Time()
    units = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 10}
    fill(create("t", BillingMode="PROVISIONED", ProvisionedThroughput=units), "t", ITEMS)
    create("u", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    run(s3, tmp_path, steps(export()))
    given = steps(load()[:-1] + "0.2")
    assert isinstance(run(s3, tmp_path, given, seconds=clock.seconds, pause=clock.pause), Finished)
    assert clock.now > 0
