"""What Task Runners do with tasks: poll, report progress, end.

A task id given out is the row's id with the number of the hand-out, so a runner whose task was given to another one is
told so instead of being believed. The engine is told first and the row is marked after: killed in between, the runner
repeats its call, and the engine knows the event.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from chalicelib.domain.definition.catalog import Category, object_type
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import InvalidRequest, TaskNotFound
from chalicelib.domain.run.codec import decode_task
from chalicelib.domain.run.events import Event, TaskEnded, TaskProgressed, TaskStarted, TaskStatus
from chalicelib.domain.run.task import Task
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import AttemptId, PipelineId, TaskId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import WorkerTask
from chalicelib.service.access import Caller, check_signed, scoped_group
from chalicelib.service.control import publish
from chalicelib.service.runners import heard_of_machine
from chalicelib.service.secrets import unseal
from chalicelib.work.masking import Masker, secrets_of

LONGEST_POLL = timedelta(seconds=20)  # API Gateway ends a request after 29
ACKNOWLEDGE_WITHIN = timedelta(minutes=2)
LONGEST_MESSAGE = 4096
LONGEST_TRACE = 1024
LONGEST_FIELD = 1024
LONGEST_HOSTNAME = 253
MOST_FIELDS = 50
_TOKEN = "{sealed:"
_POLL_AGAIN = "stop working on it and poll for another task"


@dataclass(frozen=True, slots=True)
class PollForTask:
    """`worker_group` is matched exactly."""

    worker_group: str
    hostname: str = ""


@dataclass(frozen=True, slots=True)
class ReportTaskProgress:
    """The first report of a hand-out acknowledges it."""

    task_id: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class SetTaskStatus:
    """A runner's verdict."""

    task_id: str
    task_status: TaskStatus
    error_id: str | None = None
    error_message: str | None = None
    error_stack_trace: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A task as a runner gets it, secrets open."""

    task_id: str
    pipeline_id: PipelineId
    attempt_id: AttemptId
    objects: Mapping[str, PipelineObject]


def poll_for_task(request: PollForTask, caller: Caller, ports: Ports) -> HandedOut | None:
    """The oldest waiting task of the group, hidden from others for two minutes; None when none came within 20 s."""
    check_signed(caller)
    heard_of_machine(request.worker_group, request.hostname, caller, ports)
    group = scoped_group(caller.account, request.worker_group)
    until = ports.clock.now() + LONGEST_POLL
    while True:
        now = ports.clock.now()
        row = ports.store.claim_task(group, now, now + ACKNOWLEDGE_WITHIN)
        if row is not None:
            return _handed_out(row, request.hostname, ports)
        if now >= until:
            return None
        ports.store.wait_for_task(group, until - now)


def report_task_progress(request: ReportTaskProgress, caller: Caller, ports: Ports) -> bool:
    """Acknowledge or keep alive; whether the runner is to stop.

    Fields always reach the engine; without any it is told no more often than thrice per reportProgressTimeout.
    Raises   TaskNotFound for an id that was never issued, or was given to another runner since
    """
    row = _row(request.task_id, caller, ports)
    if row.canceled or row.ended:
        return True
    now = ports.clock.now()
    said = _reported(request.fields)
    if said and _TOKEN in row.body:
        said = _masker(decode_task(row.body), ports).fields(said)
    if not row.acknowledged:
        said = (*_polled_from(request.task_id), *said)
    event = _progress(row, now, said, ports.limits.progress_timeout)
    if event is not None:
        publish(ports.sender, row.pipeline_id, [(_event_id(row, event, now), event)])
    told = row.told_at if event is None else now
    _marked(replace(row, acknowledged=True, progress_at=now, told_at=told), ports)
    return False


def set_task_status(request: SetTaskStatus, caller: Caller, ports: Ports) -> None:
    """Tell the engine how the task ended. Saying it again changes nothing.

    An acknowledged row is never given out again and is left as it is: the queue drops the same verdict within five
    minutes, and the engine knows later ones by their attempt and turn.
    Raises   TaskNotFound as above; InvalidRequest for an errorId of the service's own, or FALSE of no precondition
    """
    row = _row(request.task_id, caller, ports)
    if row.canceled or row.ended:
        return
    task = decode_task(row.body)
    _check_verdict(request, task)
    masked = _masking(task, ports, needed=request.error_message or request.error_stack_trace)
    now = ports.clock.now()
    event = TaskEnded(
        attempt=task.attempt,
        turn=task.turn,
        at=now,
        status=request.task_status,
        error_id=request.error_id,
        error_message=_shortened(masked(request.error_message), LONGEST_MESSAGE),
        error_stack_trace=_shortened(masked(request.error_stack_trace), LONGEST_TRACE),
        fields=() if row.acknowledged else _polled_from(request.task_id),
    )
    publish(ports.sender, row.pipeline_id, [(_event_id(row, event, now), event)])
    if not row.acknowledged:
        _marked(replace(row, acknowledged=True, ended=True, progress_at=now, told_at=now), ports)


def issued_id(row: WorkerTask, hostname: str = "") -> str:
    """The id that a runner gets for this hand-out. It says who polled, which costs no write until the first report."""
    words = [row.id, row.hand_out, hostname.encode("ascii", "ignore").decode()[:LONGEST_HOSTNAME]]
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode()


def _handed_out(row: WorkerTask, hostname: str, ports: Ports) -> HandedOut:
    task = unseal(decode_task(row.body), ports.sealer)
    return HandedOut(issued_id(row, hostname), row.pipeline_id, task.attempt, task.objects)


def _row(issued: str, caller: Caller, ports: Ports) -> WorkerTask:
    check_signed(caller)
    named = _named(issued)
    row = ports.store.task(named[0]) if named is not None else None
    if named is None or row is None or row.worker_group != scoped_group(caller.account, _plain_group(row)):
        raise TaskNotFound(f"taskId: no task of yours has this id; {_POLL_AGAIN}")
    if row.hand_out != named[1]:
        raise TaskNotFound(f"taskId: the task was not acknowledged in time and given out again; {_POLL_AGAIN}")
    return row


def _plain_group(row: WorkerTask) -> str:
    return row.worker_group.partition("/")[2]


def _named(issued: str) -> tuple[TaskId, int, str] | None:
    try:
        row, hand_out, hostname = json.loads(base64.urlsafe_b64decode(issued.encode()))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    if not (isinstance(row, str) and isinstance(hand_out, int) and isinstance(hostname, str)):
        return None
    return TaskId(row), hand_out, hostname[:LONGEST_HOSTNAME]


def _polled_from(issued: str) -> tuple[tuple[str, str], ...]:
    """What the attempt shows of the machine that polled for it."""
    named = _named(issued)
    return (("hostname", named[2]),) if named is not None and named[2] else ()


def _progress(row: WorkerTask, now: UtcTime, fields: tuple[tuple[str, str], ...], otherwise: Period) -> Event | None:
    task = decode_task(row.body)
    if row.acknowledged and not fields and row.told_at is not None:
        timeout = _period(task.subject.text("reportProgressTimeout"), otherwise)
        if now - row.told_at < (timeout.after(now) - now) / 3:
            return None
    kind = TaskProgressed if row.acknowledged else TaskStarted
    return kind(task.attempt, task.turn, now, fields)


def _period(text: str | None, otherwise: Period) -> Period:
    """A field that validation let through but an expression made into no period counts as not given."""
    try:
        return Period.parse(text) if text else otherwise
    except ValueError:
        return otherwise


def _reported(fields: Sequence[Field]) -> tuple[tuple[str, str], ...]:
    """What a runner may say of its attempt: no fields of the service's own, no more than a message holds."""
    said = ((field.key, field.value) for field in fields if not field.key.startswith("@"))
    texts = ((key, value[:LONGEST_FIELD]) for key, value in said if isinstance(value, str))
    return tuple(islice(texts, MOST_FIELDS))


