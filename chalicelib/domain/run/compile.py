"""A definition to a plan. Only fields that steer the engine are read here; executors get theirs with their task."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.run.place import Place, place_of, place_of_guard, silence_of
from chalicelib.domain.run.plan import Batching, Component, Kind, Plan, Style
from chalicelib.domain.run.source import Source
from chalicelib.domain.run.timing import Timing, timing_of
from chalicelib.domain.values import ComponentId, UtcTime


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
        batching=_batching(source, default) if on_demand and default is not None else None,
    )


def _batching(source: Source, default: PipelineObject) -> Batching | None:
    """How the events of Default's trigger become runs; None without one."""
    item = next((source.objects[name] for name in default.refs("trigger") if name in source.objects), None)
    if item is None:
        return None
    size, window = source.number(item, "batchSize", 1), source.period(item, "batchWindow")
    read = any(each.type == "EventBatchDataNode" for each in source.objects.values())
    return Batching(item.id, size, window.longest() if window else timedelta(0), listed=read or size > 1)


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
    place = place_of(source, item) if kind is Kind.ACTIVITY else Place()
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
        progress_timeout=silence_of(source, item, place),
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
        continues_from=tuple(sorted(source.times(item, "continueFrom"))),
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
    place = place_of_guard(source, item, owner, components)
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
        progress_timeout=silence_of(source, item, place),
        precondition_timeout=source.period(item, "preconditionTimeout"),
        on_success=_actions(source, item, "onSuccess"),
        on_fail=_actions(source, item, "onFail"),
    )


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
