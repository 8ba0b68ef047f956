"""Intervals that a backfill ordered and that were not begun yet: what a component still has before it, in few numbers.

A backfill of three years is one stretch, however many instances it will make. Stretches are in order and do not touch.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.run.events import Event, TaskEnded
from chalicelib.domain.run.plan import Component, Kind, Plan
from chalicelib.domain.run.state import ComponentState, Instance, PipelineState, Stretch, split_attempt_id
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import ComponentId, UtcTime

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """What one step may begin, per component: the history rows of these intervals were asked for, and no others'."""

    indexes: Mapping[ComponentId, Sequence[int]]


def stretch_of(schedule: Schedule, low: UtcTime, high: UtcTime, reached: int) -> Stretch | None:
    """Numbers of the intervals that begin in [low, high) and before interval number `reached`; None when none does.

    Those before the schedule's start have negative numbers; after its end there are none, though activation with a
    start timestamp may have passed over them.
    """
    first = schedule.index_at(low)
    if schedule.period.after(schedule.start, first) < low:
        first += 1
    last = schedule.up_to(min(schedule.index_at(high - _INSTANT), reached - 1))
    return Stretch(first, last) if first <= last else None


def can_be_ordered(component: Component) -> bool:
    """Whether a backfill may name it: a machine comes with what runs on it, and what has no schedule has no past."""
    return component.schedule is not None and component.kind is not Kind.RESOURCE


def is_ordered(stretches: Iterable[Stretch], index: int) -> bool:
    """Whether the interval is still to be begun."""
    return any(stretch.first <= index <= stretch.last for stretch in stretches)


def with_stretch(stretches: Iterable[Stretch], added: Stretch) -> tuple[Stretch, ...]:
    """All of them and one more, as few as possible."""
    merged: list[Stretch] = []
    for stretch in sorted([*stretches, added], key=lambda item: item.first):
        if merged and stretch.first <= merged[-1].last + 1:
            merged[-1] = Stretch(merged[-1].first, max(merged[-1].last, stretch.last))
        else:
            merged.append(stretch)
    return tuple(merged)


def without(stretches: Iterable[Stretch], first: int, last: int) -> tuple[Stretch, ...]:
    """What is left when `first`..`last` are taken out."""
    left: list[Stretch] = []
    for stretch in stretches:
        if stretch.first < first:
            left.append(Stretch(stretch.first, min(stretch.last, first - 1)))
        if stretch.last > last:
            left.append(Stretch(max(stretch.first, last + 1), stretch.last))
    return tuple(left)


def numbers(stretches: Iterable[Stretch]) -> Iterator[int]:
    """Every interval number, ascending."""
    for stretch in stretches:
        yield from range(stretch.first, stretch.last + 1)


def count(stretches: Iterable[Stretch]) -> int:
    """How many intervals they are."""
    return sum(stretch.last - stretch.first + 1 for stretch in stretches)


def slots_taken(instances: Iterable[Instance]) -> Counter[ComponentId]:
    """Live instances by component. For what was ordered reruns count too: it is itself a stream of reruns."""
    return Counter(item.component for item in instances if item.owner is None)


def window(state: PipelineState, events: Iterable[Event], plan: Plan) -> Window:
    """What the step of these events may begin: as much as there are slots, counting those that the events free.

    The same for the same arguments, because the service reads history by it and the step acts by it.
    """
    if state.status is not PipelineStatus.SCHEDULED or not state.ordered:
        return Window({})
    taken = slots_taken(state.instances.values())
    taken.subtract(_ending(state, events))
    found: dict[ComponentId, Sequence[int]] = {}
    for name, stretches in state.ordered.items():
        component, part = plan.components.get(name), state.components.get(name) or ComponentState()
        room = component.max_active - taken[name] if component is not None else 0
        if room > 0 and not part.paused:
            found[name] = _first(stretches, room)
    return Window(found)


def _first(stretches: Iterable[Stretch], most: int) -> Sequence[int]:
    found: list[int] = []
    for index in numbers(stretches):
        if len(found) == most:
            break
        found.append(index)
    return found


def _ending(state: PipelineState, events: Iterable[Event]) -> Counter[ComponentId]:
    """Instances that the events may bring to their end."""
    names = {
        split[0]
        for event in events
        if isinstance(event, TaskEnded) and (split := split_attempt_id(event.attempt)) is not None
    }
    return slots_taken(state.instances[name] for name in names if name in state.instances)
