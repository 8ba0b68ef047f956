"""Events that start runs, kept from their arrival on: against duplicates, as a backlog, for replay.

Part of the store: two implementations, one contract suite.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from chalicelib.domain.run.waiting import Waiting
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.page import Page


class Standing(Enum):
    """PENDING waits for a run, TAKEN has one, DEAD can have none, or its run failed."""

    PENDING = "pending"
    TAKEN = "taken"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event of one pipeline.

    key         from its identity, and what tells a replay from the first time
    trigger     id of the trigger object that let it in
    fields      runtime fields, names with their `@`
    at          when it happened;  arrived_at: when it was first taken in, which is its place in the backlog
    replay      name of the replay that it is part of; empty the first time
    run         start of the run that took it, as its instance ids end; empty before
    """

    pipeline_id: PipelineId
    key: str
    trigger: str
    fields: Mapping[str, str]
    at: UtcTime
    arrived_at: UtcTime
    standing: Standing = Standing.PENDING
    run: str = ""
    error: str = ""
    replay: str = ""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Records that arrived in [low, high], of one standing or of any."""

    low: UtcTime
    high: UtcTime
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class EventBatch:
    """The events of one run that has several; `uri` is where they are written as JSON Lines."""

    keys: tuple[str, ...]
    uri: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


class EventStore(Protocol):
    """Subscriptions, event records and batches. Records and batches expire as history does."""

    def arm(self, pipeline_id: PipelineId, subscriptions: Sequence[Subscription]) -> None:
        """Make these the pipeline's subscriptions, in place of all others; none disarms it."""

    def listening(self, source: str) -> Sequence[Subscription]:
        """Every subscription to the source, of any pipeline. One that is made at the same time may be missed."""

    def put_events(self, records: Sequence[EventRecord]) -> Sequence[EventRecord]:
        """Store each unless there is one of its pipeline and key; what is stored now, in the order given.

        A record that is pending afterwards is in the backlog, also when a writer died half way before.
        """

    def events(self, pipeline_id: PipelineId, keys: Sequence[str]) -> Mapping[str, EventRecord]:
        """Records by key, read consistently; absent ones are absent."""

    def pending_events(self, pipeline_id: PipelineId, limit: int) -> Sequence[Waiting]:
        """The backlog, in order of arrival then key, at most `limit`; read consistently."""

    def mark_events(
        self, pipeline_id: PipelineId, keys: Sequence[str], standing: Standing, run: str = "", error: str = ""
    ) -> None:
        """Write standing, run and error. Absent records are ignored.

        To TAKEN only from PENDING: a late repetition takes back neither a burial nor a redrive's run.
        To DEAD from any standing, unless another run has it; to PENDING only from DEAD.
        """

    def reclaim_events(self, pipeline_id: PipelineId, keys: Sequence[str], run: str) -> None:
        """Mark those TAKEN again that are DEAD and whose run is `run`; all others stay as they are."""

    def query_events(
        self, pipeline_id: PipelineId, query: EventQuery, marker: str | None, limit: int
    ) -> Page[EventRecord]:
        """Records in order of arrival then key. What was written a moment ago may be missed."""

    def put_batch(self, pipeline_id: PipelineId, run: str, batch: EventBatch) -> None:
        """Say which events a run has, replacing what was said before."""

    def batch(self, pipeline_id: PipelineId, run: str) -> EventBatch | None:
        """The run's events; None when nothing was said."""

    def is_newest(self, pipeline_id: PipelineId, subject: str, sequence: str) -> bool:
        """Whether no later event of the subject was asked for before; remembers this one if so. Repeatable."""

    def newest(self, pipeline_id: PipelineId, subject: str) -> str | None:
        """The sequence that `is_newest` remembers of the subject; None when it remembers none. Read consistently."""

    def delete_events(self, pipeline_id: PipelineId) -> None:
        """Forget everything of the pipeline, subscriptions too."""