def _event_id(row: WorkerTask, event: Event, now: UtcTime) -> str:
    moment = f"/{now.timestamp():.3f}" if isinstance(event, TaskProgressed) else ""
    return f"{row.id}/{row.hand_out}/{type(event).__name__}{moment}"


def _marked(row: WorkerTask, ports: Ports) -> None:
    try:
        ports.store.replace_task(row)
    except Conflict as error:
        raise TaskNotFound(f"taskId: the task was given out again; {_POLL_AGAIN}") from error


def _check_verdict(request: SetTaskStatus, task: Task) -> None:
    if (request.error_id or "").startswith("Service_"):
        raise InvalidRequest("errorId: ids that begin with Service_ are the service's own; use another")
    found = object_type(task.subject.type or "")
    if request.task_status is TaskStatus.FALSE and (found is None or found.category is not Category.PRECONDITION):
        raise InvalidRequest("taskStatus: FALSE is for preconditions; say FINISHED or FAILED of other tasks")


def _masking(task: Task, ports: Ports, needed: str | None) -> Callable[[str | None], str | None]:
    """For what a runner says, which need not be ours. Opens the task's secrets only when something is said."""
    masker = _masker(task, ports) if needed else Masker()
    return lambda text: text if text is None else masker.text(text)


def _masker(task: Task, ports: Ports) -> Masker:
    return Masker(secrets_of(unseal(task, ports.sealer)))


def _shortened(text: str | None, length: int) -> str | None:
    """Head and tail of a text that is too long: the fault stands at one end or the other."""
    if text is None or len(text) <= length:
        return text
    half = (length - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"
