"""Running one claimed task in the cloud. Owns the order of things; must not know how work is done.

1. A task whose attempt or turn is no longer the pipeline's current one is dropped: somebody cancelled it, or it is a
   late second delivery. What it has running elsewhere is stopped.
2. The work, reported as TaskStarted and TaskEnded, both at once when it is quick (reports.py);
   all may happen again, with the same ids, when a delivery repeats.
3. What ran out of time is queued again with its checkpoint; what fans out goes to service/chunks.
"""

from dataclasses import replace
from typing import assert_never

from chalicelib.domain.run.codec import encode_task
from chalicelib.domain.run.task import Task
from chalicelib.ports import trail
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Message, Queue
from chalicelib.service.chronicle import tell_work
from chalicelib.service.chunks import announce
from chalicelib.service.completions import await_job
from chalicelib.service.reports import Beginning, report_progress
from chalicelib.service.secrets import unseal
from chalicelib.service.withdraw import withdraw
from chalicelib.service.worksite import Worksite, is_current, work
from chalicelib.work.execute import execute
from chalicelib.work.outcome import FannedOut, Unfinished
from chalicelib.work.registry import executors_of


def perform(task: Task, ports: Ports, site: Worksite, delivery: int = 1) -> None:
    """Do a task of the TASKS queue and report it.

    task      secrets still sealed, as it travelled
    delivery  the message's receive count, from 1
    Raises    Throttled, Unavailable when the report or the queue failed: let the message come again
    """
    with trail.along({"pipeline": task.pipeline, **trail.attempt_ids(task.attempt)}):
        if is_current(ports.store, task):
            _perform(task, ports, site, delivery)
        else:
            withdraw(task, ports, site)


def _perform(task: Task, ports: Ports, site: Worksite, delivery: int) -> None:
    began = ports.clock.now()
    with Beginning(task, ports, told=task.checkpoint is not None) as beginning:
        opened = unseal(task, ports.sealer)
        outcome = work(
            opened,
            ports,
            site,
            lambda tools: execute(executors_of(opened), opened, tools),
            delivery=delivery,
        )
        tell_work(task, outcome, ports.clock.now() - began, delivery)
        if not isinstance(outcome, Unfinished | FannedOut):
            beginning.tell_end(outcome)
            return
        beginning.tell()
    _go_on(task, outcome, ports, site, delivery)


def _go_on(task: Task, outcome: Unfinished | FannedOut, ports: Ports, site: Worksite, delivery: int) -> None:
    """Queue the rest of the work, as the next part of one task or as chunks."""
    match outcome:
        case Unfinished():
            _queue_again(task, outcome, ports)
        case FannedOut():
            first = announce(task, outcome, ports, site)
            if first is not None:
                perform(replace(task, checkpoint=first), ports, site, delivery)
        case _:
            assert_never(outcome)


def _queue_again(task: Task, outcome: Unfinished, ports: Ports) -> None:
    """What waits for somebody else's work is too short an execution to report by itself that it goes on.

    A task that was woken has its next look queued already, by whoever looked last.
    """
    if outcome.after and outcome.progress is not None:
        report_progress(task, ports, outcome.progress)
    again = replace(task, checkpoint=outcome.checkpoint, woken=False)
    if outcome.awaits is not None:
        await_job(outcome.awaits, again, ports)
    if task.woken and outcome.after:
        return
    ports.sender.send(Queue.TASKS, [Message(ports.ids.fresh(), encode_task(again), delay=outcome.after)])
