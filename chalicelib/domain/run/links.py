"""An instance's references to other instances, and those of others to it, as they are shown.

An instance that is referred to may not exist yet, or be history.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from chalicelib.domain.definition.model import Field
from chalicelib.domain.run.assemble import Blueprint, meant_instances
from chalicelib.domain.run.dependencies import meeting_keys
from chalicelib.domain.run.plan import Component, Kind, Plan, guard_id, owner_component
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import ComponentId, Ref

MOST = 100
"""References shown where a coarse schedule meets a fine one: the first so many."""


def linked_fields(source: Blueprint, instance: Instance) -> Sequence[Field]:
    """The component's effective fields, references to what runs made to its instances; then references back.

    A data node's `input` is what writes it and its `output` what reads it; a resource's `input` is what runs on it.
    """
    written = source.objects.get(instance.component)
    mine = _component(source.plan, instance)
    if written is None or mine is None:
        return ()
    own = [
        Field(field.key, value)
        for field in written.fields
        if field.key != "parent"
        for value in _values(source.plan, instance, mine, field)
    ]
    return [*own, *_back(source, instance, mine)]


def _component(plan: Plan, instance: Instance) -> Component | None:
    if instance.owner is None:
        return plan.components.get(instance.component)
    return plan.guards.get((instance.component, owner_component(instance.owner)))


def _values(plan: Plan, instance: Instance, mine: Component, field: Field) -> Iterator[str | Ref]:
    if isinstance(field.value, str):
        yield field.value
        return
    target = ComponentId(field.value.id)
    theirs = plan.components.get(target)
    if (target, instance.component) in plan.guards:
        yield Ref(guard_id(target, instance.component, instance.id, target in plan.shared))
    elif theirs is None:
        yield field.value
    else:
        yield from (Ref(name) for _, name in islice(meant_instances(instance, mine, theirs), MOST))


def _back(source: Blueprint, instance: Instance, mine: Component) -> Iterator[Field]:
    plan, name = source.plan, instance.component
    match mine.kind:
        case Kind.DATANODE:
            writers = [need for need in mine.needs if _refers(source, need, "output", name)]
            readers = [user for user in plan.consumers.get(name, ()) if _refers(source, user, "input", name)]
            yield from _references("input", writers, plan, instance, mine)
            yield from _references("output", readers, plan, instance, mine)
        case Kind.RESOURCE:
            yield from _references("input", plan.users.get(name, ()), plan, instance, mine)
        case Kind.ACTIVITY | Kind.PRECONDITION:
            return


def _refers(source: Blueprint, component: ComponentId, key: str, name: ComponentId) -> bool:
    return component in source.objects and name in source.objects[component].refs(key)


def _references(
    key: str, components: Iterable[ComponentId], plan: Plan, instance: Instance, mine: Component
) -> Iterator[Field]:
    for theirs in (plan.components[name] for name in components if name in plan.components):
        found = islice(meeting_keys(instance, mine, theirs), MOST)
        yield from (Field(key, Ref(name)) for index, name in found if _is_used(plan, instance, mine, theirs, index))


def _is_used(plan: Plan, instance: Instance, mine: Component, theirs: Component, index: int) -> bool:
    """What runs on a resource is what begins in the resource's interval."""
    interval = plan.interval(theirs, index)
    return mine.kind is not Kind.RESOURCE or interval is None or interval.start >= instance.start
