"""A task out of an attempt: the objects an executor needs, evaluated for this interval.

References of a runnable object to runnable ones become references to their instances; several where a coarse schedule
meets a fine one, in interval order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.definition.inherit import effective
from chalicelib.domain.definition.model import Definition, Field, PipelineObject
from chalicelib.domain.definition.parameters import parameter_values
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.expression.values import ExpressionValue
from chalicelib.domain.run.dependencies import meeting_keys, resource_key
from chalicelib.domain.run.effects import Dispatch
from chalicelib.domain.run.plan import Component, Kind, Plan, owner_component
from chalicelib.domain.run.runtime import instance_fields, interval_fields
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.task import Task
from chalicelib.domain.schedule.schedule import Interval
from chalicelib.domain.values import ComponentId, PipelineId, Ref, render_time

_NOT_FOLLOWED = frozenset(
    {"parent", "schedule", "onSuccess", "onFail", "onLateAction", "onMatch", "dependsOn", "precondition", "runsOn"}
)
"""References an executor never needs; following them would evaluate fields that have nothing to do with the task."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A compiled definition version: effective objects, parameter values, plan.

    heard  runtime fields of the trigger, for the instances of one run; empty where no event started it
    """

    pipeline: PipelineId
    objects: Mapping[str, PipelineObject]
    parameters: Mapping[str, tuple[str, ...]]
    plan: Plan
    heard: Mapping[str, ExpressionValue] = field(default_factory=dict)


def blueprint(pipeline: PipelineId, definition: Definition, plan: Plan) -> Blueprint:
    """Read a definition once for all tasks that are assembled from it."""
    objects = {name: _with_address(item) for name, item in effective(definition).items()}
    return Blueprint(pipeline, objects, parameter_values(definition), plan)


def _with_address(item: PipelineObject) -> PipelineObject:
    """An EventBatchDataNode reads the object in which its run's events are."""
    if item.type != "EventBatchDataNode":
        return item
    return replace(item, fields=(*item.fields, Field("filePath", "#{trigger.@batch}")))


def task_for(source: Blueprint, instance: Instance, owner: Instance | None, effect: Dispatch) -> Task:
    """The task of an attempt.

    owner    for a precondition, the instance it guards
    Raises   ExpressionError when a field cannot be evaluated for this instance
    """
    scene, objects = _scene(source, instance, owner)
    subject = scene.evaluated(instance.id)
    fields = (*subject.fields, *_as_fields(instance_fields(source.pipeline, instance), instance), *_reruns(instance))
    attempt = PipelineObject(effect.attempt, effect.attempt, fields)
    linked = {name: scene.evaluated(name) for name in objects if name != instance.id}
    linked |= _on_match(scene, subject)
    return Task(
        pipeline=source.pipeline,
        attempt=effect.attempt,
        turn=effect.turn,
        placement=effect.placement,
        worker_group=effect.worker_group,
        objects={**linked, effect.attempt: attempt},
    )


_OF_A_MATCH = {name: f"${{{name}}}" for name in ("@item", "@label", "@confidence", "@model", "@at")}
"""What only the worker knows, left open for it."""


def _on_match(scene: Scene, subject: PipelineObject) -> Mapping[str, PipelineObject]:
    """The actions that the worker fires itself, `node` being the instance with what a match will tell."""
    known = {**scene.runtime.get(subject.id, {}), **_OF_A_MATCH}
    matching = replace(scene, node=subject.id, runtime={**scene.runtime, subject.id: known})
    return {name: matching.evaluated(name) for name in subject.refs("onMatch")}


def _reruns(instance: Instance) -> Iterator[Field]:
    """How often it FINISHED before: retries of one run must count once, a rerun after success counts again."""
    times = sum(attempt.status is Status.FINISHED for attempt in instance.attempts)
    if times:
        yield Field("@timesFinished", str(times))


def action_for(source: Blueprint, action: ComponentId, instance: Instance) -> PipelineObject:
    """An action object, evaluated with `node` the instance that fires it. Raises ExpressionError."""
    scene, _ = _scene(source, instance, None)
    return replace(scene, node=instance.id).evaluated(action)


def resource_for(source: Blueprint, instance: Instance) -> tuple[PipelineObject, Mapping[str, PipelineObject]]:
    """A resource object, evaluated for its instance, and everything its references reach. Raises ExpressionError."""
    scene, objects = _scene(source, instance, None)
    return scene.evaluated(instance.id), {name: scene.evaluated(name) for name in objects if name != instance.id}


def on_cluster(task: Task, source: Blueprint, cluster: Instance) -> Task:
    """The task with the cluster it is submitted to among its objects, `@resourceId` its id. Raises ExpressionError.

    source  of the cluster's definition version
    """
    evaluated, _ = resource_for(source, cluster)
    known = Field("@resourceId", cluster.resource_id or "")
    return replace(task, objects={**task.objects, cluster.id: replace(evaluated, fields=(*evaluated.fields, known))})


