"""The lines that say what was done for a pipeline: one a turn of its writer, one an execution of a task or chunk.

They name instances and attempts and count what happened; they hold no value of any field. Each is also the metrics of
what it tells, so nothing is sent anywhere but to the log.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from chalicelib.domain.measures import Measure, Reading
from chalicelib.domain.prices import SQS_REQUEST, WRITE_UNIT, function_price
from chalicelib.domain.run.advance import Advanced
from chalicelib.domain.run.events import Event, TaskEnded, TaskStatus
from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.state import PipelineState, attempt_id
from chalicelib.domain.run.tally import FAILURES, tally
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports import trail
from chalicelib.work.outcome import Failed, Finished, Outcome

log = logging.getLogger(__name__)

NAMED = 10
"""Most instances that a line names; it counts them all."""

_ROWS = ("rowsCopied", "rowsInserted", "rowsUnloaded")
_BYTES = ("bytesCopied",)
_REQUESTS_A_MESSAGE = 3  # sent, received, deleted; batches make it fewer


def tell_turn(
    before: PipelineState,
    result: Advanced,
    events: Sequence[Event],
    plan: Plan,
    *,
    due: UtcTime | None,
    began: UtcTime,
    ended: UtcTime,
    size_bytes: int,
) -> None:
    """A turn of the pipeline's writer was committed.

    due         when the pipeline had wanted to be woken
    size_bytes  of the live item as it was written
    """
    if not log.isEnabledFor(logging.INFO):
        return
    counted = tally(before, result, plan)
    failures = sum(isinstance(event, TaskEnded) and event.status is TaskStatus.FAILED for event in events)
    values = {
        Measure.RUNS_STARTED: counted.runs_started,
        Measure.RUNS_FINISHED: counted.runs_finished,
        Measure.RUNS_FAILED: counted.runs_failed,
        Measure.INSTANCES_FINISHED: counted.instances_finished,
        Measure.INSTANCES_FAILED: counted.instances_failed,
        Measure.ATTEMPTS_FAILED: failures,
        Measure.LATENESS: round((began - due).total_seconds(), 3) if due is not None and due <= began else 0,
        Measure.ESTIMATED_COST: _turn_price(result, ended - began, size_bytes),
    }
    fields = {
        "events": dict(Counter(type(event).__name__ for event in events)),
        "effects": dict(Counter(type(effect).__name__ for effect in result.send)),
        "instances": [f"{item.id} {item.status.value}" for item in result.ended[:NAMED]],
        "live": len(result.state.instances),
        "ms": _ms(ended - began),
    }
    told = {measure: value for measure, value in values.items() if value}
    log.info("pipeline.advanced", extra={**fields, "pipeline": before.pipeline_id, "reading": Reading(told)})
    _tell_failures(result)


def _tell_failures(result: Advanced) -> None:
    """One line for each instance that failed, to be found by its ids."""
    for instance in result.ended:
        if instance.status in FAILURES and instance.head is not None:
            attempt = attempt_id(instance.id, instance.head.number)
            fields = {"status": instance.status.value, "errorId": instance.head.error_id}
            ids = {"pipeline": result.state.pipeline_id, **trail.attempt_ids(attempt)}
            log.warning("instance.failed", extra={**fields, **ids})


def _turn_price(result: Advanced, took: timedelta, size_bytes: int) -> float:
    """The commit, history rows with their index, messages of effects, and the function's time."""
    units = -(-size_bytes // 1024) + 2 * len(result.ended)
    requests = _REQUESTS_A_MESSAGE * (1 + len(result.send))
    memory = trail.current().memory_mb
    return units * WRITE_UNIT + requests * SQS_REQUEST + function_price(took.total_seconds(), memory)


def tell_work(task: Task, outcome: Outcome, took: timedelta, delivery: int) -> None:
    """An execution of a task came to `outcome`; its trail names the attempt."""
    fields = dict(outcome.fields) if isinstance(outcome, Finished) else {}
    copied = {Measure.BYTES_COPIED: _sum(fields, _BYTES), Measure.ROWS_COPIED: _sum(fields, _ROWS)}
    log.info("task.done", extra=_execution(task, outcome, took, delivery, copied))


def tell_chunk(task: Task, number: int, outcome: Outcome, took: timedelta, delivery: int) -> None:
    """An execution of one of a task's chunks came to `outcome`. What it copied is told with the task's end."""
    log.info("chunk.done", extra={"chunk": number, **_execution(task, outcome, took, delivery, {})})


def tell_taken(pipeline: PipelineId, count: int, dead: int) -> None:
    """Events were put into a pipeline's backlog, some of them dead from the start."""
    values = {Measure.EVENTS_TAKEN: count, Measure.EVENTS_DEAD: dead}
    log.info("events.taken", extra={"pipeline": pipeline, "events": count, "dead": dead, "reading": Reading(values)})


def tell_buried(pipeline: PipelineId, count: int, run: str) -> None:
    """The events of a run that failed were set aside."""
    fields = {"pipeline": pipeline, "run": run, "events": count, "reading": Reading({Measure.EVENTS_DEAD: count})}
    log.warning("events.buried", extra=fields)


def _execution(
    task: Task, outcome: Outcome, took: timedelta, delivery: int, copied: Mapping[Measure, int]
) -> dict[str, object]:
    memory = trail.current().memory_mb
    price = {Measure.ESTIMATED_COST: function_price(took.total_seconds(), memory)} if memory else {}
    told = {measure: value for measure, value in copied.items() if value}
    said = {"type": task.subject.type, "outcome": type(outcome).__name__, "delivery": delivery, "turn": task.turn}
    error = {"errorId": outcome.error_id} if isinstance(outcome, Failed) else {}
    return {**said, **error, "reading": Reading({Measure.TASK_TIME: _ms(took), **told, **price})}


def _sum(fields: Mapping[str, str], names: Sequence[str]) -> int:
    return sum(int(fields[name]) for name in names if fields.get(name, "").isdecimal())


def _ms(length: timedelta) -> float:
    return round(length.total_seconds() * 1e3, 1)
