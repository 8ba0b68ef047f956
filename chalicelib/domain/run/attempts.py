"""Attempts: offering them, closing them, deciding whether another follows.

Retry is decided here and nowhere else.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.run.dependencies import resource_key
from chalicelib.domain.run.effects import Dispatch, LaunchResource, Placement
from chalicelib.domain.run.events import TaskEnded
from chalicelib.domain.run.plan import Component, Kind, Plan
from chalicelib.domain.run.state import Attempt, Instance, PipelineState, attempt_id
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import Trigger
from chalicelib.domain.run.turn import Turn, dispatch_id, launch_id
from chalicelib.domain.values import InstanceId, PipelineId

HOPELESS = frozenset(
    {"BadFile", "BadFormat", "BadPredicate", "BadRecord", "BadStep", "ObjectTooLarge", "UnsupportedType"}
)
"""Errors of our workers that lie in the definition or in what is read: they would be the same the next time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an attempt failed, in the fields that DescribeObjects shows."""

    error_id: str
    message: str
    stack_trace: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


def fault_of(event: TaskEnded) -> Fault:
    """The fault that a worker reported."""
    return Fault(
        event.error_id or "TaskFailed",
        event.error_message or "The worker reported FAILED without a message",
        event.error_stack_trace,
        event.fields,
    )


def resource_group(pipeline: PipelineId, resource: InstanceId, attempt: int) -> str:
    """The worker group of one resource attempt's own Task Runner."""
    return f"{pipeline}:{resource}:{attempt}"


def split_resource_group(group: str) -> tuple[PipelineId, InstanceId, int] | None:
    """Pipeline, resource instance and attempt of a resource's own worker group; None for any other group."""
    pipeline, _, rest = group.partition(":")
    resource, _, number = rest.rpartition(":")
    known = pipeline.startswith("df-") and resource.startswith("@") and number.isascii() and number.isdigit()
    return (PipelineId(pipeline), InstanceId(resource), int(number)) if known else None


def offer(turn: Turn, instance: Instance) -> Instance:
    """Start the next attempt: its task goes to its placement."""
    number = instance.head.number + 1 if instance.head else 1
    attempt = Attempt(number, Status.WAITING_FOR_RUNNER, turn.now)
    offered = turn.move(
        instance,
        Trigger.OFFERED,
        attempts=(*instance.attempts, attempt),
        tries_left=instance.tries_left - 1,
        hold_until=None,
        waiting_on=(),
    )
    dispatch(turn, offered)
    return offered


def dispatch(turn: Turn, instance: Instance) -> None:
    """Decide the Dispatch of the newest attempt's present turn."""
    component, head = turn.component(instance), instance.head
    if head is None or component.placement is None:
        return
    placement, group = component.placement, component.worker_group
    if component.resource is not None and turn.plan.components[component.resource].polled:
        placement = Placement.SERVERLESS
    elif placement is Placement.RESOURCE:
        group = _group_of_resource(turn, instance, component)
    attempt = attempt_id(instance.id, head.number)
    turn.emit(Dispatch(dispatch_id(instance.id, head), instance.id, attempt, head.turn, placement, group))


def _group_of_resource(turn: Turn, instance: Instance, component: Component) -> str | None:
    resource = running_resource(turn, instance, component)
    if resource is None or resource.head is None:
        return None
    return resource_group(turn.state.pipeline_id, resource.id, resource.head.number)


def running_resource(turn: Turn, instance: Instance, component: Component) -> Instance | None:
    """The resource instance that runs the instance, if it is up."""
    if component.resource is None:
        return None
    key = resource_key(instance, component, turn.plan.components[component.resource])
    found = turn.instances.get(key[1]) if key else None
    return found if found is not None and found.status is Status.RUNNING else None


def polled_resource(plan: Plan, state: PipelineState, instance: Instance) -> Instance | None:
    """The live cluster that the instance's work is submitted to; None for work that goes anywhere else."""
    component = plan.component_of(instance)
    resource = plan.components[component.resource] if component.resource is not None else None
    if resource is None or not resource.polled:
        return None
    key = resource_key(instance, component, resource)
    return state.instances.get(key[1]) if key else None


