"""What workers and providers report. A report about an attempt or turn that is over changes nothing."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.run.attempts import Fault, fail_attempt, fault_of, merged, succeed
from chalicelib.domain.run.effects import TerminateResource
from chalicelib.domain.run.events import (
    ResourceCreated,
    ResourceFailed,
    ResourceReady,
    ResourceTerminated,
    TaskEnded,
    TaskProgressed,
    TaskStarted,
    TaskStatus,
)
from chalicelib.domain.run.lost import fail_resource
from chalicelib.domain.run.plan import Kind
from chalicelib.domain.run.state import Attempt, Instance, split_attempt_id
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import Trigger
from chalicelib.domain.run.turn import Turn, check_id, dispatch_id, launch_id
from chalicelib.domain.values import AttemptId

_WITH_WORKER = (Status.WAITING_FOR_RUNNER, Status.RUNNING)


def _current(turn: Turn, attempt: AttemptId, number_of_turn: int) -> tuple[Instance, Attempt] | None:
    """The instance whose newest attempt this is, in this turn, while a worker may have it."""
    parts = split_attempt_id(attempt)
    instance = turn.instances.get(parts[0]) if parts else None
    if parts is None or instance is None or instance.head is None or instance.status not in _WITH_WORKER:
        return None
    head = instance.head
    same = head.number == parts[1] and head.turn == number_of_turn and not head.status.ended
    return (instance, head) if same else None


def task_started(turn: Turn, event: TaskStarted) -> None:
    """The attempt is RUNNING from the first report on."""
    current = _current(turn, event.attempt, event.turn)
    if current is None:
        return
    instance, head = current
    turn.confirm(dispatch_id(instance.id, head))
    if head.started is not None and instance.status is Status.RUNNING and head.turn == 1:
        return
    running = replace(
        head,
        status=Status.RUNNING,
        started=head.started or event.at,
        progress=event.at,
        fields=merged(head.fields, event.fields),
    )
    turn.move(instance, Trigger.STARTED, attempts=(*instance.attempts[:-1], running))


def task_progressed(turn: Turn, event: TaskProgressed) -> None:
    """The worker is alive; keeps what it said."""
    current = _current(turn, event.attempt, event.turn)
    if current is None:
        return
    instance, head = current
    if instance.status is Status.WAITING_FOR_RUNNER:
        task_started(turn, TaskStarted(event.attempt, event.turn, event.at, event.fields))
        return
    latest = max(head.progress or event.at, event.at)
    heard = replace(head, progress=latest, fields=merged(head.fields, event.fields))
    turn.put(replace(instance, attempts=(*instance.attempts[:-1], heard)))


def task_ended(turn: Turn, event: TaskEnded) -> None:
    """The worker's verdict; it may bring the report that work began, or overtake it."""
    if event.started is not None:
        task_started(turn, TaskStarted(event.attempt, event.turn, event.started))
    current = _current(turn, event.attempt, event.turn)
    if current is None:
        return
    instance, head = current
    turn.confirm(dispatch_id(instance.id, head))
    if head.started is None:
        head = replace(head, started=event.at)
        instance = replace(instance, attempts=(*instance.attempts[:-1], head))
    match event.status:
        case TaskStatus.FINISHED:
            succeed(turn, instance, event.fields)
        case TaskStatus.FAILED:
            fail_attempt(turn, instance, fault_of(event))
        case TaskStatus.FALSE:
            _check_again(turn, instance, head, event)


def _check_again(turn: Turn, instance: Instance, head: Attempt, event: TaskEnded) -> None:
    """A precondition is not satisfied: check again after its delay, in the same attempt."""
    component = turn.component(instance)
    if component.kind is not Kind.PRECONDITION:
        fault = Fault("InvalidTaskStatus", "FALSE is a verdict for preconditions only", fields=event.fields)
        fail_attempt(turn, instance, fault)
        return
    noted = {"currentRetryCount": str(head.turn), "lastRetryTime": event.at.strftime("%Y-%m-%dT%H:%M:%S")}
    fields = merged(merged(head.fields, event.fields), tuple(noted.items()))
    again = replace(head, status=Status.RUNNING, turn=head.turn + 1, progress=event.at, fields=fields)
    turn.move(
        instance,
        Trigger.UNSATISFIED,
        attempts=(*instance.attempts[:-1], again),
        hold_until=turn.now + component.retry_delay,
    )


def _resource(turn: Turn, attempt: AttemptId) -> tuple[Instance, Attempt] | None:
    parts = split_attempt_id(attempt)
    instance = turn.instances.get(parts[0]) if parts else None
    if parts is None or instance is None or instance.head is None or instance.head.number != parts[1]:
        return None
    return None if instance.head.status.ended else (instance, instance.head)


def resource_created(turn: Turn, event: ResourceCreated) -> None:
    """The machine has an id. One that nobody waits for any more is ended at once."""
    found = _resource(turn, event.attempt)
    if found is None or found[0].status is Status.SHUTTING_DOWN:
        effect = TerminateResource(f"{event.attempt}/terminate", event.instance, event.attempt, event.resource_id)
        turn.confirm(effect.id)
        turn.emit(effect)
        return
    instance, head = found
    turn.confirm(launch_id(instance.id, head))
    created = turn.put(replace(instance, resource_id=event.resource_id))
    if turn.component(created).polled:
        turn.check(created)


def resource_ready(turn: Turn, event: ResourceReady) -> None:
    """The machine is up, or still is. One whose attempt is over was launched by a writer that fell behind: it ends."""
    found = _resource(turn, event.attempt)
    if found is None:
        turn.emit(TerminateResource(f"{event.attempt}/terminate", event.instance, event.attempt, None))
        return
    instance, head = found
    turn.confirm(check_id(event.attempt))
    if instance.status is Status.CREATING:
        up = replace(head, status=Status.RUNNING, started=event.at, progress=event.at)
        started = turn.move(instance, Trigger.STARTED, attempts=(*instance.attempts[:-1], up))
        turn.touch_watchers(started)
    elif instance.status is Status.RUNNING and event.at - (head.progress or event.at) >= _WORTH_NOTING:
        turn.put(replace(instance, attempts=(*instance.attempts[:-1], replace(head, progress=event.at))))


_WORTH_NOTING = timedelta(minutes=10)


def resource_failed(turn: Turn, event: ResourceFailed) -> None:
    """The launch was refused or the machine went away."""
    found = _resource(turn, event.attempt)
    if found is not None and found[0].status in (Status.CREATING, Status.RUNNING):
        fail_resource(turn, found[0], event.reason)


def resource_terminated(turn: Turn, event: ResourceTerminated) -> None:
    """The machine is gone, as asked."""
    turn.confirm(f"{event.attempt}/terminate")
    found = _resource(turn, event.attempt)
    if found is not None and found[0].status is Status.SHUTTING_DOWN:
        instance, head = found
        closed = replace(head, status=Status.FINISHED, ended=event.at)
        component = turn.component(instance)
        ended = turn.move(instance, Trigger.TERMINATED, attempts=(*instance.attempts[:-1], closed))
        turn.run_actions(ended, component.on_success, "onSuccess")
