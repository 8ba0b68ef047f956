"""Every fact that can change a pipeline's live state. They travel on the control queue, at least once."""

from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.run.status import Command
from chalicelib.domain.values import AttemptId, InstanceId, UtcTime


@dataclass(frozen=True, slots=True)
class Activated:
    """ActivatePipeline succeeded: run `definition_version` from now on.

    start  resume point given by the caller: intervals that start before it are SKIPPED; None continues
    """

    id: str
    at: UtcTime
    definition_version: int
    start: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class Deactivated:
    """DeactivatePipeline: cancel what is live, or let it end."""

    id: str
    at: UtcTime
    cancel_active: bool = True


@dataclass(frozen=True, slots=True)
class Deleted:
    """DeletePipeline: cancel everything, release every resource, create nothing more."""

    id: str
    at: UtcTime


@dataclass(frozen=True, slots=True)
class StatusSet:
    """SetStatus on component ids (PAUSE, RESUME) or instance ids (the others)."""

    id: str
    at: UtcTime
    command: Command
    object_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackfillOrdered:
    """Run every interval of these components that begins in [low, high) and was due by now, whatever became of it."""

    id: str
    at: UtcTime
    low: UtcTime
    high: UtcTime
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackfillStopped:
    """Begin no more of what was ordered of these components; of all when none is named."""

    id: str
    at: UtcTime
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """A worker took the task up: the first ReportTaskProgress, or the serverless function's start."""

    attempt: AttemptId
    turn: int
    at: UtcTime
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TaskProgressed:
    """The worker is alive; sent less often than workers report (see service/tasks)."""

    attempt: AttemptId
    turn: int
    at: UtcTime
    fields: tuple[tuple[str, str], ...] = ()


class TaskStatus(Enum):
    """SetTaskStatus; FALSE only from preconditions: not satisfied now."""

    FINISHED = "FINISHED"
    FAILED = "FAILED"
    FALSE = "FALSE"


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """The worker's verdict on one attempt and turn.

    started  when its work began, if no TaskStarted said so: quick work is reported once
    """

    attempt: AttemptId
    turn: int
    at: UtcTime
    status: TaskStatus
    error_id: str | None = None
    error_message: str | None = None
    error_stack_trace: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    started: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class ResourceCreated:
    """The launch was accepted: this is the machine's or cluster's id."""

    instance: InstanceId
    attempt: AttemptId
    resource_id: str
    at: UtcTime


@dataclass(frozen=True, slots=True)
class ResourceReady:
    """The machine's Task Runner was heard of, or the cluster is up."""

    instance: InstanceId
    attempt: AttemptId
    at: UtcTime


@dataclass(frozen=True, slots=True)
class ResourceFailed:
    """The launch was refused, or the machine went away by itself."""

    instance: InstanceId
    attempt: AttemptId
    at: UtcTime
    reason: str


@dataclass(frozen=True, slots=True)
class ResourceTerminated:
    """The machine or cluster is gone, as asked."""

    instance: InstanceId
    attempt: AttemptId
    at: UtcTime


@dataclass(frozen=True, slots=True)
class EffectDone:
    """An effect that nothing else confirms was performed."""

    effect_id: str
    at: UtcTime


@dataclass(frozen=True, slots=True)
class Woke:
    """Time passed: the pipeline's `wake_at` is due."""

    at: UtcTime


@dataclass(frozen=True, slots=True)
class EventsArrived:
    """The pipeline's backlog of events has grown.

    count  by how many events at most, all of them later than those that were there; 0 when it is not known
    """

    at: UtcTime
    count: int = 0


Event = (
    Activated
    | Deactivated
    | Deleted
    | StatusSet
    | BackfillOrdered
    | BackfillStopped
    | TaskStarted
    | TaskProgressed
    | TaskEnded
    | ResourceCreated
    | ResourceReady
    | ResourceFailed
    | ResourceTerminated
    | EffectDone
    | Woke
    | EventsArrived
)
