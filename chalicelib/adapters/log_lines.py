"""Log records as lines of JSON; one that carries a Reading is CloudWatch metrics, too (embedded metric format).

A line has the moment, the level, the event's constant name, the trail's ids and the record's own fields. Of an
exception it has the type and the places, never the text: a text may quote a payload or a secret.
Source: CloudWatch user guide, "Specification: Embedded metric format"
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any

from chalicelib.domain.errors import whereabouts
from chalicelib.domain.measures import NAMESPACE, STAGE, Measure, Reading
from chalicelib.ports import trail

READING = "reading"
"""Name of the `extra` under which a record carries its Reading."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", READING}
_QUIET = {"botocore": logging.WARNING, "urllib3": logging.ERROR, "s3transfer": logging.WARNING}
_TRACED_BYTES = 128


class JsonLines(logging.Formatter):
    """Renders records; `stage` is in every line and a dimension of every metric."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage = stage

    def format(self, record: logging.LogRecord) -> str:
        line = self._line(record)
        found = getattr(record, READING, None)
        if isinstance(found, Reading):
            line |= _metrics(record.created, found.values, line)
        return json.dumps(line, separators=(",", ":"), default=str)

    def _line(self, record: logging.LogRecord) -> dict[str, Any]:
        way = trail.current()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname,
            "event": record.getMessage(),
            "logger": record.name,
            STAGE: self._stage,
            **way.ids,
        }
        if way.correlation:
            line["correlation"] = way.correlation
        if way.trace:
            line["trace"] = _root(way.trace)
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and record.exc_info[1] is not None:
            line |= whereabouts(record.exc_info[1])
        return line


def write_to(stream: IO[str], stage: str) -> None:
    """Have every record of this process written to `stream` as lines of JSON, and no other way."""
    lines = logging.StreamHandler(stream)
    lines.setFormatter(JsonLines(stage))
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(logging.INFO)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


def _root(header: str) -> str:
    """The trace's id in a header `Root=1-…;Parent=…;Sampled=1`."""
    parts = dict(part.partition("=")[::2] for part in header.split(";"))
    return parts.get("Root", header)[:_TRACED_BYTES]


def _metrics(created: float, values: Mapping[Measure, float], line: Mapping[str, Any]) -> dict[str, Any]:
    """The members that make a line metrics. One whose dimensions the line does not have is left out."""
    groups: dict[tuple[str, ...], list[Measure]] = {}
    for measure in values:
        if all(line.get(name) for name in measure.by):
            groups.setdefault(measure.by, []).append(measure)
    directives = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [list(by)],
            "Metrics": [{"Name": item.value, "Unit": item.unit.value} for item in measures],
        }
        for by, measures in groups.items()
    ]
    told = {item.value: values[item] for measures in groups.values() for item in measures}
    return {**told, "_aws": {"Timestamp": int(created * 1000), "CloudWatchMetrics": directives}} if told else {}
