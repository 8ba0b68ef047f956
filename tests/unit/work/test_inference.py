"""InferenceActivity over real storage, with a model that answers as badly as a test wants."""

import gzip
import json
import random
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.streams import KinesisStreams
from chalicelib.adapters.aws.topics import AwsTopics
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, Ref
from chalicelib.ports.errors import Missing, Throttled, Unavailable
from chalicelib.ports.inference import Answer, Endpoint, ItemRefused, ModelFailed
from chalicelib.work.inference.activity import finish_inference, infer_chunk
from chalicelib.work.inference.lane import TooManyFaults
from chalicelib.work.outcome import Failed, FannedOut, Finished
from tests.unit.work.inference_bench import IN, OUT, Bench, Model, inferring, lines, node
from tests.workbench import item


class Killed(BaseException):
    """The worker died."""


def test_each_line_has_one_result_in_order(bench: Bench) -> None:
    bench.put("a.jsonl", lines(30))
    bench.put("b.jsonl", b"\n" + lines(5, 30) + b'{"n":35}')
    outcome = bench.run(inferring(), Model())
    assert dict(outcome.fields)["itemsInferred"] == "36"
    found = bench.results()
    assert [result["item"] for result in found] == [
        *(f"s3://source/d/a.jsonl#{line}" for line in range(1, 31)),
        *(f"s3://source/d/b.jsonl#{line}" for line in range(2, 8)),
    ]
    assert found[0] == {
        "item": "s3://source/d/a.jsonl#1",
        "model": "m/v1",
        "output": {"label": "long", "score": 7},
        "at": "2026-02-03T04:05:06.000Z",
    }
    assert bench.keys() == ["e/results.jsonl"]


def test_no_items_make_an_empty_result(bench: Bench) -> None:
    assert isinstance(bench.run(inferring(), Model()), Finished)
    assert bench.text("e/results.jsonl") == b""


def test_a_file_is_written_where_it_is_named_and_its_errors_beside_it(bench: Bench) -> None:
    def refuse(line: bytes, _: int) -> None:
        if line == b'{"n":3}':
            raise ItemRefused("ask", "ModelError: not that one")

    bench.put("a.jsonl", lines(5))
    given = inferring(IN, node("Out", filePath="s3://target/e/all.jsonl"))
    assert dict(bench.run(given, Model(refuse)).fields)["itemsFailed"] == "1"
    (failed,) = bench.results("e/all.errors.jsonl")
    assert failed == bench.results("e/all.jsonl")[3]
    assert (failed["output"], failed["error"]) == (None, {"code": "ModelError", "message": "not that one"})


def test_throttling_is_waited_for_however_often(bench: Bench) -> None:
    def throttle(_: bytes, times: int) -> None:
        if times < 9:
            raise Throttled("ask", "slow down")

    bench.put("a.jsonl", lines(20))
    fields = dict(bench.run(inferring(), Model(throttle)).fields)
    assert (fields["itemsFailed"], fields["modelCalls"], fields["modelCallsThrottled"]) == ("0", "180", "160")


def test_a_model_that_fails_on_an_item_is_asked_again_and_the_item_set_aside_in_the_end(bench: Bench) -> None:
    def fail(line: bytes, times: int) -> None:
        if line == b'{"n":1}' or (line == b'{"n":2}' and times == 1):
            raise ModelFailed("ask", "ModelError: broken")

    bench.put("a.jsonl", lines(4))
    model = Model(fail)
    bench.run(inferring(itemRetries="3"), model)
    assert (model.asked[b'{"n":1}'], model.asked[b'{"n":2}']) == (4, 2)
    assert ["error" in result for result in bench.results()] == [False, True, False, False]


def test_an_item_that_alone_gets_no_answer_is_to_blame(bench: Bench) -> None:
    def hang(line: bytes, _: int) -> None:
        if line == b'{"n":0}':
            raise Unavailable("ask", "timed out")

    bench.put("a.jsonl", lines(50))
    bench.run(inferring(maxConcurrency="2"), Model(hang))
    assert [result["item"] for result in bench.results() if "error" in result] == ["s3://source/d/a.jsonl#1"]


