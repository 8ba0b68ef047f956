"""CloudWatch's readings over HTTP: what the run's own log has measured, and what was put. Its alarms are moto's.

Lambda's and SQS's metrics stand for what AWS would have measured by itself: a function's errors are the log's failed
invocations; queues are put by queue_watch.py.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from local.metrics import Sum, read

TARGET = "GraniteServiceVersion20100801."
MINUTE = 60
KEPT_MINUTES = 24 * 60
_LAMBDA = {"InvocationsFailed": "Errors"}
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Key = tuple[str, str, frozenset[tuple[str, str]]]


@dataclass
class Measures:
    """Every metric by the minute, of the last day. `log` is read on from where it was left, when somebody asks."""

    log: Path
    _sums: dict[Key, dict[int, Sum]] = field(default_factory=lambda: defaultdict(dict))
    _read_to: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """PutMetricData or GetMetricData."""
        with self._lock:
            if operation == "PutMetricData":
                return self._put(request)
            self._catch_up()
            return {"MetricDataResults": [self._result(query, request) for query in request["MetricDataQueries"]]}

    def _put(self, request: Mapping[str, Any]) -> dict[str, Any]:
        for datum in request["MetricData"]:
            named = frozenset((each["Name"], each["Value"]) for each in datum.get("Dimensions", ()))
            self._add((request["Namespace"], datum["MetricName"], named), float(datum["Timestamp"]), datum["Value"])
        return {}

    def _add(self, key: Key, seconds: float, value: float) -> None:
        minutes = self._sums[key]
        minute = int(seconds // MINUTE)
        minutes.setdefault(minute, Sum()).add(value)
        while len(minutes) > KEPT_MINUTES:
            del minutes[next(iter(minutes))]

    def _catch_up(self) -> None:
        for line in read(self._new_lines()):
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
                for metric in directive["Metrics"]:
                    self._add_line(line, directive, metric["Name"])

    def _add_line(self, line: Mapping[str, Any], directive: Mapping[str, Any], name: str) -> None:
        seconds = line["_aws"]["Timestamp"] / 1000
        for names in directive["Dimensions"]:
            named = frozenset((each, str(line[each])) for each in names)
            self._add((directive["Namespace"], name, named), seconds, line[name])
        if name in _LAMBDA and line.get("function"):
            function = {"api_handler": ""}.get(line["function"], f"-{line['function']}")
            named = frozenset({("FunctionName", f"penstock-{line['stage']}{function}")})
            self._add(("AWS/Lambda", _LAMBDA[name], named), seconds, line[name])

    def _new_lines(self) -> Iterator[str]:
        """Whole ones; what is being written is left for the next time."""
        if not self.log.exists():
            return
        with self.log.open("rb") as file:
            file.seek(self._read_to)
            content = file.read()
        whole = content.rfind(b"\n") + 1
        self._read_to += whole
        yield from content[:whole].decode(errors="replace").splitlines()

    def _result(self, query: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        named = frozenset((each["Name"], each["Value"]) for each in metric.get("Dimensions", ()))
        found: dict[int, Sum] = {}
        low, high, period = int(request["StartTime"]), int(request["EndTime"]), int(stat["Period"])
        for minute, part in self._sums.get((metric["Namespace"], metric["MetricName"], named), {}).items():
            if low <= minute * MINUTE < high:
                found.setdefault(minute * MINUTE // period * period, Sum()).join(part)
        moments = sorted(found)
        values = [_value(found[moment], stat["Stat"]) for moment in moments]
        return {
            "Id": query["Id"],
            "Label": query["Id"],
            "Timestamps": moments,
            "Values": values,
            "StatusCode": "Complete",
        }


def _value(part: Sum, statistic: str) -> float:
    known = {"Sum": part.total, "Maximum": part.highest, "SampleCount": float(part.count)}
    return known[statistic] if statistic in known else part.total / part.count


def with_measures(inner: Application, log: Path) -> Application:
    """`inner`, except that metrics are put and read here."""
    measures = Measures(log)

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix(TARGET)
        if operation not in ("GetMetricData", "PutMetricData"):
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        content = json.dumps(measures.answer(operation, json.loads(body))).encode()
        headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(content)))]
        start_response("200 OK", headers)
        return [content]

    return application
