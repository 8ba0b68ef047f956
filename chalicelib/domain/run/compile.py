"""A definition to a plan. Only fields that steer the engine are read here; executors get theirs with their task.

Such a field may hold expressions over parameters and other fields, not over runtime fields: there is no instance yet.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.catalog import Category, object_type
from chalicelib.domain.definition.inherit import effective
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.definition.parameters import parameter_values
from chalicelib.domain.errors import ExpressionError, InvalidRequest
from chalicelib.domain.expression.evaluate import evaluate
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.native import is_native
from chalicelib.domain.run.plan import Component, Kind, Plan, Style
from chalicelib.domain.run.timing import Timing, timing_of
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import ComponentId, UtcTime

FUNCTION_LIFE = Period(16, Unit.MINUTE)
"""A function ends within 15 minutes; its last report may be a moment on its way."""

_SYSTEM_MANAGED = frozenset({"S3KeyExists", "S3PrefixNotEmpty", "DynamoDBDataExists", "DynamoDBTableExists"})

_KINDS = {
    Category.ACTIVITY: Kind.ACTIVITY,
    Category.DATANODE: Kind.DATANODE,
    Category.RESOURCE: Kind.RESOURCE,
    Category.PRECONDITION: Kind.PRECONDITION,
}
_MACHINES = frozenset({"Ec2Resource", "EmrCluster"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where attempts of a component execute."""

    placement: Placement | None = None
    worker_group: str | None = None
    resource: ComponentId | None = None


class Source:
    """The effective objects, and their steering fields as values."""

    def __init__(self, definition: Definition, limits: Limits) -> None:
        self.objects = effective(definition)
        self.limits = limits
        self._scene = Scene(self.objects, parameter_values(definition), {})
        self.kinds = {name: kind for name, item in self.objects.items() if (kind := _kind(item)) is not None}

    def text(self, item: PipelineObject, key: str) -> str | None:
        """A field with its expressions evaluated; None when absent. Raises InvalidRequest."""
        written = item.text(key)
        if written is None or "#{" not in written:
            return written
        try:
            values = evaluate(written, self._scene.linked(item.id))
        except ExpressionError as error:
            raise InvalidRequest(f"{item.id}: '{key}' must not depend on run-time fields: {error}") from error
        return values[-1] if values else None

    def period(self, item: PipelineObject, key: str) -> Period | None:
        """A Period field. Raises InvalidRequest naming object, field, what was given and what was expected."""
        written = self.text(item, key)
        if written is None:
            return None
        try:
            return Period.parse(written)
        except ValueError as error:
            raise InvalidRequest(f"{item.id}: '{key}': {error}") from error

    def progress_timeout(self, item: PipelineObject, placement: Placement | None) -> Period:
        """`reportProgressTimeout`. A function reports when it has something to say, so it is given its whole life."""
        found = self.period(item, "reportProgressTimeout") or self.limits.progress_timeout
        if placement is not Placement.SERVERLESS or found.shortest() >= FUNCTION_LIFE.shortest():
            return found
        return FUNCTION_LIFE

    def number(self, item: PipelineObject, key: str, otherwise: int) -> int:
        """An Integer field, or `otherwise` when absent. Raises InvalidRequest."""
        written = self.text(item, key)
        if written is None:
            return otherwise
        try:
            return int(written)
        except ValueError as error:
            raise InvalidRequest(f"{item.id}: '{key}' is {written!r}: expected a whole number") from error

    def runnable(self, item: PipelineObject, key: str) -> tuple[ComponentId, ...]:
        """The activities, data nodes and resources that a reference field points at."""
        return tuple(
            ComponentId(name)
            for name in item.refs(key)
            if name in self.kinds and self.kinds[name] is not Kind.PRECONDITION
        )

    def of_kind(self, *kinds: Kind) -> Iterator[PipelineObject]:
        """Objects of these kinds, in definition order."""
        return (item for name, item in self.objects.items() if self.kinds.get(name) in kinds)


def _kind(item: PipelineObject) -> Kind | None:
    found = object_type(item.type) if item.type else None
    if found is None or (found.category is Category.RESOURCE and found.name not in _MACHINES):
        return None
    return _KINDS.get(found.category)


def compile_plan(definition: Definition, limits: Limits, first_activation: UtcTime, version: int = 0) -> Plan:
    """Work out timing, dependencies, placement and policies of every component.

    first_activation  what `startAt: FIRST_ACTIVATION_DATE_TIME` means
    Raises   InvalidRequest when a steering field has no usable value; a valid definition has none such
    """
    source = Source(definition, limits)
    default = source.objects.get("Default")
    on_demand = default is not None and (source.text(default, "scheduleType") or "").lower() == Style.ONDEMAND.value
    producers = _producers(source)
    timings = timing_of(source, on_demand=on_demand, first_activation=first_activation)
    components = {
        ComponentId(item.id): _component(source, item, timings[item.id], producers)
        for item in source.of_kind(Kind.ACTIVITY, Kind.DATANODE, Kind.RESOURCE)
    }
    guards = dict(_guards(source, components))
    shared = [precondition for precondition, _ in guards]
    return Plan(
        version=version,
        components=components,
        guards=guards,
        consumers=_reverse((item.id, item.needs) for item in components.values()),
        users=_users(components, guards),
        shared=frozenset(name for name in shared if shared.count(name) > 1),
        on_demand=on_demand,
        concurrent=source.number(default, "maxActiveInstances", 1) if default is not None else 1,
    )


