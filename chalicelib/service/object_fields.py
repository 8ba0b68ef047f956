"""What DescribeObjects and QueryObjects see: components, instances and attempts as pipeline objects.

Pure. The field sets are those of the service model's examples and of what the AWS CLI's list-runs needs: every instance
has @componentParent, @scheduledStartTime and @actualStartTime, all times without fraction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.definition.model import Definition, Field, PipelineObject
from chalicelib.domain.run.state import Attempt, ComponentState, Instance, PipelineState, attempt_id
from chalicelib.domain.run.status import Health, PipelineStatus
from chalicelib.domain.values import ComponentId, PipelineId, Ref, UtcTime, render_time

COMPONENT = "COMPONENT"
INSTANCE = "INSTANCE"
ATTEMPT = "ATTEMPT"
_DEFAULT = "Default"
_PAUSED = "PAUSED"


@dataclass(frozen=True, slots=True)
class View:
    """One pipeline as its objects are shown.

    definition  the version shown
    effective   its objects with inherited fields, by id
    state       None when the engine has not heard of the pipeline
    """

    pipeline_id: PipelineId
    status: PipelineStatus
    version: int
    definition: Definition
    effective: Mapping[str, PipelineObject]
    state: PipelineState | None


def component_object(item: PipelineObject, view: View) -> PipelineObject:
    """A component: its own fields as written, and how it is doing."""
    inherited = () if item.refs("parent") or item.id == _DEFAULT else (Field("parent", Ref(_DEFAULT)),)
    part = view.state.components.get(ComponentId(item.id)) if view.state else None
    status = _PAUSED if part is not None and part.paused else view.status.value
    runtime = [
        Field("@sphere", COMPONENT),
        Field("@pipelineId", view.pipeline_id),
        Field("@version", str(view.version)),
        Field("@status", status),
        *(_health_fields(part) if part is not None else ()),
    ]
    return PipelineObject(item.id, item.name, (*item.fields, *inherited, *runtime))


def instance_object(instance: Instance, view: View) -> PipelineObject:
    """A component in one interval."""
    fields = (*_definition_fields(instance, view), *_instance_fields(instance, view))
    return PipelineObject(instance.id, instance.id, fields)


def attempt_object(instance: Instance, attempt: Attempt, view: View) -> PipelineObject:
    """One try of an instance."""
    name = attempt_id(instance.id, attempt.number)
    fields = (*_definition_fields(instance, view), *_attempt_fields(instance, attempt, view))
    return PipelineObject(name, name, fields)


def _definition_fields(instance: Instance, view: View) -> Sequence[Field]:
    component = view.effective.get(instance.component)
    return [field for field in component.fields if field.key != "parent"] if component is not None else ()


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
    yield Field("@attemptCount", str(len(instance.attempts)))
    yield Field("@triesLeft", str(instance.tries_left))
    if instance.head is not None:
        yield Field("@headAttempt", Ref(attempt_id(instance.id, instance.head.number)))
        yield from _error_fields(instance.head)
        yield from (Field(key, value) for key, value in instance.head.fields)
    if instance.resource_id is not None:
        yield Field("@resourceId", instance.resource_id)
    if instance.owner is not None:
        yield Field("@node", Ref(instance.owner))
    yield from (Field("@waitingOn", Ref(other)) for other in instance.waiting_on)
    yield from (Field("@cascadeFailedOn", Ref(other)) for other in instance.cascade_failed_on)
    yield from _time("@nextAttemptTime", instance.hold_until)
    if instance.cancellation_reason is not None:
        yield Field("@cancellationReason", instance.cancellation_reason)


def _attempt_fields(instance: Instance, attempt: Attempt, view: View) -> Iterator[Field]:
    yield from _shared_fields(instance, ATTEMPT, view)
    yield Field("@instanceParent", Ref(instance.id))
    yield Field("@status", attempt.status.value)
    yield from _time("@actualStartTime", attempt.started or attempt.created)
    yield from _time("@actualEndTime", attempt.ended)
    yield from _time("@lastProgressTime", attempt.progress)
    yield Field("@attemptNumber", str(attempt.number))
    yield from _error_fields(attempt)
    yield from (Field(key, value) for key, value in attempt.fields)


def _shared_fields(instance: Instance, sphere: str, view: View) -> Iterator[Field]:
    yield Field("@sphere", sphere)
    yield Field("@componentParent", Ref(instance.component))
    yield Field("parent", Ref(instance.component))
    yield Field("@pipelineId", view.pipeline_id)
    yield Field("@version", str(instance.version))
    yield from _time("@scheduledStartTime", instance.start)
    yield from _time("@scheduledEndTime", instance.end)


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