def launch(turn: Turn, instance: Instance) -> None:
    """Start a resource's next attempt: ask for its machine or cluster."""
    number = instance.head.number + 1 if instance.head else 1
    launched = turn.move(
        instance,
        Trigger.LAUNCHED,
        attempts=(*instance.attempts, Attempt(number, Status.CREATING, turn.now)),
        tries_left=instance.tries_left - 1,
        hold_until=None,
        resource_id=None,
    )
    head = launched.attempts[-1]
    turn.emit(LaunchResource(launch_id(instance.id, head), instance.id, attempt_id(instance.id, number)))


def fail_attempt(turn: Turn, instance: Instance, fault: Fault, *, retry: bool = True) -> None:
    """Close the newest attempt as failed; wait for the next one while tries are left and one may help.

    Otherwise the instance fails.
    """
    component = turn.component(instance)
    failed = close_head(turn, instance, fault)
    turn.drop_dispatches(instance)
    if retry and instance.tries_left > 0 and fault.error_id not in HOPELESS:
        turn.move(failed, Trigger.RETRIED, hold_until=turn.now + component.retry_delay)
        return
    ended = turn.move(failed, Trigger.FAILED)
    fail_owner(turn, ended)
    turn.run_actions(ended, component.on_fail, "onFail")
    if component.placement is Placement.RESOURCE:
        end_resource_of(turn, ended, component)


def close_head(turn: Turn, instance: Instance, fault: Fault) -> Instance:
    """The instance with its newest attempt FAILED for this reason, unless it ended before; not yet kept."""
    head = instance.head
    if head is None or head.status.ended:
        return instance
    closed = replace(
        head,
        status=Status.FAILED,
        ended=turn.now,
        error_id=fault.error_id,
        error_message=fault.message,
        error_stack_trace=fault.stack_trace,
        fields=merged(head.fields, fault.fields),
    )
    return replace(instance, attempts=(*instance.attempts[:-1], closed))


def fail_owner(turn: Turn, guard: Instance) -> None:
    """A precondition that will never be met fails what it guards, whatever failureAndRerunMode says.

    Nothing happens when the owner has ended already, which is what cancels its preconditions.
    """
    owner = turn.instances.get(guard.owner) if guard.owner else None
    if owner is None or owner.status is not Status.WAITING_ON_DEPENDENCIES:
        return
    component = turn.component(owner)
    turn.run_actions(turn.move(owner, Trigger.FAILED), component.on_fail, "onFail")


def end_resource_of(turn: Turn, instance: Instance, component: Component) -> None:
    """Carry out `actionOnTaskFailure: terminate` of the resource that ran a failed instance."""
    resource = running_resource(turn, instance, component)
    if resource is None or not turn.component(resource).ends_when_task_fails:
        return
    turn.terminate(resource)
    turn.move(resource, Trigger.CANCELED, cancellation_reason=f"actionOnTaskFailure=terminate: {instance.id} failed")


def succeed(turn: Turn, instance: Instance, fields: tuple[tuple[str, str], ...] = ()) -> None:
    """End the instance FINISHED and fire onSuccess."""
    head = instance.head
    if head is not None and fields:
        kept = replace(head, fields=merged(head.fields, fields))
        instance = replace(instance, attempts=(*instance.attempts[:-1], kept))
    component = turn.component(instance)
    turn.run_actions(turn.move(instance, Trigger.SUCCEEDED), component.on_success, "onSuccess")


def merged(old: tuple[tuple[str, str], ...], new: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Fields with the newest value per key, in order of first report."""
    return tuple({**dict(old), **dict(new)}.items()) if new else old


def cancel(turn: Turn, instance: Instance, reason: str) -> None:
    """End a live instance CANCELED, telling its worker or ending its machine."""
    kind = turn.component(instance).kind
    if kind is Kind.RESOURCE and instance.status is not Status.WAITING_ON_DEPENDENCIES:
        turn.terminate(instance)
    withdraw(turn, instance)
    fail_owner(turn, turn.move(instance, Trigger.CANCELED, cancellation_reason=reason))


def withdraw(turn: Turn, instance: Instance) -> None:
    """Stop whoever may be working on the newest attempt."""
    if instance.status in (Status.WAITING_FOR_RUNNER, Status.RUNNING):
        turn.cancel_task(instance)
