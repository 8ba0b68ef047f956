"""Identifiers, references and UTC times shared by every part of the domain."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType

PipelineId = NewType("PipelineId", str)
ComponentId = NewType("ComponentId", str)
InstanceId = NewType("InstanceId", str)
AttemptId = NewType("AttemptId", str)
TaskId = NewType("TaskId", str)
WorkerGroup = NewType("WorkerGroup", str)

UtcTime = datetime
"""A `datetime` whose `tzinfo` is UTC. The domain never sees a naive one."""

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Ref:
    """A field value that points at another object of the same pipeline by its id."""

    id: str


def render_time(moment: UtcTime) -> str:
    """Render as the service does: `YYYY-MM-DDTHH:MM:SS`, UTC, no fraction and no zone."""
    return moment.isoformat(timespec="seconds")[:19]


def parse_time(text: str) -> UtcTime:
    """Read `YYYY-MM-DDTHH:MM:SS` or `YYYY-MM-DD` as UTC; raise ValueError for anything else."""
    pattern = TIME_FORMAT if "T" in text else "%Y-%m-%d"
    return datetime.strptime(text, pattern).replace(tzinfo=UTC)
