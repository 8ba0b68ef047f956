"""What Penstock measures of itself: every metric's name, unit, meaning and dimensions. Knows not how they are sent.

Dimensions are the stage and, where it helps, the function: never a pipeline, a run or a component. CloudWatch keeps and
bills each combination of dimension values as a metric of its own, for 15 months, so a dimension that grows with the
number of pipelines would cost more than the pipelines. Whose value it was stands beside it in the same log line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

NAMESPACE = "Penstock"
STAGE = "stage"
FUNCTION = "function"


class Unit(Enum):
    """As CloudWatch spells them."""

    COUNT = "Count"
    SECONDS = "Seconds"
    MILLISECONDS = "Milliseconds"
    BYTES = "Bytes"
    NONE = "None"


@dataclass(frozen=True, slots=True)
class _Declared:
    unit: Unit
    meaning: str
    by: tuple[str, ...] = (STAGE,)


class Measure(Enum):
    """Every metric, by its name in CloudWatch."""

    RUNS_STARTED = "RunsStarted"
    RUNS_FINISHED = "RunsFinished"
    RUNS_FAILED = "RunsFailed"
    INSTANCES_FINISHED = "InstancesFinished"
    INSTANCES_FAILED = "InstancesFailed"
    ATTEMPTS_FAILED = "AttemptsFailed"
    LATENESS = "Lateness"
    TASK_TIME = "TaskTime"
    BYTES_COPIED = "BytesCopied"
    ROWS_COPIED = "RowsCopied"
    EVENTS_TAKEN = "EventsTaken"
    EVENTS_DEAD = "EventsDead"
    THROTTLES = "Throttles"
    RECORDS_FAILED = "RecordsFailed"
    INVOCATIONS_FAILED = "InvocationsFailed"
    API_CALLS = "ApiCalls"
    API_FAULTS = "ApiFaults"
    API_TIME = "ApiTime"
    ESTIMATED_COST = "EstimatedCost"

    @property
    def unit(self) -> Unit:
        """What its values count."""
        return _DECLARED[self].unit

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _DECLARED[self].meaning

    @property
    def by(self) -> tuple[str, ...]:
        """Names of its dimensions."""
        return _DECLARED[self].by


_PER_FUNCTION = (STAGE, FUNCTION)
_DECLARED: Mapping[Measure, _Declared] = {
    Measure.RUNS_STARTED: _Declared(Unit.COUNT, "Runs of which a first instance was created."),
    Measure.RUNS_FINISHED: _Declared(Unit.COUNT, "Runs of which every instance has ended and none has failed."),
    Measure.RUNS_FAILED: _Declared(
        Unit.COUNT, "Runs of which every instance has ended, or waits for one that failed, and at least one has failed."
    ),
    Measure.INSTANCES_FINISHED: _Declared(Unit.COUNT, "Instances that ended FINISHED."),
    Measure.INSTANCES_FAILED: _Declared(Unit.COUNT, "Instances that ended FAILED, TIMEDOUT or CASCADE_FAILED."),
    Measure.ATTEMPTS_FAILED: _Declared(Unit.COUNT, "Failures reported by workers, those that are retried included."),
    Measure.LATENESS: _Declared(
        Unit.SECONDS, "How long after the moment it wanted to be woken a pipeline was advanced; one value a turn."
    ),
    Measure.TASK_TIME: _Declared(Unit.MILLISECONDS, "How long one execution of a task or chunk took in a function."),
    Measure.BYTES_COPIED: _Declared(Unit.BYTES, "What tasks that ended say they copied (`bytesCopied`)."),
    Measure.ROWS_COPIED: _Declared(Unit.COUNT, "What tasks that ended say they copied, loaded or unloaded, in rows."),
    Measure.EVENTS_TAKEN: _Declared(Unit.COUNT, "Events put into a pipeline's backlog."),
    Measure.EVENTS_DEAD: _Declared(Unit.COUNT, "Events set aside: their run failed, or they were too large to keep."),
    Measure.THROTTLES: _Declared(Unit.COUNT, "Requests that an AWS service throttled, after botocore's own retries."),
    Measure.RECORDS_FAILED: _Declared(
        Unit.COUNT, "Deliveries of a message that failed and will be repeated, up to five times.", _PER_FUNCTION
    ),
    Measure.INVOCATIONS_FAILED: _Declared(Unit.COUNT, "Invocations that raised an error.", _PER_FUNCTION),
    Measure.API_CALLS: _Declared(Unit.COUNT, "Requests that the API answered, whatever the answer."),
    Measure.API_FAULTS: _Declared(Unit.COUNT, "Requests that the API answered with a status of 500 or above."),
    Measure.API_TIME: _Declared(Unit.MILLISECONDS, "How long the function took to answer a request; not long polls."),
    Measure.ESTIMATED_COST: _Declared(
        Unit.NONE, "US dollars at list price that an invocation cost: requests, function time. Not machines, not data."
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Values taken at one moment, by measure."""

    values: Mapping[Measure, float]

    def __bool__(self) -> bool:
        return any(self.values.values())
