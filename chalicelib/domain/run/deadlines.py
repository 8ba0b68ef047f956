"""When time alone will do something to an instance."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.run.plan import Component, Kind, Style
from chalicelib.domain.run.state import Attempt, Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.schedule.schedule import Interval
from chalicelib.domain.values import UtcTime

SILENCE = timedelta(minutes=45)
"""A machine whose Task Runner was not heard of for this long is taken for dead; it speaks every 15 minutes."""

LOOK = timedelta(minutes=10)
"""How often a cluster that is up is asked whether it still is."""


def deadlines(instance: Instance, component: Component) -> Iterator[UtcTime]:
    """Every moment at which something happens to the instance if nothing else happens first."""
    if instance.hold_until is not None:
        yield instance.hold_until
    late = late_at(instance, component)
    if late is not None:
        yield late
    if component.precondition_timeout is not None and component.kind is Kind.PRECONDITION:
        yield component.precondition_timeout.after(instance.created)
    if instance.head is not None:
        yield from _attempt_deadlines(instance, instance.head, component)


def late_at(instance: Instance, component: Component) -> UtcTime | None:
    """When lateAfterTimeout passes, counted from when the instance was due; None once it began or is late."""
    if component.late_after is None or instance.late or component.style is Style.ONDEMAND:
        return None
    if instance.head is not None and instance.head.started is not None:
        return None
    return component.late_after.after(component.due(Interval(instance.start, instance.end)))


def _attempt_deadlines(instance: Instance, head: Attempt, component: Component) -> Iterator[UtcTime]:
    if component.kind is Kind.RESOURCE:
        yield from _resource_deadlines(instance, head, component)
    elif instance.status is Status.RUNNING and head.started is not None and instance.hold_until is None:
        if component.attempt_timeout is not None:
            yield component.attempt_timeout.after(head.started)
        yield component.progress_timeout.after(head.progress or head.started)


def _resource_deadlines(instance: Instance, head: Attempt, component: Component) -> Iterator[UtcTime]:
    if instance.status is Status.CREATING and component.init_timeout is not None:
        yield component.init_timeout.after(head.created)
    if instance.status is Status.RUNNING and head.progress is not None:
        yield head.progress + SILENCE
        if component.polled:
            yield head.progress + LOOK
    if instance.status in (Status.CREATING, Status.RUNNING) and component.terminate_after is not None:
        yield component.terminate_after.after(head.created)
