"""What DescribeObjects and QueryObjects see: components, instances and attempts as pipeline objects.

Pure. The field sets are those of the service model's examples and of what the AWS CLI's list-runs needs: every instance
has @componentParent, @scheduledStartTime and @actualStartTime, all times without fraction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.definition.model import Definition, Field, PipelineObject
from chalicelib.domain.run.assemble import Blueprint
from chalicelib.domain.run.links import linked_fields
from chalicelib.domain.run.plan import Kind
from chalicelib.domain.run.state import Attempt, ComponentState, Instance, PipelineState, attempt_id
from chalicelib.domain.run.status import Health, PipelineStatus
from chalicelib.domain.values import ComponentId, PipelineId, Ref, UtcTime, render_time
from chalicelib.service.schedule_fields import next_due

COMPONENT = "COMPONENT"
INSTANCE = "INSTANCE"
ATTEMPT = "ATTEMPT"
_DEFAULT = "Default"
_PAUSED = "PAUSED"
_PENDING = PipelineStatus.PENDING.value


@dataclass(frozen=True, slots=True)
class View:
    """One pipeline as its objects are shown.

    version     of `definition`, which is the active one, or the latest before the first activation
    effective   its objects with inherited fields, by id
    state       None when the engine has not heard of the pipeline
    latest      the definition saved last, by `latest_version`; what components are shown from
    errors      what keeps the latest definition from being activated, by object id
    source      the active definition compiled; None before the engine has heard of it
    """

    pipeline_id: PipelineId
    status: PipelineStatus
    version: int
    definition: Definition
    effective: Mapping[str, PipelineObject]
    state: PipelineState | None
    latest: Definition
    latest_version: int
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source: Blueprint | None = None

    def components(self) -> Mapping[str, PipelineObject]:
        """Every component by id: the latest definition's, then those that only run on."""
        newest = self.latest.by_id()
        return {**newest, **{name: item for name, item in self.definition.by_id().items() if name not in newest}}


def component_object(item: PipelineObject, view: View) -> PipelineObject:
    """A component: its own fields as written, and how it is doing."""
    inherited = () if item.refs("parent") or item.id == _DEFAULT else (Field("parent", Ref(_DEFAULT)),)
    is_latest = any(item is found for found in view.latest.objects)
    runtime = [
        Field("@sphere", COMPONENT),
        Field("@pipelineId", view.pipeline_id),
        Field("@version", str(view.latest_version if is_latest else view.version)),
        *(_progress_fields(item, view) if item.id in view.effective else (Field("@status", _PENDING),)),
        *(Field("@error", error) for error in view.errors.get(item.id, ())),
    ]
    return PipelineObject(item.id, item.name, (*item.fields, *inherited, *runtime))


def _progress_fields(item: PipelineObject, view: View) -> Iterator[Field]:
    """How an active component is doing."""
    state, name = view.state, ComponentId(item.id)
    part = state.components.get(name) if state is not None else None
    yield Field("@status", _PAUSED if part is not None and part.paused else view.status.value)
    if state is None or view.source is None:
        return
    if item.type == "Schedule":
        yield from _time("@firstActivationTime", state.first_activation)
    component = view.source.plan.components.get(name)
    if component is None:
        return
    if part is not None:
        yield from _health_fields(part)
    yield from _time("@lastDeactivatedTime", state.deactivated_at)
    if view.status is PipelineStatus.SCHEDULED and component.schedule is not None:
        yield from _time("@nextRunTime", next_due(component, view.source.plan, part or ComponentState()))
    yield from (
        Field("@activeInstances", Ref(found.id)) for found in state.instances.values() if found.component == name
    )


def instance_object(instance: Instance, view: View) -> PipelineObject:
    """A component in one interval."""
    fields = (*definition_fields(instance, view), *_instance_fields(instance, view))
    return PipelineObject(instance.id, instance.id, fields)


def attempt_object(instance: Instance, attempt: Attempt, view: View) -> PipelineObject:
    """One try of an instance."""
    name = attempt_id(instance.id, attempt.number)
    fields = (*definition_fields(instance, view), *_attempt_fields(instance, attempt, view))
    return PipelineObject(name, name, fields)