def instance_scene(source: Blueprint, instance: Instance, owner: Instance | None) -> Scene:
    """What the expressions of an instance see, under its id.

    Raises   KeyError when the instance is of a component that this definition version does not have
    """
    return _scene(source, instance, owner)[0]


def _scene(source: Blueprint, instance: Instance, owner: Instance | None) -> tuple[Scene, tuple[str, ...]]:
    """Objects by instance id over those by component id, their runtime fields, and the ids a task carries."""
    objects = dict(source.objects)
    runtime: dict[str, Mapping[str, ExpressionValue]] = {}
    carried: dict[str, None] = {}
    for one in (instance, owner):
        if one is not None:
            _add_instance(source, one, objects, runtime)
            _follow(source, one.id, objects, carried)
    if source.heard and source.plan.batching is not None:
        runtime[source.plan.batching.trigger] = source.heard
    scene = Scene(objects, source.parameters, runtime, node=owner.id if owner else None)
    return scene, tuple(carried)


def _add_instance(
    source: Blueprint,
    instance: Instance,
    objects: dict[str, PipelineObject],
    runtime: dict[str, Mapping[str, ExpressionValue]],
) -> None:
    written = source.objects[instance.component]
    mine = _component(source.plan, instance)
    fields: list[Field] = []
    for each in written.fields:
        for target in _targets(source.plan, instance, mine, each):
            fields.append(Field(each.key, target if isinstance(target, str) else Ref(target[1])))
            if not isinstance(target, str) and target[0] is not None:
                interval = target[2]
                objects.setdefault(target[1], replace(source.objects[target[0]], id=target[1]))
                runtime.setdefault(target[1], {**interval_fields(source.pipeline, interval), "@id": target[1]})
    objects[instance.id] = PipelineObject(
        instance.id, written.name, (*fields, *_role(source, written), *_region(source, written))
    )
    runtime[instance.id] = instance_fields(source.pipeline, instance)


def _role(source: Blueprint, written: PipelineObject) -> tuple[Field, ...]:
    """Default's `role` for types that have no such field of their own: all work of a definition runs under it."""
    default = source.objects.get("Default")
    if default is None or written.values("role"):
        return ()
    return tuple(field for field in default.fields if field.key == "role")


def _region(source: Blueprint, written: PipelineObject) -> tuple[Field, ...]:
    """The region of the machine that it names: where work that needs no machine looks for tables all the same."""
    if written.values("region"):
        return ()
    machines = [source.objects[name] for name in written.refs("runsOn") if name in source.objects]
    return tuple(field for machine in machines for field in machine.fields if field.key == "region")


_Target = str | tuple[ComponentId | None, str, Interval]


def _targets(plan: Plan, instance: Instance, mine: Component, field: Field) -> Iterator[_Target]:
    """A text as it is; a reference as (component, id, interval) of each instance meant, component None for others."""
    own = Interval(instance.start, instance.end)
    if isinstance(field.value, str):
        yield field.value
        return
    theirs = plan.components.get(ComponentId(field.value.id))
    if theirs is None:
        yield None, field.value.id, own
        return
    for index, name in meant_instances(instance, mine, theirs):
        yield theirs.id, name, theirs.schedule.interval(index) if theirs.schedule is not None else own


def meant_instances(instance: Instance, mine: Component, theirs: Component) -> Iterator[tuple[int, str]]:
    """Interval number and id of the instances of `theirs` that a reference of `instance` means, in interval order."""
    if theirs.kind is Kind.RESOURCE:
        key = resource_key(instance, mine, theirs)
        if key is not None:
            yield key
    else:
        yield from meeting_keys(instance, mine, theirs)


def _component(plan: Plan, instance: Instance) -> Component:
    if instance.owner is None:
        return plan.components[instance.component]
    return plan.guards[instance.component, owner_component(instance.owner)]


def _follow(source: Blueprint, root: str, objects: Mapping[str, PipelineObject], carried: dict[str, None]) -> None:
    queue = [root]
    while queue:
        name = queue.pop()
        item = objects.get(name)
        if item is None or name in carried:
            continue
        carried[name] = None
        runnable = name != root and name in source.plan.components
        if not runnable:
            queue.extend(
                field.value.id
                for field in item.fields
                if isinstance(field.value, Ref) and field.key not in _NOT_FOLLOWED
            )


def _as_fields(runtime: Mapping[str, ExpressionValue], instance: Instance) -> Iterator[Field]:
    """Runtime fields as an attempt shows them."""
    yield Field("@instanceParent", Ref(instance.id))
    yield Field("@componentParent", Ref(instance.component))
    times = {"@scheduledStartTime": instance.start, "@scheduledEndTime": instance.end}
    for key, value in runtime.items():
        if key in times:
            yield Field(key, render_time(times[key]))
        elif isinstance(value, str) and key.startswith("@") and key not in ("@id", "@sphere"):
            yield Field(key, value)
    yield Field("@sphere", "ATTEMPT")
