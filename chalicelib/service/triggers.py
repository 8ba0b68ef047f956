"""A pipeline's trigger as its owner sees it: whether it listens, what waits, how fast events come, which came last.

Counts stop at `MOST_COUNTED`: to know that there is a lot costs no more than to know that there is some.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.events import EventQuery, EventRecord, Standing
from chalicelib.service.access import Caller
from chalicelib.service.secrets import mask_tokens
from chalicelib.service.timeline import EARLIEST, LATEST
from chalicelib.service.views import load_view

MOST_COUNTED = 200
LAST_SHOWN = 5
LOOKED_BACK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of events; `more` says that there may be others."""

    events: int
    more: bool


@dataclass(frozen=True, slots=True)
class ShownTrigger:
    """The trigger object that Default of the active definition refers to.

    item       the object, secrets masked
    listening  whether events start runs now
    backlog    events that wait for a run;  oldest: when the first of them arrived
    recent     events that arrived within LOOKED_BACK;  dead: dead letters
    last       of the recent ones the newest counted, newest first
    """

    item: PipelineObject
    batch_size: int
    batch_window: timedelta
    listening: bool
    backlog: Count
    oldest: UtcTime | None
    recent: Count
    dead: Count
    last: tuple[EventRecord, ...]


def list_triggers(pipeline_id: PipelineId, caller: Caller, ports: Ports) -> Sequence[ShownTrigger]:
    """The pipeline's triggers: one at most, and none before the first activation."""
    view = load_view(caller, pipeline_id, ports)
    batching = view.source.plan.batching if view.source is not None else None
    item = view.effective.get(batching.trigger) if batching is not None else None
    if batching is None or item is None:
        return ()
    waiting = ports.store.pending_events(pipeline_id, MOST_COUNTED + 1)
    recent = EventQuery(ports.clock.now() - LOOKED_BACK, LATEST)
    came, many = _found(pipeline_id, recent, ports)
    dead, more_dead = _found(pipeline_id, replace(recent, low=EARLIEST, standing=Standing.DEAD), ports)
    return (
        ShownTrigger(
            item=mask_tokens(item),
            batch_size=batching.size,
            batch_window=batching.window,
            listening=view.status is PipelineStatus.SCHEDULED,
            backlog=_count(len(waiting)),
            oldest=waiting[0].arrived if waiting else None,
            recent=Count(len(came), many),
            dead=Count(len(dead), more_dead),
            last=tuple(reversed(came[-LAST_SHOWN:])),
        ),
    )


def _count(found: int) -> Count:
    return Count(min(found, MOST_COUNTED), found > MOST_COUNTED)


def _found(pipeline_id: PipelineId, query: EventQuery, ports: Ports) -> tuple[Sequence[EventRecord], bool]:
    page = ports.store.query_events(pipeline_id, query, None, MOST_COUNTED)
    return page.items, page.marker is not None