def definition_fields(instance: Instance, view: View) -> Sequence[Field]:
    """What the definition says of an instance: effective fields, references as linked_fields has them."""
    linked = linked_fields(view.source, instance) if view.source is not None else ()
    if linked:
        return linked
    component = view.effective.get(instance.component)
    return [own for own in component.fields if own.key != "parent"] if component is not None else ()


def _health_fields(part: ComponentState) -> Iterator[Field]:
    if part.health is not Health.NONE:
        yield Field("@healthStatus", part.health.value)
    if part.health_from is not None:
        yield Field("@healthStatusFromInstanceId", part.health_from)
    yield from _time("@healthStatusUpdatedTime", part.health_at)
    yield from _time("@latestRunTime", part.latest_run)
    yield from _time("@latestCompletedRunTime", part.latest_completed)


def _instance_fields(instance: Instance, view: View) -> Iterator[Field]:
    yield from _shared_fields(instance, INSTANCE, view)
    yield Field("@status", instance.status.value)
    yield from _time("@actualStartTime", instance.created)
    yield from _time("@actualEndTime", instance.ended)
    yield from _time("@finishedTime", instance.ended)
    yield Field("@attemptCount", str(len(instance.attempts)))
    yield Field("@triesLeft", str(instance.tries_left))
    if instance.head is not None:
        yield Field("@headAttempt", Ref(attempt_id(instance.id, instance.head.number)))
        yield from _reported_fields(instance, instance.head, view)
    if instance.resource_id is not None:
        yield Field("@resourceId", instance.resource_id)
    if instance.owner is not None:
        yield Field("node", Ref(instance.owner))
    yield from (Field("@waitingOn", Ref(other)) for other in instance.waiting_on)
    yield from (Field("@cascadeFailedOn", Ref(other)) for other in instance.cascade_failed_on)
    yield from _time("@nextAttemptTime", instance.hold_until)
    if instance.cancellation_reason is not None:
        yield Field("cancellationReason", instance.cancellation_reason)


def _attempt_fields(instance: Instance, attempt: Attempt, view: View) -> Iterator[Field]:
    yield from _shared_fields(instance, ATTEMPT, view)
    yield Field("@instanceParent", Ref(instance.id))
    yield Field("@status", attempt.status.value)
    yield from _time("@actualStartTime", attempt.started or attempt.created)
    yield from _time("@actualEndTime", attempt.ended)
    yield Field("@attemptNumber", str(attempt.number))
    yield from _reported_fields(instance, attempt, view)


def _shared_fields(instance: Instance, sphere: str, view: View) -> Iterator[Field]:
    yield Field("@sphere", sphere)
    yield Field("@componentParent", Ref(instance.component))
    yield Field("parent", Ref(instance.component))
    yield Field("@pipelineId", view.pipeline_id)
    yield Field("@version", str(instance.version))
    yield from _time("@scheduledStartTime", instance.start)
    yield from _time("@scheduledEndTime", instance.end)


def _reported_fields(instance: Instance, attempt: Attempt, view: View) -> Iterator[Field]:
    """What was heard of an attempt, from its runner or of its machine."""
    said = dict(attempt.fields)
    if "attemptStatus" not in said:
        yield Field("attemptStatus", attempt.status.value)
    yield from (Field(key, value) for key, value in said.items())
    yield from _time("reportProgressTime", attempt.progress)
    yield from _error_fields(attempt)
    if attempt.error_message is not None and _is_resource(instance, view):
        yield Field("@failureReason", attempt.error_message)


def _is_resource(instance: Instance, view: View) -> bool:
    found = view.source.plan.components.get(instance.component) if view.source is not None else None
    return found is not None and found.kind is Kind.RESOURCE


def _error_fields(attempt: Attempt) -> Iterator[Field]:
    found = {
        "errorId": attempt.error_id,
        "errorMessage": attempt.error_message,
        "errorStackTrace": attempt.error_stack_trace,
    }
    yield from (Field(key, value) for key, value in found.items() if value is not None)


def _time(key: str, moment: UtcTime | None) -> Iterator[Field]:
    if moment is not None:
        yield Field(key, render_time(moment))
