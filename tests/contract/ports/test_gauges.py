"""ports/gauges over CloudWatch: readings in the order asked for, alarms of the stage alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.aws.cloudwatch import CloudWatchGauges
from chalicelib.domain.measures import Measure
from chalicelib.ports.gauges import Gauge, Quantity, Statistic
from chalicelib.ports.queues import Queue
from chalicelib.settings import Settings

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


def gauges(client: Any) -> CloudWatchGauges:
    return CloudWatchGauges(client, "dev", Settings.read({"PENSTOCK_STAGE": "dev"}).queue)


def put(client: Any, namespace: str, name: str, dimension: tuple[str, str], value: float, at: datetime) -> None:
    named = [{"Name": dimension[0], "Value": dimension[1]}]
    datum = {"MetricName": name, "Dimensions": named, "Value": value, "Timestamp": at}
    client.put_metric_data(Namespace=namespace, MetricData=[datum])


def test_every_gauge_is_read_by_its_metric_in_the_order_asked_for(client: Any) -> None:
    at = NOW - 3 * MINUTE
    for minutes, value in ((0, 4.0), (1, 9.0)):
        put(client, "Penstock", "Throttles", ("stage", "dev"), value, at + minutes * MINUTE)
    put(client, "Penstock", "Throttles", ("stage", "prod"), 100.0, at)
    sqs, age = "AWS/SQS", "ApproximateAgeOfOldestMessage"
    put(client, sqs, age, ("QueueName", "penstock-dev-control.fifo"), 7.0, at)
    depth = "ApproximateNumberOfMessagesVisible"
    put(client, sqs, depth, ("QueueName", "penstock-dev-tasks-dead"), 2.0, at)
    put(client, "AWS/Lambda", "Errors", ("FunctionName", "penstock-dev"), 1.0, at)
    put(client, "AWS/Lambda", "Errors", ("FunctionName", "penstock-dev-tick"), 3.0, at)
    wanted = [
        Gauge(Measure.THROTTLES),
        Gauge(Quantity.QUEUE_AGE, Queue.CONTROL, Statistic.MAXIMUM),
        Gauge(Quantity.DEAD_LETTERS, Queue.TASKS, Statistic.MAXIMUM),
        Gauge(Quantity.FUNCTION_ERRORS, "api_handler"),
        Gauge(Quantity.FUNCTION_ERRORS, "tick"),
        Gauge(Quantity.QUEUE_DEPTH, Queue.CHUNKS, Statistic.MAXIMUM),
    ]
    found = gauges(client).read(wanted, NOW - timedelta(hours=1), NOW, MINUTE)
    assert [series.gauge for series in found] == wanted
    assert found[0].points == ((at, 4.0), (at + MINUTE, 9.0))
    assert [[value for _, value in series.points] for series in found[1:]] == [[7.0], [2.0], [1.0], [3.0], []]


def test_alarms_are_the_stages_own(client: Any) -> None:
    for name in ("penstock-dev-b", "penstock-dev-a", "penstock-prod-a", "other"):
        client.put_metric_alarm(
            AlarmName=name,
            AlarmDescription="It waits. See docs/runbooks/a.md",
            MetricName="M",
            Namespace="N",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    client.set_alarm_state(AlarmName="penstock-dev-b", StateValue="ALARM", StateReason="too much")
    found = gauges(client).alarms()
    assert [alarm.name for alarm in found] == ["a", "b"]
    assert (found[1].state, found[1].reason) == ("ALARM", "too much")
    assert found[0].description == "It waits. See docs/runbooks/a.md"
