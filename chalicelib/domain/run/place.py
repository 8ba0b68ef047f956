"""Where attempts of activities and preconditions execute, and how long their worker may be silent there."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.native import is_native
from chalicelib.domain.run.plan import Component
from chalicelib.domain.run.source import Source
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import ComponentId

FUNCTION_LIFE = Period(16, Unit.MINUTE)
"""A function ends within 15 minutes; its last report may be a moment on its way."""

_SYSTEM_MANAGED = frozenset({"S3KeyExists", "S3PrefixNotEmpty", "DynamoDBDataExists", "DynamoDBTableExists"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where attempts of a component execute."""

    placement: Placement | None = None
    worker_group: str | None = None
    resource: ComponentId | None = None


def place_of(source: Source, item: PipelineObject) -> Place:
    """Serverless where the type allows it, else on the machine it names, else in its worker group.

    A native activity with a worker group and no machine goes to the group: its author wants it inside that network.
    """
    machine = next((name for name in item.refs("runsOn") if name in source.objects), None)
    group = source.text(item, "workerGroup")
    wish = (source.text(item, "placement") or "").lower()
    native = is_native(item) and wish != "resource"
    if native and (machine is not None or group is None or wish == "serverless"):
        return Place(Placement.SERVERLESS)
    return _on_worker(item, machine, group)


def _on_worker(item: PipelineObject, machine: str | None, group: str | None) -> Place:
    if machine is not None:
        return Place(Placement.RESOURCE, resource=ComponentId(machine))
    if group is not None:
        return Place(Placement.WORKER_GROUP, worker_group=group)
    raise InvalidRequest(f"{item.id}: nothing says where it runs: expected 'runsOn' or 'workerGroup'")


def place_of_guard(
    source: Source, item: PipelineObject, owner: Component, components: Mapping[ComponentId, Component]
) -> Place:
    """A system-managed precondition runs in a function, a user-managed one where its owner does.

    Or where an activity around its data node does. Exists runs in a function when they all do.
    """
    if item.type in _SYSTEM_MANAGED:
        return Place(Placement.SERVERLESS)
    around = [owner.id, *(other.id for other in components.values() if owner.id in other.needs), *owner.needs]
    for name in around:
        written = source.objects[name]
        machine = next((found for found in written.refs("runsOn") if found in source.objects), None)
        group = source.text(written, "workerGroup")
        if machine is not None or group is not None:
            return _on_worker(item, machine, group)
    if item.type == "Exists":
        return Place(Placement.SERVERLESS)
    raise InvalidRequest(f"{item.id}: nothing says where it runs: {owner.id} has neither 'runsOn' nor 'workerGroup'")


def silence_of(source: Source, item: PipelineObject, place: Place) -> Period:
    """`reportProgressTimeout`. A function reports when it has something to say, so it is given its whole life.

    What runs on a cluster is looked after by functions, too.
    """
    found = source.period(item, "reportProgressTimeout") or source.limits.progress_timeout
    resource = source.objects.get(place.resource) if place.resource is not None else None
    by_function = place.placement is Placement.SERVERLESS or (resource is not None and resource.type == "EmrCluster")
    return FUNCTION_LIFE if by_function and found.shortest() < FUNCTION_LIFE.shortest() else found
