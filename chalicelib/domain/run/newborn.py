"""The instance of a component in one interval, as it is before anything has happened to it."""

from chalicelib.domain.change import changed
from chalicelib.domain.run.plan import Component, instance_id
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.schedule.schedule import Interval


def newborn(turn: Turn, component: Component, index: int, interval: Interval, events: str = "") -> Instance:
    """The instance, waiting and with all its tries; not kept yet."""
    return Instance(
        id=instance_id(component.id, interval.start),
        component=component.id,
        index=index,
        start=interval.start,
        end=interval.end,
        version=turn.plan.version,
        status=Status.WAITING_ON_DEPENDENCIES,
        created=turn.now,
        tries_left=component.tries,
        events=events,
    )


def passed_over(turn: Turn, component: Component, index: int) -> Instance:
    """The same of an interval, which the component's schedule has or would have had, that was never run."""
    assert component.schedule is not None
    made = newborn(turn, component, index, component.schedule.interval(index))
    return changed(made, status=Status.SKIPPED)
