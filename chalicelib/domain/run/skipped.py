"""What of a range of time a backfill does not begin, and why. Counted by interval numbers, however many they are."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum

from chalicelib.domain.run.plan import Component
from chalicelib.domain.run.state import Instance, PipelineState, Stretch
from chalicelib.domain.values import UtcTime

_INSTANT = timedelta(microseconds=1)


class Why(Enum):
    """Why an interval is not begun by the order.

    NOT_DUE    it was not due yet, and runs by itself
    AFTER_END  the schedule is over before it
    LIVE       it is under way: it is not begun a second time while it is
    ORDERED    an earlier backfill has ordered it and it did not begin yet: it runs once for both
    """

    NOT_DUE = "notDue"
    AFTER_END = "afterEnd"
    LIVE = "live"
    ORDERED = "ordered"


def skipped(component: Component, low: UtcTime, high: UtcTime, state: PipelineState) -> Mapping[Why, int]:
    """How many intervals that begin in [low, high) an order of the component would not begin, by reason.

    LIVE and ORDERED are among those that the order names; the others are not.
    """
    schedule = component.schedule
    if schedule is None:
        return {}
    first, last = schedule.index_at(low), schedule.index_at(high - _INSTANT)
    if schedule.period.after(schedule.start, first) < low:
        first += 1
    part = state.components.get(component.id)
    over = max(first, min(last, schedule.up_to(last)) + 1)
    due = max(first, min(over, part.next_index if part is not None else 0))
    live = {item.index for item in _own(component, state.instances.values()) if first <= item.index < due}
    found = {
        Why.NOT_DUE: over - due,
        Why.AFTER_END: last + 1 - over,
        Why.LIVE: len(live),
        Why.ORDERED: sum(_shared(each, first, due) for each in state.ordered.get(component.id, ())),
    }
    return {why: number for why, number in found.items() if number > 0}


def _own(component: Component, live: Iterable[Instance]) -> Iterable[Instance]:
    return (item for item in live if item.component == component.id and item.owner is None)


def _shared(stretch: Stretch, first: int, stop: int) -> int:
    return max(0, min(stretch.last, stop - 1) - max(stretch.first, first) + 1)
