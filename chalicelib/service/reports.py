"""What the engine is told of a serverless task. Owns the events; must not know how the work went about."""

import threading
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from chalicelib.domain.run.events import Event, TaskEnded, TaskProgressed, TaskStarted, TaskStatus
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.service.control import publish
from chalicelib.work.outcome import Failed, Finished, NotSatisfied

Verdict = Finished | Failed | NotSatisfied

QUICK = timedelta(seconds=1)
"""How long the start of work may go unreported."""


class Beginning:
    """The report that work began: with the report of its end when that comes within `QUICK`, else on its own by then.

    Most work is quick, and then one message and one commit of the pipeline's state do for both.
    """

    def __init__(self, task: Task, ports: Ports, *, told: bool = False) -> None:
        self._task = task
        self._ports = ports
        self._told = told
        self._event = TaskStarted(task.attempt, task.turn, ports.clock.now())
        self._lock = threading.Lock()
        # In a copy of this context: the message of a thread of its own carries the same trail.
        self._timer = threading.Timer(QUICK.total_seconds(), copy_context().run, (self.tell,))
        self._timer.daemon = True

    def __enter__(self) -> "Beginning":
        if not self._told:
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def tell(self) -> None:
        """Report now, unless that was done. One that fails is made up for with the end."""
        with self._lock:
            if not self._told:
                publish(self._ports.sender, self._task.pipeline, [self._message])
                self._told = True

    def tell_end(self, verdict: Verdict) -> None:
        """Report the end, and with it the beginning if that was not done."""
        self._timer.cancel()
        with self._lock:
            end = _ended(self._task, self._ports.clock.now(), verdict)
            if not self._told:
                end = replace(end, started=self._event.at)
            publish(self._ports.sender, self._task.pipeline, [(_id(self._task, "ended"), end)])
            self._told = True

    @property
    def _message(self) -> tuple[str, Event]:
        return _id(self._task, "started"), self._event


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
