"""Running a batch of queue records: every record gets its turn, and the answer names those that failed.

A failed record is delivered again, in the end to the dead-letter queue; nothing is swallowed, because it is never
acknowledged. Each is worked on under its sender's trail; what is worked on at once, under the first one's. Exceptions
are logged by type and place, not by text: a text may quote a payload.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.domain.errors import whereabouts
from chalicelib.domain.measures import Measure, Reading
from chalicelib.domain.run.codec import decode_event
from chalicelib.domain.run.events import Event
from chalicelib.domain.trigger.arrival import Arrival
from chalicelib.domain.values import PipelineId
from chalicelib.edge.arrivals import arrivals_of
from chalicelib.edge.events import Delivery, deliveries, stream_deliveries
from chalicelib.ports.trail import along, segment

_LOG = logging.getLogger(__name__)
Failures = dict[str, list[dict[str, str]]]
Advance = Callable[[PipelineId, Sequence[Event]], None]


def each_record(event: Mapping[str, Any], work: Callable[[str, int], None]) -> Failures:
    """Call `work` with every record's body and delivery count, from 1; records are independent of each other."""
    return _answer(
        [item for item in deliveries(event) if not _performed(item, lambda found: work(found.body, found.count))]
    )


def all_arrivals(event: Mapping[str, Any], take: Callable[[Sequence[Arrival]], None]) -> Failures:
    """Call `take` once with the arrivals of every record that can be read; when it fails, all those records fail.

    One that cannot be read fails alone, however often it comes: its place is the dead-letter queue.
    """
    arrivals: list[Arrival] = []
    items = deliveries(event)
    read = [item for item in items if _worked(item, lambda found: arrivals.extend(arrivals_of(found.body)))]
    if arrivals and not _performed(read[0], lambda _: take(arrivals)):
        return _answer(items)
    return _answer([item for item in items if item not in read])


def in_order(
    event: Mapping[str, Any], take: Callable[[Sequence[Arrival]], None], set_aside: Callable[[str], None]
) -> Failures:
    """Call `take` once with the arrivals of a shard's records; one that cannot be read is set aside, to block none.

    The answer names the first record that is to come again; all behind it come again with it.
    """
    arrivals: list[Arrival] = []
    items = stream_deliveries(event)
    stuck: list[Delivery] = []
    for item in items:
        read = _worked(item, lambda found: arrivals.extend(arrivals_of(found.body)))
        if not read and not _worked(item, lambda found: set_aside(found.body)):
            stuck = [item]
            break
    if arrivals and not _performed(items[0], lambda _: take(arrivals)):
        stuck = [items[0]]
    return _answer(stuck)


def each_pipeline(event: Mapping[str, Any], advance: Advance) -> Failures:
    """Call `advance` once for every pipeline with its events in order.

    When it fails, every record of that pipeline fails, because a later one must not overtake an earlier one. A record
    that is no event fails together with those behind it; those before it are worked on.
    """
    groups: dict[str, list[Delivery]] = {}
    for item in deliveries(event):
        groups.setdefault(item.group or "", []).append(item)
    return _answer([failed for group, items in groups.items() for failed in _group_failures(group, items, advance)])


def _group_failures(group: str, items: Sequence[Delivery], advance: Advance) -> Sequence[Delivery]:
    events: list[Event] = []
    readable = _readable(items, events)
    if events and not _performed(items[0], lambda _: advance(PipelineId(group), events)):
        return items
    return items[len(readable) :]


def _readable(items: Sequence[Delivery], events: list[Event]) -> Sequence[Delivery]:
    """The records before the first that is no event; their events are put into `events`."""
    for number, item in enumerate(items):
        if not _worked(item, lambda found: events.append(decode_event(found.body))):
            return items[:number]
    return items


def _performed(item: Delivery, work: Callable[[Delivery], None]) -> bool:
    """Worked on as a segment of the sender's trace, so that one trace leads from a request to all its work."""

    def in_segment(found: Delivery) -> None:
        with segment(hop=True):
            work(found)

    return _worked(item, in_segment)


def _worked(item: Delivery, work: Callable[[Delivery], None]) -> bool:
    with along({"pipeline": item.group} if item.group else {}, correlation=item.correlation, trace=item.trace):
        return _survived(item, work)


def _survived(item: Delivery, work: Callable[[Delivery], None]) -> bool:
    try:
        work(item)
    except Exception as error:  # noqa: BLE001  the one place where a record's failure becomes a redelivery
        failed = {"messageId": item.id, "count": item.count, "reading": Reading({Measure.RECORDS_FAILED: 1})}
        _LOG.error("record.failed", extra={**failed, **whereabouts(error)})
        return False
    return True


def _answer(failed: Sequence[Delivery]) -> Failures:
    return {"batchItemFailures": [{"itemIdentifier": item.id} for item in failed]}
