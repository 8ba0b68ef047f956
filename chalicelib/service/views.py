"""Loading what is needed to show a pipeline's objects, and finding objects by id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.definition.inherit import effective
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.run.assemble import Blueprint
from chalicelib.domain.run.state import Instance, PipelineState, split_attempt_id
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import InstanceId, PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Missing
from chalicelib.ports.store import PipelineRecord, Store
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.definitions import stored_definition
from chalicelib.service.object_fields import View, attempt_object, component_object, instance_object
from chalicelib.service.pipeline_fields import live_state, shown_status
from chalicelib.service.secrets import unseal_definition


@dataclass(frozen=True, slots=True)
class Found:
    """Where an id leads: a component (`instance` None), an instance, or one attempt of it (`attempt` its number)."""

    id: str
    component: PipelineObject | None = None
    instance: Instance | None = None
    attempt: int | None = None


def view_of(record: PipelineRecord, ports: Ports) -> View:
    """The pipeline as its objects are shown: by the active definition, or the latest before the first activation."""
    version = record.active or record.latest
    definition = stored_definition(record, version, ports) or Definition()
    latest = definition if version == record.latest else stored_definition(record, record.latest, ports)
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    return View(
        record.pipeline_id,
        shown_status(record, state),
        version,
        definition,
        effective(definition),
        state,
        latest or definition,
        record.latest,
        source=_source(state, ports) if state is not None else None,
    )


def _source(state: PipelineState, ports: Ports) -> Blueprint | None:
    """None when the version was dropped since the state was read: another one is active by now."""
    try:
        return blueprint_of(state.pipeline_id, state.definition_version, state.first_activation, ports)
    except Missing:
        return None


def judged(view: View, ports: Ports) -> View:
    """With the errors of a latest definition that is not active; one that is has none."""
    is_active = view.status is not PipelineStatus.PENDING and view.version == view.latest_version
    if is_active:
        return view
    opened = unseal_definition(view.latest, view.pipeline_id, ports.sealer)
    previous = None if view.status is PipelineStatus.PENDING else view.definition
    found = validate(opened, limits=ports.limits, now=ports.clock.now(), previous=previous)
    return replace(view, errors=found.errors)


def load_view(caller: Caller, pipeline_id: PipelineId, ports: Ports) -> View:
    """`view_of` the caller's pipeline. Raises PipelineNotFound, PipelineDeleted."""
    return view_of(live_pipeline(ports.store, caller, pipeline_id), ports)


def find_objects(ids: Sequence[str], view: View, store: Store) -> Mapping[str, Found]:
    """What each id is, as far as it is anything: a component first, then live state, then history in one read."""
    components = view.components()
    named = {text: _instance_of(text) for text in ids if text not in components}
    instances = _instances({name for name, _ in named.values()}, view, store)
    found = {text: Found(text, component=components[text]) for text in ids if text in components}
    for text, (name, number) in named.items():
        instance = instances.get(name)
        if instance is not None and (number is None or any(item.number == number for item in instance.attempts)):
            found[text] = Found(text, instance=instance, attempt=number)
    return found


def shown_object(found: Found, view: View) -> PipelineObject:
    """The object as it is shown, expressions as written."""
    if found.instance is None:
        return component_object(found.component or PipelineObject(found.id, found.id, ()), view)
    for attempt in found.instance.attempts:
        if attempt.number == found.attempt:
            return attempt_object(found.instance, attempt, view)
    return instance_object(found.instance, view)


def _instance_of(text: str) -> tuple[InstanceId, int | None]:
    return split_attempt_id(text) or (InstanceId(text), None)


def _instances(names: Iterable[InstanceId], view: View, store: Store) -> Mapping[InstanceId, Instance]:
    live = view.state.shown if view.state is not None else {}
    missing = sorted(name for name in names if name not in live)
    return {**(store.history(view.pipeline_id, missing) if missing else {}), **live}