def test_a_model_that_answers_nobody_is_waited_for_and_no_item_blamed(bench: Bench) -> None:
    def sleep(_: bytes, times: int) -> None:
        if times < 8:
            raise Unavailable("ask", "connection refused")

    bench.put("a.jsonl", lines(3))
    assert dict(bench.run(inferring(maxConcurrency="3"), Model(sleep)).fields)["itemsFailed"] == "0"


def test_a_model_that_answers_nobody_for_ten_minutes_ends_the_attempt(bench: Bench) -> None:
    def gone(_: bytes, __: int) -> None:
        raise Unavailable("ask", "connection refused")

    bench.put("a.jsonl", lines(3))
    clock = iter(range(0, 10**6, 60))
    with pytest.raises(Unavailable, match="connection refused"):
        bench.run(inferring(), Model(gone), seconds=lambda: float(next(clock)))


def test_an_endpoint_that_disappears_fails_the_attempt_and_the_next_one_goes_on(bench: Bench) -> None:
    def disappear(line: bytes, _: int) -> None:
        if line == b'{"n":20}':
            raise Missing("ask", "Endpoint m not found")

    bench.put("a.jsonl", lines(40))
    first = Model(disappear)
    with pytest.raises(Missing):
        bench.run(inferring(maxConcurrency="4"), first)
    second = Model()
    bench.run(inferring(maxConcurrency="4"), second, resumed=True)
    assert len(bench.results()) == 40
    assert sum(second.asked.values()) < 30
    assert bench.keys() == ["e/results.jsonl"]


def test_garbage_is_an_error_and_not_an_output(bench: Bench) -> None:
    class Garbage(Model):
        def invoke(self, endpoint: Endpoint, content: bytes) -> Answer:
            return Answer(b"\xff<html>", "m")

    bench.put("a.jsonl", lines(2))
    bench.run(inferring(), Garbage())
    assert [result["error"]["code"] for result in bench.results()] == ["BadAnswer"] * 2


def test_more_errors_than_wanted_fail_the_attempt(bench: Bench) -> None:
    def refuse(_: bytes, __: int) -> None:
        raise ItemRefused("ask", "no")

    bench.put("a.jsonl", lines(9))
    given = inferring(maximumFailedItems="3")
    with pytest.raises(Exception, match="maximumFailedItems is 3"):
        bench.run(given, Model(refuse))


def test_an_item_over_the_models_limit_is_not_even_sent(bench: Bench) -> None:
    bench.put("a.jsonl", b'"' + b"x" * 6_300_000 + b'"\n1\n')
    model = Model()
    bench.run(inferring(), model)
    assert [result.get("error", {}).get("code") for result in bench.results()] == ["ItemTooLarge", None]
    assert sum(model.asked.values()) == 1


def test_work_without_time_goes_on_behind_its_last_item(bench: Bench) -> None:
    bench.put("a.jsonl", lines(100))
    stop = threading.Event()

    def halt(line: bytes, _: int) -> None:
        if line == b'{"n":40}':
            stop.set()

    model = Model(halt)
    given = inferring(maxConcurrency="4")
    outcome = bench.run(given, model, cancelled=stop.is_set)
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Canceled"
    bench.run(given, model, resumed=True)
    assert len(bench.results()) == 100
    assert max(model.asked.values()) == 1


def test_rows_are_sent_as_objects_by_their_columns_and_bad_ones_set_aside(bench: Bench) -> None:
    bench.put("a.csv", b"1,x\nno number,y\n3\n4,z\\,z\n")
    model = Model()
    form = item("Csv", type="CSV", column=["n INT", "t STRING"])
    given = inferring(node("In", directoryPath="s3://source/d", dataFormat=Ref("Csv")), OUT, form, items=None)
    bench.run(given, model)
    assert sorted(model.asked) == [b'{"n":1,"t":"x"}', b'{"n":4,"t":"z,z"}']
    assert [result.get("error", {}).get("code") for result in bench.results()] == [None, "BadRecord", "BadRecord", None]


