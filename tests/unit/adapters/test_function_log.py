"""Lines of functions, from CloudWatch Logs as moto plays it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.aws.function_log import CloudWatchLog

GROUPS = ("/aws/lambda/penstock-t-tasks", "/aws/lambda/penstock-t-chunks")
NOW = SystemClock().now()
MINUTE = timedelta(minutes=1)
WANTED = {"pipeline": "df-1", "attempt": '@A "x"_Attempt=1'}


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("logs", region_name="us-east-1")


def put(client: Any, group: str, *lines: str) -> None:
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="s")
    at = int(NOW.timestamp() * 1000)
    events = [{"timestamp": at + place, "message": line} for place, line in enumerate(lines)]
    client.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_lines_with_the_members_come_from_every_group_in_order(client: Any) -> None:
    log = CloudWatchLog(client, GROUPS)
    assert log.lines(WANTED, NOW - MINUTE, NOW + MINUTE, 10).lines == ()
    put(client, GROUPS[0], "START", json.dumps(WANTED | {"n": 1}), json.dumps(WANTED | {"pipeline": "df-12"}), "[1]")
    put(client, GROUPS[1], json.dumps(WANTED | {"n": 2}))
    found = log.lines(WANTED, NOW - MINUTE, NOW + MINUTE, 10)
    assert [json.loads(line.text)["n"] for line in found.lines] == [2, 1]
    assert not found.more
    first = log.lines(WANTED, NOW - MINUTE, NOW + MINUTE, 1)
    assert (len(first.lines), first.more) == (1, True)
    assert log.lines(WANTED, NOW - 2 * MINUTE, NOW - MINUTE, 10).lines == ()
