"""The stored events of a pipeline: what waits, what is dead, and giving events another run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.trigger.arrival import event_key
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.events import EventQuery, EventRecord, Standing
from chalicelib.ports.page import Page
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.backlog import claimed_keys
from chalicelib.service.intake import tell
from chalicelib.service.runs import run_instances

LISTED_AT_ONCE = 100
REDRIVEN_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class ListEvents:
    """Events that arrived in [low, high]; of one standing, or of any. `marker` is what the last page ended with."""

    pipeline_id: PipelineId
    low: UtcTime
    high: UtcTime
    standing: Standing | None = None
    marker: str | None = None
    limit: int = LISTED_AT_ONCE


@dataclass(frozen=True, slots=True)
class Redrive:
    """Keys of dead events that are to wait for a run again."""

    pipeline_id: PipelineId
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Run again what arrived in [low, high].

    name    tells this replay from others: the same again starts nothing new
    marker  where the last call stopped
    """

    pipeline_id: PipelineId
    low: UtcTime
    high: UtcTime
    name: str
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many events this call put into the backlog, and where the next one goes on; None when that was all."""

    events: int
    marker: str | None


def list_events(request: ListEvents, caller: Caller, ports: Ports) -> Page[EventRecord]:
    """A page of the pipeline's stored events, in order of arrival; the dead say why they are.

    Raises   InvalidRequest for a marker this listing did not give
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    query = EventQuery(request.low, request.high, request.standing)
    try:
        return ports.store.query_events(record.pipeline_id, query, request.marker or None, request.limit)
    except Rejected as error:
        raise InvalidRequest("marker: not one of this listing; start again without a marker") from error


@dataclass(frozen=True, slots=True)
class RunEvents:
    """What started a run: how many events, and the first of them."""

    count: int
    first: tuple[EventRecord, ...]


def run_events(pipeline_id: PipelineId, run: str, caller: Caller, ports: Ports) -> RunEvents:
    """The events that started a run, at most LISTED_AT_ONCE of them; none for a run that a schedule or person started.

    Raises   ObjectNotFound when nothing of the pipeline began then
    """
    found = run_instances(pipeline_id, run, caller, ports)
    if not found.run.events:
        return RunEvents(0, ())
    keys = claimed_keys(pipeline_id, found.run.events, ports)
    records = ports.store.events(pipeline_id, keys[:LISTED_AT_ONCE])
    return RunEvents(len(keys), tuple(records[key] for key in keys if key in records))


def redrive(request: Redrive, caller: Caller, ports: Ports) -> Sequence[str]:
    """Put dead events back into the backlog; the keys that wait now. Keys of others are left as they are.

    Raises   InvalidRequest for too many keys
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    if len(request.keys) > REDRIVEN_AT_ONCE:
        raise InvalidRequest(f"keys: expected at most {REDRIVEN_AT_ONCE}, got {len(request.keys)}")
    found = ports.store.events(record.pipeline_id, request.keys)
    wanted = [key for key, event in found.items() if event.standing is not Standing.TAKEN]
    ports.store.mark_events(record.pipeline_id, wanted, Standing.PENDING)
    tell([(record.pipeline_id, key) for key in wanted], ports)
    return wanted


def replay(request: Replay, caller: Caller, ports: Ports) -> Replayed:
    """Put a page of the events of a time range into the backlog once more, as events of their own.

    Repeating a call with the same name and marker starts nothing twice. What arrives while a replay goes on is not part
    of it, nor are events that came from a replay themselves.
    Raises   InvalidRequest for a marker this replay did not give
    """
    listing = ListEvents(request.pipeline_id, request.low, request.high, marker=request.marker)
    page = list_events(listing, caller, ports)
    now = ports.clock.now()
    copies = [_copy(event, request.name, now) for event in page.items if not event.replay]
    stored = ports.store.put_events(copies) if copies else ()
    pending = [(event.pipeline_id, event.key) for event in stored if event.standing is Standing.PENDING]
    tell(pending, ports)
    return Replayed(len(pending), page.marker)


def _copy(event: EventRecord, name: str, now: UtcTime) -> EventRecord:
    key = event_key(f"{event.key}#{name}")
    return replace(event, key=key, arrived_at=now, standing=Standing.PENDING, run="", error="", replay=name)
