"""One instance in full: fields beside what their expressions come to, what it waits for, its attempts and their logs.

Secrets never leave: a secret field, and a value that holds one, shows the mask before and after evaluation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import ExpressionError, InvalidRequest, ObjectNotFound
from chalicelib.domain.expression.parser import OPENING
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.reasons import Reason, reasons
from chalicelib.domain.run.recall import machine_of
from chalicelib.domain.run.spent import Spent, component_of, spent
from chalicelib.domain.run.state import Attempt, Instance, attempt_id
from chalicelib.domain.values import AttemptId, InstanceId, PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import is_place
from chalicelib.service.access import Caller
from chalicelib.service.evaluation import Evaluator
from chalicelib.service.object_fields import View, definition_fields
from chalicelib.service.secrets import mask_text, mask_tokens
from chalicelib.service.views import Found, find_objects, load_view
from chalicelib.work.journal import FILE_NAME, LOG_FIELD, attempt_folder


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of an instance, every value it has.

    written    as the definition has it, references as they are
    evaluated  what its texts come to for this instance; None where there is nothing to evaluate
    error      why they come to nothing
    """

    key: str
    written: tuple[Field, ...]
    evaluated: tuple[str, ...] | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LogLink:
    """Where something was logged: an S3 object, or a folder that ends in `/`."""

    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class Worker:
    """Who does the work of an attempt.

    name     the Task Runner's host, or the machine's or cluster's id, as far as it was heard of; empty for a function
    group    of Task Runners
    machine  the instance of the machine or cluster that is used
    """

    placement: Placement
    name: str = ""
    group: str = ""
    machine: str = ""


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """An attempt with its id, the logs that it may have left, who did it, and what it came to; `spent` of it alone."""

    id: AttemptId
    attempt: Attempt
    logs: tuple[LogLink, ...]
    worker: Worker | None
    spent: Spent


@dataclass(frozen=True, slots=True)
class ShownInstance:
    """Everything about one instance."""

    instance: Instance
    type: str
    fields: tuple[ShownField, ...]
    waiting: tuple[Reason, ...]
    attempts: tuple[ShownAttempt, ...]
    paused: bool


def show_instance(pipeline_id: PipelineId, name: str, caller: Caller, ports: Ports) -> ShownInstance:
    """The instance of that id.

    Raises   ObjectNotFound when there is none, or its history has expired
    """
    view = load_view(caller, pipeline_id, ports)
    found = find_objects([name], view, ports.store).get(name)
    if found is None or found.instance is None or found.attempt is not None:
        raise ObjectNotFound(pipeline_id, f"instance {name[:300]}")
    scene = _scene(found, view, ports)
    fields = tuple(_fields(definition_fields(found.instance, view), found.instance.id, scene))
    logs = _log_uri(fields)
    return ShownInstance(
        instance=found.instance,
        type=next((str(each.written[0].value) for each in fields if each.key == "type"), ""),
        fields=fields,
        waiting=_waiting(found.instance, view, ports),
        attempts=tuple(_attempts(found.instance, view, logs, ports)),
        paused=_is_paused(found.instance, view),
    )


def _scene(found: Found, view: View, ports: Ports) -> Scene | None:
    """None when the definition that the instance was made from is gone, so that its expressions mean nothing now."""
    try:
        return Evaluator(view, ports).scene(found)[0]
    except InvalidRequest:
        return None


def _fields(written: Sequence[Field], instance: InstanceId, scene: Scene | None) -> Iterator[ShownField]:
    """In order of key."""
    by_key: dict[str, list[Field]] = {}
    for each in written:
        by_key.setdefault(each.key, []).append(each)
    for key in sorted(by_key):
        yield _field(key, by_key[key], instance, scene)


def _field(key: str, written: Sequence[Field], instance: InstanceId, scene: Scene | None) -> ShownField:
    shown = mask_tokens(PipelineObject(instance, instance, tuple(written))).fields
    texts = [each for each in written if isinstance(each.value, str)]
    if scene is None or not any(OPENING in str(each.value) for each in texts):
        return ShownField(key, shown)
    try:
        results = [result for each in texts for result in scene.evaluated_field(instance, each)]
    except ExpressionError as error:
        return ShownField(key, shown, error=mask_text(str(error)))
    masked = mask_tokens(PipelineObject(instance, instance, tuple(results))).fields
    return ShownField(key, shown, tuple(str(each.value) for each in masked))


def _waiting(instance: Instance, view: View, ports: Ports) -> tuple[Reason, ...]:
    if instance.status.ended or view.state is None or view.source is None:
        return ()
    live = view.state.instances
    missing = sorted(name for name in instance.waiting_on if name not in live)[:100]
    past = ports.store.history(view.pipeline_id, missing) if missing else {}
    return reasons(instance, view.state, view.source.plan, past)


def _log_uri(fields: Sequence[ShownField]) -> str | None:
    for each in fields:
        if each.key == LOG_FIELD:
            texts = each.evaluated or tuple(str(value.value) for value in each.written)
            return texts[0] if texts and OPENING not in texts[0] else None
    return None


def _is_paused(instance: Instance, view: View) -> bool:
    part = view.state.components.get(instance.component) if view.state is not None else None
    return part is not None and part.paused


def _attempts(instance: Instance, view: View, logs: str | None, ports: Ports) -> Iterator[ShownAttempt]:
    plan = view.source.plan if view.source is not None else None
    machine = _machine(instance, plan, view, ports) if plan is not None and instance.attempts else None
    for attempt in instance.attempts:
        name = attempt_id(instance.id, attempt.number)
        yield ShownAttempt(
            name,
            attempt,
            tuple(_links(view.pipeline_id, name, attempt, logs)),
            _worker(instance, attempt, plan, machine),
            spent([replace(instance, attempts=(attempt,))], plan, ports.clock.now()),
        )


def _machine(instance: Instance, plan: Plan, view: View, ports: Ports) -> Instance | None:
    """The machine or cluster that the instance works on, whether it is still up or not."""
    if instance.owner is not None or instance.component not in plan.components:
        return None
    names = list(machine_of(plan, instance))
    found = find_objects(names, view, ports.store) if names else {}
    return next((each.instance for each in found.values()), None)


def _worker(instance: Instance, attempt: Attempt, plan: Plan | None, machine: Instance | None) -> Worker | None:
    component = component_of(instance, plan)
    if component is None or component.placement is None:
        return None
    host = dict(attempt.fields).get("hostname", "")
    if machine is not None:
        return Worker(Placement.RESOURCE, machine.resource_id or host, machine=machine.id)
    return Worker(component.placement, host, component.worker_group or "")


def _links(pipeline_id: PipelineId, name: AttemptId, attempt: Attempt, logs: str | None) -> Iterator[LogLink]:
    """Links are told, not looked up: a log is there once its writer has ended it."""
    yield from (LogLink(key, value) for key, value in attempt.fields if key.endswith("Log") and is_place(value))
    if logs is None:
        return
    try:
        folder = attempt_folder(logs, pipeline_id, name)
    except Rejected:
        return  # no S3 URI: the attempt itself failed of that, and its error says so
    yield LogLink("folder", str(folder))
    yield LogLink(FILE_NAME, str(folder.child(FILE_NAME)))
