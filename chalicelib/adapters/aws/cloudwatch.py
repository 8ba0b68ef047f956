"""ports/gauges over CloudWatch: one call for all readings, one for the alarms.

A reading costs $0.01 per thousand gauges; alarms are described for nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.domain.measures import NAMESPACE, STAGE, Measure
from chalicelib.domain.values import UtcTime
from chalicelib.ports.gauges import Alarm, Gauge, Quantity, Series
from chalicelib.ports.queues import Queue

_METRICS: Mapping[Quantity, tuple[str, str, str]] = {
    Quantity.QUEUE_AGE: ("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName"),
    Quantity.QUEUE_DEPTH: ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName"),
    Quantity.DEAD_LETTERS: ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName"),
    Quantity.FUNCTION_ERRORS: ("AWS/Lambda", "Errors", "FunctionName"),
    Quantity.FUNCTION_THROTTLES: ("AWS/Lambda", "Throttles", "FunctionName"),
}
_API = "api_handler"


class CloudWatchGauges:
    """client  a boto3 CloudWatch client
    stage   whose metrics and alarms
    queue   names a queue, or with `dead` its dead letters'
    """

    def __init__(self, client: Any, stage: str, queue: Callable[..., str]) -> None:
        self._client = client
        self._stage = stage
        self._queue = queue

    def read(self, gauges: Sequence[Gauge], low: UtcTime, high: UtcTime, period: timedelta) -> Sequence[Series]:
        seconds = int(period.total_seconds())
        queries = [
            {
                "Id": f"g{number}",
                "MetricStat": {"Metric": self._metric(gauge), "Period": seconds, "Stat": gauge.statistic.value},
            }
            for number, gauge in enumerate(gauges)
        ]
        points: dict[str, list[tuple[UtcTime, float]]] = {}
        for result in self._results(queries, low, high):
            moments = (moment.astimezone(UTC) for moment in result["Timestamps"])
            points.setdefault(result["Id"], []).extend(zip(moments, result["Values"], strict=True))
        return [Series(gauge, tuple(sorted(points.get(f"g{number}", ())))) for number, gauge in enumerate(gauges)]

    def _results(
        self, queries: Sequence[Mapping[str, Any]], low: UtcTime, high: UtcTime
    ) -> Iterator[Mapping[str, Any]]:
        more: Mapping[str, str] = {}
        while True:
            answer = call(
                "GetMetricData",
                self._client.get_metric_data,
                MetricDataQueries=queries,
                StartTime=low,
                EndTime=high,
                ScanBy="TimestampAscending",
                **more,
            )
            yield from answer["MetricDataResults"]
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}

    def _metric(self, gauge: Gauge) -> Mapping[str, Any]:
        if isinstance(gauge.what, Measure):
            named = [{"Name": STAGE, "Value": self._stage}]
            return {"Namespace": NAMESPACE, "MetricName": gauge.what.value, "Dimensions": named}
        namespace, name, dimension = _METRICS[gauge.what]
        value = self._name(gauge)
        return {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}

    def _name(self, gauge: Gauge) -> str:
        if isinstance(gauge.of, Queue):
            return self._queue(gauge.of, dead=gauge.what is Quantity.DEAD_LETTERS)
        return f"penstock-{self._stage}" if gauge.of == _API else f"penstock-{self._stage}-{gauge.of}"

    def alarms(self) -> Sequence[Alarm]:
        found: list[Alarm] = []
        more: Mapping[str, str] = {}
        while True:
            answer = call(
                "DescribeAlarms",
                self._client.describe_alarms,
                AlarmNamePrefix=f"penstock-{self._stage}-",
                AlarmTypes=["MetricAlarm"],
                **more,
            )
            found += [_alarm(item, f"penstock-{self._stage}-") for item in answer["MetricAlarms"]]
            if not answer.get("NextToken"):
                return sorted(found, key=lambda alarm: alarm.name)
            more = {"NextToken": answer["NextToken"]}


def _alarm(item: Mapping[str, Any], prefix: str) -> Alarm:
    return Alarm(
        item["AlarmName"].removeprefix(prefix),
        item.get("AlarmDescription", ""),
        item["StateValue"],
        item.get("StateReason", ""),
        item["StateUpdatedTimestamp"].astimezone(UTC),
    )
