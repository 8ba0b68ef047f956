"""Taking events in: who listens, has it been heard of before, tell the engine.

find subscriptions ── put record (once) ──► backlog ── EventsArrived ──► engine
                              ▲                    ▲
      killed here: nothing happened     killed here: told again, the record is pending and the message is sent again

The record is the one place that knows whether an event is new, so tellings may be repeated, late and in any order.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.run.events import EventsArrived
from chalicelib.domain.trigger.arrival import Arrival, event_key
from chalicelib.domain.trigger.subscription import Subscription, accepts
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.events import EventRecord, Standing
from chalicelib.ports.queues import Message, Queue
from chalicelib.service.access import Caller
from chalicelib.service.chronicle import tell_taken
from chalicelib.service.control import publish

LARGEST_FIELDS_BYTES = 200 * 1024
"""Of one event; a DynamoDB item takes 400 KB, and a queue's message 256 KB."""

_BEGINNING = 1000
_APART = timedelta(microseconds=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some events.

    pending   keys of records in a backlog, by pipeline; those that are new and those that wait since before
    known     how many had a run already, or are dead; counted once for each pipeline that listens
    unwanted  events that no armed trigger asked for
    """

    pending: tuple[tuple[PipelineId, str], ...] = ()
    known: int = 0
    unwanted: int = 0


def take(arrivals: Sequence[Arrival], ports: Ports) -> Taken:
    """Take events in; the one function that every source calls, through domain/trigger/arrival's constructors.

    Safe to repeat with the same arrivals, wholly or in part, in any order: each event starts at most one run of each
    pipeline that listens. Events of one call that go to one pipeline cost one control message.
    Raises   Throttled or Unavailable when any may not have been taken in; take all of them again
    """
    listening = {
        source: ports.store.listening(source) for source in dict.fromkeys(arrival.source for arrival in arrivals)
    }
    wanted = [
        (arrival, listener)
        for arrival in arrivals
        for listener in listening[arrival.source]
        if accepts(listener, arrival) and _may_call(listener, arrival, ports) and _in_order(listener, arrival, ports)
    ]
    now = ports.clock.now()
    # A microsecond apart, so that the backlog keeps the order in which they came.
    made = (_recorded(*pair, now + number * _APART) for number, pair in enumerate(wanted))
    records: dict[tuple[PipelineId, str], EventRecord] = {}
    for record in made:
        records.setdefault((record.pipeline_id, record.key), record)
    stored = ports.store.put_events(tuple(records.values())) if records else ()
    pending = tuple((record.pipeline_id, record.key) for record in stored if record.standing is Standing.PENDING)
    fresh = [item for item in stored if records[item.pipeline_id, item.key] == item]
    tell(pending, ports, new=len(fresh) == len(stored))
    _tell_taken(fresh)
    heard = {id(arrival) for arrival, _ in wanted}
    return Taken(pending, len(stored) - len(pending), sum(id(arrival) not in heard for arrival in arrivals))


def _tell_taken(fresh: Sequence[EventRecord]) -> None:
    """One line for each pipeline that has events it did not have."""
    for pipeline, count in Counter(item.pipeline_id for item in fresh).items():
        dead = sum(item.pipeline_id == pipeline and item.standing is Standing.DEAD for item in fresh)
        tell_taken(pipeline, count, dead)


def set_aside(body: str, ports: Ports) -> None:
    """Have what cannot be read wait, and fail, apart from what comes behind it: on the arrivals queue.

    body   in the form of that queue; of one that no message can hold only its beginning goes there
    """
    told = body if len(body.encode()) <= LARGEST_FIELDS_BYTES else json.dumps({"tooLarge": body[:_BEGINNING]})
    name = hashlib.sha256(body.encode()).hexdigest()
    ports.sender.send(Queue.ARRIVALS, [Message(name, told)])


def tell(pending: Sequence[tuple[PipelineId, str]], ports: Ports, *, new: bool = False) -> None:
    """Tell each pipeline's writer that its backlog has grown by these records.

    new  whether none of them came before others that wait: it is enough to count them then
    """
    firsts: dict[PipelineId, str] = {}
    for pipeline, key in pending:
        firsts.setdefault(pipeline, key)
    counts = Counter(pipeline for pipeline, _ in pending)
    now = ports.clock.now()
    for pipeline, key in firsts.items():
        event = EventsArrived(now, counts[pipeline] if new else 0)
        publish(ports.sender, pipeline, [(f"arrived/{key}/{now.timestamp():.6f}", event)])


def _may_call(listener: Subscription, arrival: Arrival, ports: Ports) -> bool:
    """Whether a key that the trigger does not name opens the pipeline: its owner's account has it, and no group."""
    if arrival.holder is None or listener.keys:
        return True
    record = ports.store.pipelines([listener.pipeline]).get(listener.pipeline)
    holder = Caller(arrival.holder.account, arrival.holder.key_id, frozenset())
    return record is not None and holder.sees(record)


def _in_order(listener: Subscription, arrival: Arrival, ports: Ports) -> bool:
    if not (listener.newest_only and arrival.sequence):
        return True
    newest = ports.store.is_newest(listener.pipeline, f"{arrival.source}/{arrival.subject}", arrival.sequence)
    if not newest:
        log.info("event.overtaken", extra={"pipeline": listener.pipeline, "source": arrival.source})
    return newest


def _recorded(arrival: Arrival, listener: Subscription, now: UtcTime) -> EventRecord:
    """The record of an event; dead from the start, and without its largest fields, when no store could keep it all."""
    fields, size = dict(arrival.fields), size_of(arrival.fields)
    record = EventRecord(
        listener.pipeline, event_key(arrival.identity), listener.trigger, arrival.fields, arrival.at, now
    )
    if size <= LARGEST_FIELDS_BYTES:
        return record
    while size_of(fields) > LARGEST_FIELDS_BYTES:
        fields.pop(max(fields, key=lambda name: len(fields[name])))
    error = f"the event's fields are {size} bytes, at most {LARGEST_FIELDS_BYTES} can be kept"
    return replace(record, fields=fields, standing=Standing.DEAD, error=error)


def size_of(fields: Mapping[str, str]) -> int:
    """Bytes that the fields of an event take in the store."""
    return len(json.dumps(dict(fields), ensure_ascii=False).encode(errors="replace"))
