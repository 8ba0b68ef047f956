"""Which instances an instance depends on, and how they stand.

Same schedule: the instance of the same interval. Another schedule: every instance whose interval meets this one's, so a
daily activity waits for all hourly data nodes of its day, and an hourly one for the day's single instance. An on-demand
run depends only on itself. An interval that the other schedule does not have is no dependency; what a backfill runs
from before its schedule's start meets what the other schedule would have had then.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from chalicelib.domain.run.ordered import is_ordered
from chalicelib.domain.run.plan import Component, instance_id, sibling_id
from chalicelib.domain.run.spans import status_at
from chalicelib.domain.run.state import ComponentState, Instance, Stretch
from chalicelib.domain.run.status import Status
from chalicelib.domain.schedule.schedule import Interval
from chalicelib.domain.values import ComponentId, InstanceId


class Standing(Enum):
    """How one dependency stands. STUCK waits behind a failure of its own."""

    MET = "met"
    PENDING = "pending"
    STUCK = "stuck"
    FAILED = "failed"


_MET = frozenset({Status.FINISHED, Status.SKIPPED})


def meeting_keys(
    instance: Instance, mine: Component, theirs: Component, *, early: bool = False
) -> Iterator[tuple[int, InstanceId]]:
    """Interval number and instance id of every instance of `theirs` that meets `instance`, whether or not it exists.

    early  also those from before their schedule's start, which only a backfill makes: for what may depend on the
           instance, while what it depends on itself has none of those unless it is one
    """
    if mine.schedule_key == theirs.schedule_key:
        yield instance.index, sibling_id(theirs.id, instance.id)
        return
    schedule = theirs.schedule
    if schedule is None:
        return
    for index in schedule.meeting(Interval(instance.start, instance.end), early=early or instance.index < 0):
        yield index, instance_id(theirs.id, schedule.interval(index).start)


def resource_key(instance: Instance, mine: Component, resource: Component) -> tuple[int, InstanceId] | None:
    """The resource instance that runs the instance: the one whose interval contains its start, if there is one."""
    if mine.schedule_key == resource.schedule_key:
        return instance.index, sibling_id(resource.id, instance.id)
    schedule = resource.schedule
    if schedule is None:
        return None
    index = schedule.index_at(instance.start)
    exists = schedule.has(index) or (index < 0 and instance.index < 0)
    return (index, instance_id(resource.id, schedule.interval(index).start)) if exists else None


def standing(
    key: tuple[int, InstanceId],
    component: Component,
    live: Mapping[InstanceId, Instance],
    progress: ComponentState,
    ordered: Sequence[Stretch] = (),
) -> Standing:
    """How the instance with this number and id stands, from live state and the component's notes alone.

    ordered  what a backfill is still to begin of the component
    """
    index, found = key
    if found in live:
        return Standing.PENDING
    if index >= progress.next_index:
        exists = component.schedule is None or component.schedule.has(index)
        return Standing.PENDING if exists else Standing.MET
    if ordered and is_ordered(ordered, index):
        return Standing.PENDING
    status = status_at(progress.exceptions, index)
    if status in _MET:
        return Standing.MET
    return Standing.STUCK if status is Status.WAITING_ON_DEPENDENCIES else Standing.FAILED


def needs_of(
    instance: Instance, mine: Component, components: Mapping[ComponentId, Component]
) -> Iterator[tuple[Component, tuple[int, InstanceId]]]:
    """Every dependency of the instance: the component it is of, its interval number and id."""
    for need in mine.needs:
        theirs = components[need]
        for key in meeting_keys(instance, mine, theirs):
            yield theirs, key
