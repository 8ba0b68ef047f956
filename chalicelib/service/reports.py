"""What the engine is told of a serverless task. Owns the events; must not know how the work went about."""

from typing import assert_never

from chalicelib.domain.run.events import TaskEnded, TaskProgressed, TaskStarted, TaskStatus
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.service.control import publish
from chalicelib.work.outcome import Failed, Finished, NotSatisfied

Verdict = Finished | Failed | NotSatisfied


def report_start(task: Task, ports: Ports) -> None:
    """The work begins."""
    event = TaskStarted(task.attempt, task.turn, ports.clock.now())
    publish(ports.sender, task.pipeline, [(_id(task, "started"), event)])


def report_progress(task: Task, ports: Ports, fields: tuple[tuple[str, str], ...]) -> None:
    """The work goes on."""
    now = ports.clock.now()
    event = TaskProgressed(task.attempt, task.turn, now, fields)
    publish(ports.sender, task.pipeline, [(_id(task, now.isoformat()), event)])


def report_end(task: Task, ports: Ports, verdict: Verdict) -> None:
    """The work is over, well or badly."""
    publish(ports.sender, task.pipeline, [(_id(task, "ended"), _ended(task, ports.clock.now(), verdict))])


def _ended(task: Task, now: UtcTime, verdict: Verdict) -> TaskEnded:
    match verdict:
        case Finished(fields):
            return TaskEnded(task.attempt, task.turn, now, TaskStatus.FINISHED, fields=fields)
        case Failed(error_id, message, trace):
            return TaskEnded(task.attempt, task.turn, now, TaskStatus.FAILED, error_id, message, trace or None)
        case NotSatisfied(message):
            return TaskEnded(task.attempt, task.turn, now, TaskStatus.FALSE, error_message=message)
        case _:
            assert_never(verdict)


def _id(task: Task, what: str) -> str:
    """A deduplication id: the control queue is one for all pipelines, so it names the pipeline, too."""
    return f"{task.pipeline}/{task.attempt}/{task.turn}/{what}"