def _producers(source: Source) -> Mapping[str, tuple[ComponentId, ...]]:
    """Activities by the data nodes they write; one that also reads the node does not make it."""
    found: dict[str, list[ComponentId]] = defaultdict(list)
    for item in source.of_kind(Kind.ACTIVITY):
        for output in item.refs("output"):
            if output not in item.refs("input"):
                found[output].append(ComponentId(item.id))
    return {name: tuple(makers) for name, makers in found.items()}


def _component(
    source: Source, item: PipelineObject, timing: Timing, producers: Mapping[str, tuple[ComponentId, ...]]
) -> Component:
    kind = source.kinds[item.id]
    place = _placed(source, item) if kind is Kind.ACTIVITY else Place()
    own = (ComponentId(item.id), *item.refs("runsOn"))
    needs = (*source.runnable(item, "input"), *producers.get(item.id, ()), *source.runnable(item, "dependsOn"))
    delay = source.period(item, "retryDelay")
    alarms = {key: _actions(source, item, key) for key in ("onSuccess", "onFail", "onLateAction")}
    return Component(
        id=ComponentId(item.id),
        kind=kind,
        style=timing.style,
        schedule=timing.schedule,
        schedule_key=timing.key,
        needs=tuple(dict.fromkeys(need for need in needs if need not in own)),
        preconditions=_preconditions(source, item),
        placement=place.placement,
        worker_group=place.worker_group,
        resource=place.resource,
        tries=source.number(item, "maximumRetries", source.limits.default_retries) + 1,
        max_active=source.number(item, "maxActiveInstances", source.limits.default_active_instances),
        cascade=_says(source, item, "failureAndRerunMode", "cascade"),
        retry_delay=delay.longest() if delay else source.limits.default_retry_delay,
        attempt_timeout=source.period(item, "attemptTimeout"),
        progress_timeout=source.progress_timeout(item, place.placement),
        late_after=source.period(item, "lateAfterTimeout"),
        terminate_after=source.period(item, "terminateAfter"),
        init_timeout=source.period(item, "initTimeout") or source.limits.default_init_timeout,
        on_success=alarms["onSuccess"],
        on_fail=alarms["onFail"],
        on_late=alarms["onLateAction"],
        terminates_when_late=any(
            source.objects[name].type == "Terminate" for name in item.refs("onLateAction") if name in source.objects
        ),
        retries_when_resource_fails=not _says(source, item, "actionOnResourceFailure", "retrynone"),
        ends_when_task_fails=_says(source, item, "actionOnTaskFailure", "terminate"),
        polled=item.type == "EmrCluster",
    )


def _says(source: Source, item: PipelineObject, key: str, word: str) -> bool:
    return (source.text(item, key) or "").lower() == word


def _actions(source: Source, item: PipelineObject, key: str) -> tuple[ComponentId, ...]:
    """Action objects to fire; Terminate is the engine's own and not among them."""
    return tuple(
        ComponentId(name)
        for name in item.refs(key)
        if name in source.objects and source.objects[name].type not in (None, "Terminate")
    )


def _preconditions(source: Source, item: PipelineObject) -> tuple[ComponentId, ...]:
    return tuple(ComponentId(name) for name in item.refs("precondition") if source.kinds.get(name) is Kind.PRECONDITION)


def _placed(source: Source, item: PipelineObject) -> Place:
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


def _guards(
    source: Source, components: Mapping[ComponentId, Component]
) -> Iterator[tuple[tuple[ComponentId, ComponentId], Component]]:
    for owner in components.values():
        for name in owner.preconditions:
            yield (name, owner.id), _guard(source, source.objects[name], owner, components)


def _guard(
    source: Source, item: PipelineObject, owner: Component, components: Mapping[ComponentId, Component]
) -> Component:
    delay = source.period(item, "retryDelay")
    place = Place(Placement.SERVERLESS)
    if item.type not in _SYSTEM_MANAGED:
        place = _guard_place(source, item, owner, components)
    return Component(
        id=ComponentId(item.id),
        kind=Kind.PRECONDITION,
        style=owner.style,
        schedule=owner.schedule,
        schedule_key=owner.schedule_key,
        placement=place.placement,
        worker_group=place.worker_group,
        resource=place.resource,
        tries=source.number(item, "maximumRetries", source.limits.default_retries) + 1,
        retry_delay=delay.longest() if delay else source.limits.precondition_interval,
        attempt_timeout=source.period(item, "attemptTimeout"),
        progress_timeout=source.progress_timeout(item, place.placement),
        precondition_timeout=source.period(item, "preconditionTimeout"),
        on_success=_actions(source, item, "onSuccess"),
        on_fail=_actions(source, item, "onFail"),
    )


def _guard_place(
    source: Source, item: PipelineObject, owner: Component, components: Mapping[ComponentId, Component]
) -> Place:
    """A user-managed precondition runs where its owner does, or where an activity around its data node does."""
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


def _users(
    components: Mapping[ComponentId, Component], guards: Mapping[tuple[ComponentId, ComponentId], Component]
) -> Mapping[ComponentId, tuple[ComponentId, ...]]:
    """What runs on each resource: activities, and the owners of preconditions that do."""
    pairs = [(item.id, item.resource) for item in components.values()]
    pairs += [(owner, guard.resource) for (_, owner), guard in guards.items()]
    return _reverse((user, (resource,)) for user, resource in pairs if resource is not None)


def _reverse(
    pairs: Iterator[tuple[ComponentId, tuple[ComponentId, ...]]],
) -> Mapping[ComponentId, tuple[ComponentId, ...]]:
    found: dict[ComponentId, dict[ComponentId, None]] = defaultdict(dict)
    for name, targets in pairs:
        for target in targets:
            found[target][name] = None
    return {target: tuple(names) for target, names in found.items()}
