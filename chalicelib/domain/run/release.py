"""Whether a resource instance is wanted now, and whether anything will use it again."""

from collections.abc import Iterator

from chalicelib.domain.run.ordered import is_ordered
from chalicelib.domain.run.plan import Component, instance_id, sibling_id
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.schedule.schedule import Interval
from chalicelib.domain.values import InstanceId


def wanted_by(turn: Turn, resource: Instance, component: Component) -> bool:
    """Whether a live instance waits for nothing but this resource."""
    waiting = (turn.instances.get(found) for _, found, _ in _users(turn, resource, component))
    return any(user is not None and _waits_for(turn, user, resource.id) for user in waiting)


def _waits_for(turn: Turn, user: Instance, resource: InstanceId) -> bool:
    if user.waiting_on == (resource,):
        return True
    return any(turn.instances[guard].waiting_on == (resource,) for guard in user.waiting_on if guard in turn.instances)


def in_use(turn: Turn, resource: Instance, component: Component) -> bool:
    """Whether an instance that runs on it is live, or is still to come."""
    return any(
        found in turn.instances or _still_to_come(turn, user, index)
        for index, found, user in _users(turn, resource, component)
    )


def _still_to_come(turn: Turn, user: Component, index: int) -> bool:
    if turn.status is not PipelineStatus.SCHEDULED:
        return False
    if index < turn.progress(user.id).next_index:
        return is_ordered(turn.ordered.get(user.id, ()), index)
    return user.schedule is None or user.schedule.has(index)


def _users(turn: Turn, resource: Instance, component: Component) -> Iterator[tuple[int, InstanceId, Component]]:
    """Interval number, id and component of everything that runs on the resource instance, existing or not."""
    for name in turn.plan.users.get(component.id, ()):
        user = turn.plan.components[name]
        if user.schedule_key == component.schedule_key:
            yield resource.index, sibling_id(name, resource.id), user
        elif user.schedule is not None:
            for index in user.schedule.meeting(Interval(resource.start, resource.end), early=True):
                interval = user.schedule.interval(index)
                if resource.start <= interval.start < resource.end:
                    yield index, instance_id(name, interval.start), user
