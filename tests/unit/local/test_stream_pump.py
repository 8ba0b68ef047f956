"""The embedded event source for data streams: in order, from the checkpoint on, nothing lost when a batch fails."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.stream_pump import StreamPump, StreamSource


@pytest.fixture
def kinesis() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("kinesis", "us-east-1", aws_access_key_id="me", aws_secret_access_key="me")
        client.create_stream(StreamName="faces", ShardCount=1)
        yield client


class Function:
    """A handler that fails when it is told to."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []
        self.fails_at: str | None = None

    def __call__(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        records = [record["kinesis"] for record in event["Records"]]
        self.seen.append([record["partitionKey"] for record in records])
        failed = [record for record in records if record["partitionKey"] == self.fails_at]
        return {"batchItemFailures": [{"itemIdentifier": record["sequenceNumber"]} for record in failed]}


def put(kinesis: Any, *keys: str) -> None:
    for key in keys:
        kinesis.put_record(StreamName="faces", PartitionKey=key, Data=b"x")


def test_records_come_once_and_in_order(kinesis: Any) -> None:
    function = Function()
    pump = StreamPump(kinesis, StreamSource("faces", "results", function, 2))
    put(kinesis, "a", "b", "c")
    assert [pump.look(), pump.look(), pump.look()] == [2, 1, 0]
    put(kinesis, "d")
    pump.look()
    assert function.seen == [["a", "b"], ["c"], ["d"]]


def test_a_record_that_failed_comes_again_with_those_behind_it(kinesis: Any) -> None:
    function = Function()
    pump = StreamPump(kinesis, StreamSource("faces", "results", function, 10))
    put(kinesis, "a", "b", "c")
    function.fails_at = "b"
    pump.look()
    function.fails_at = None
    pump.look()
    assert function.seen == [["a", "b", "c"], ["b", "c"]]