def test_rows_are_sent_as_csv_when_that_is_what_the_model_reads(bench: Bench) -> None:
    bench.put("a.tsv", b"1\tx,y\n")
    model = Model()
    form = item("Tsv", type="TSV")
    source = node("In", directoryPath="s3://source/d", dataFormat=Ref("Tsv"))
    bench.run(inferring(source, OUT, form, items=None, contentType="text/csv"), model)
    assert list(model.asked) == [b'1,"x,y"']


def test_compressed_lines_are_read(bench: Bench) -> None:
    bench.put("a.jsonl.gz", gzip.compress(lines(100)))
    bench.put("b.jsonl", lines(3))
    bench.run(inferring(includeInput="true"), Model())
    assert [result["input"]["n"] for result in bench.results()] == [*range(100), 0, 1, 2]


def test_images_are_looked_at_where_they_lie(bench: Bench) -> None:
    for key in ("a b+ü%20.png", "c.jpg", "folder/"):
        bench.put(key, b"x" if key != "folder/" else b"")
    model = Model()
    bench.run(inferring(endpoint=None, analysis="faces", items=None, labels="face", minConfidence="99"), model)
    assert sorted(map(str, model.seen)) == ["s3://source/d/a b+ü%20.png", "s3://source/d/c.jpg"]
    assert bench.results()[0]["matches"] == [{"label": "Face", "confidence": 99.5}]


def test_images_that_lines_name_are_looked_at(bench: Bench) -> None:
    bench.put("events.jsonl", b'{"bucket":"b","key":"k 1"}\n"s3://b/k2"\n{"no":"image"}\n')
    model = Model()
    bench.run(inferring(endpoint=None, analysis="labels"), model)
    assert sorted(map(str, model.seen)) == ["s3://b/k 1", "s3://b/k2"]
    assert bench.results()[2]["error"] == {"code": "BadRecord", "message": "it names no image"}


def test_events_are_asked_about_by_their_payload(bench: Bench) -> None:
    bench.put("run.jsonl", b'{"topic":"t","payload":{"a":1}}\n{"payload":"text"}\n{"key":"k"}\nno json\n')
    model = Model()
    source = item("In", type="EventBatchDataNode", filePath="s3://source/d/run.jsonl")
    bench.run(inferring(source, OUT, items=None, includeInput="true"), model)
    assert set(model.asked) == {b'{"a":1}', b'{"key":"k"}', b"text"}
    assert [result.get("input") for result in bench.results()] == [{"a": 1}, "text", {"key": "k"}, "no json"]


def test_results_go_to_a_table_a_stream_and_topics_and_a_match_raises_its_alarm_once(bench: Bench) -> None:
    keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    dynamodb, kinesis, sns, sqs = (boto3.client(name, **keys) for name in ("dynamodb", "kinesis", "sns", "sqs"))
    dynamodb.create_table(
        TableName="found",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    kinesis.create_stream(StreamName="found", ShardCount=1)
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    topics = {}
    for name in ("results", "alarms"):
        topics[name] = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(TopicArn=topics[name], Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:told")
    bench.put("a.jsonl", b'{"n":1}\n{"n":123456}\n')
    alarm = item("Tell", topicArn=topics["alarms"], subject="${@label}", message="${@item} is ${@confidence}", role="r")
    given = inferring(
        IN,
        item("Table", type="DynamoDBDataNode", tableName="found"),
        item("Stream", type="KinesisDataNode", streamName="found"),
        item("Topic", type="SnsTopicDataNode", topicArn=topics["results"]),
        alarm,
        output=[Ref("Table"), Ref("Stream"), Ref("Topic")],
        onMatch=Ref("Tell"),
        labels="long",
        minConfidence="10",
    )
    streams, told = KinesisStreams(lambda _: kinesis), AwsTopics(lambda service, _: boto3.client(service, **keys))
    fields = dict(bench.run(given, Model(), streams=streams, topics=told).fields)
    assert (fields["itemsInferred"], fields["itemsMatched"]) == ("2", "1")
    stored = dynamodb.get_item(TableName="found", Key={"id": {"S": "s3://source/d/a.jsonl#2"}})["Item"]
    assert stored["output"] == {"M": {"label": {"S": "long"}, "score": {"N": "12"}}}
    shard = kinesis.list_shards(StreamName="found")["Shards"][0]["ShardId"]
    place = kinesis.get_shard_iterator(StreamName="found", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=place["ShardIterator"])["Records"]
    assert [json.loads(record["Data"])["item"][-2:] for record in records] == ["#1", "#2"]
    bodies = [
        json.loads(message["Body"])
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    ]
    alarms = [body for body in bodies if body["TopicArn"] == topics["alarms"]]
    assert [(body["Subject"], body["Message"]) for body in alarms] == [("long", "s3://source/d/a.jsonl#2 is 12")]
    assert len(bodies) == 3


def test_records_of_a_stream_are_asked_about_by_when_they_arrived(bench: Bench) -> None:
    keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    kinesis = boto3.client("kinesis", **keys)
    kinesis.create_stream(StreamName="in", ShardCount=3)
    records = [{"Data": b'{"n":%d}' % number, "PartitionKey": str(number)} for number in range(40)]
    kinesis.put_records(StreamName="in", Records=records)
    streams, model = KinesisStreams(lambda _: kinesis), Model()
    now = datetime.now(UTC)
    around = {"startTime": f"{now - timedelta(hours=1):%FT%T}", "endTime": f"{now + timedelta(hours=1):%FT%T}"}
    source = item("In", type="KinesisDataNode", streamName="in", **around)
    bench.run(inferring(source, OUT, items=None), model, streams=streams)
    assert len(model.asked) == len(bench.results()) == 40
    assert {result["item"].split("#")[0] for result in bench.results()} == {
        f"in/shardId-00000000000{shard}" for shard in range(3)
    }
    before = item("In", type="KinesisDataNode", streamName="in", endTime=around["startTime"])
    bench.run(inferring(before, OUT, items=None), model, streams=streams)
    assert bench.results() == []


def test_runs_with_a_checkpoint_each_read_what_no_finished_run_has_read(bench: Bench) -> None:
    keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    kinesis, began = boto3.client("kinesis", **keys), datetime.now(UTC)
    kinesis.create_stream(StreamName="in", ShardCount=2)
    kinesis.put_records(StreamName="in", Records=[{"Data": b"a%d" % n, "PartitionKey": str(n)} for n in range(4)])
    node_of = item("In", type="KinesisDataNode", streamName="in", checkpoint="s3://target/marks/in.json")

    def refuse(_: bytes, __: int) -> None:
        raise ItemRefused("ask", "no")

    def run(hours: int, **changes: Any) -> list[str]:
        """What the run that was due so many hours after the records came has asked about."""
        start = f"{began + timedelta(hours=hours):%FT%T}"
        given = inferring(node_of, OUT, items=None, **{"@scheduledStartTime": start}, **changes)
        name = AttemptId(f"@Infer_{start}_Attempt=1")
        model = Model(refuse if changes else lambda line, times: None)
        with suppress(TooManyFaults):
            bench.run(
                replace(given, attempt=name, objects={**given.objects, name: given.subject}),
                model,
                streams=KinesisStreams(lambda _: kinesis),
            )
        return sorted(line.decode() for line in model.asked)

    everything = ["a0", "a1", "a2", "a3"]
    assert run(-1) == []
    assert run(1, maximumFailedItems="0") == everything
    assert run(2) == everything
    assert run(3) == []
    assert run(2) == everything
    assert run(3) == run(4) == []


def test_a_stream_is_gone_on_with_behind_the_last_record(bench: Bench) -> None:
    keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    kinesis = boto3.client("kinesis", **keys)
    kinesis.create_stream(StreamName="in", ShardCount=2)
    records = [{"Data": b'{"n":%d}' % number, "PartitionKey": str(number)} for number in range(60)]
    kinesis.put_records(StreamName="in", Records=records)
    asked: Counter[str] = Counter()

    def vanish(_: bytes, __: int) -> None:
        asked["all"] += 1
        if asked["all"] == 30:
            raise Missing("ask", "Endpoint m not found")

    given = inferring(item("In", type="KinesisDataNode", streamName="in"), OUT, items=None, maxConcurrency="2")
    streams, model = KinesisStreams(lambda _: kinesis), Model(vanish)
    with pytest.raises(Missing):
        bench.run(given, model, streams=streams)
    bench.run(given, model, streams=streams, resumed=True)
    assert len({result["item"] for result in bench.results()}) == len(bench.results()) == 60
    assert asked["all"] < 70


def test_a_file_that_changed_since_it_was_cut_is_not_mixed_up(bench: Bench) -> None:
    bench.put("a.jsonl", lines(200))
    given = inferring(maxConcurrency="16")
    outcome = bench.run(given, Model(), fans_out=True)
    assert isinstance(outcome, FannedOut)
    bench.put("a.jsonl", lines(199))
    with pytest.raises(Exception, match="it has changed since its records were shared out"):
        infer_chunk(given, outcome.chunks[0], bench.tools(given, Model()))


class Mortal:
    """Storage that nothing reaches once the worker is dead."""

    def __init__(self, inner: Any, dead: threading.Event) -> None:
        self._inner = inner
        self._dead = dead

    def __getattr__(self, name: str) -> Any:
        if self._dead.is_set():
            raise Killed
        return getattr(self._inner, name)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_killed_and_throttled_every_item_has_one_result(bench: Bench, seed: int) -> None:
    dice = random.Random(seed)
    bench.put("a.jsonl", lines(700))
    bench.put("b.jsonl", lines(500, 700))
    bad = {b'{"n":%d}' % dice.randrange(1200) for _ in range(3)}
    dead = threading.Event()

    def trouble(line: bytes, times: int) -> None:
        if dead.is_set() or dice.random() < 0.004:
            dead.set()
            raise Killed
        if dice.random() < 0.05:
            raise Throttled("ask", "slow down")
        if line in bad:
            raise ModelFailed("ask", "ModelError: broken")

    model = Model(trouble)
    given = inferring(maxConcurrency="24")
    cut = bench.run(given, model, fans_out=True)
    assert isinstance(cut, FannedOut)
    assert len(cut.chunks) == 3
    waiting, done, kills = list(range(3)), {}, 0
    while waiting:
        number = waiting.pop(dice.randrange(len(waiting)))
        used = bench.tools(given, model, resumed=True)
        used = bench.tools(given, model, resumed=True, objects=Mortal(used.objects, dead))
        try:
            outcome = infer_chunk(given, cut.chunks[number], used)
        except Killed:
            dead.clear()
            kills += 1
            waiting.append(number)
        else:
            assert isinstance(outcome, Finished)
            done[number] = outcome.fields
            waiting += [number] if dice.random() < 0.2 else []
    ended = Task(**{name: getattr(given, name) for name in Task.__slots__} | {"checkpoint": cut.checkpoint})
    results = [done[number] for number in range(3)]
    first = finish_inference(ended, results, bench.tools(ended, model))
    whole = bench.text("e/results.jsonl")
    again = finish_inference(ended, results, bench.tools(ended, model))
    assert isinstance(first, Finished)
    assert isinstance(again, Finished)
    assert bench.text("e/results.jsonl") == whole
    assert kills > 0
    assert [result["item"].rpartition("/")[2] for result in bench.results()] == [
        *(f"a.jsonl#{line}" for line in range(1, 701)),
        *(f"b.jsonl#{line}" for line in range(1, 501)),
    ]
    assert len(bench.results("e/errors.jsonl")) == len(bad)
    assert bench.keys() == ["e/errors.jsonl", "e/results.jsonl"]
