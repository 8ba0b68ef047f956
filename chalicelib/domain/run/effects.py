"""What the engine wants done outside, as values. Each has an id that stays the same however often it is derived."""

from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.values import AttemptId, ComponentId, InstanceId


class Placement(Enum):
    """Where an attempt executes. RESOURCE is a worker group of its own on the machine of a resource instance."""

    SERVERLESS = "serverless"
    WORKER_GROUP = "workerGroup"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Hand the attempt's task to its placement.

    worker_group  exact group for WORKER_GROUP; for RESOURCE the resource instance's own group; None when serverless
    Confirmed by  TaskStarted or TaskEnded of the same attempt and turn
    """

    id: str
    instance: InstanceId
    attempt: AttemptId
    turn: int
    placement: Placement
    worker_group: str | None = None


@dataclass(frozen=True, slots=True)
class CancelTask:
    """Tell whoever holds the task to stop; its report, if it still makes one, is ignored. Confirmed by EffectDone."""

    id: str
    attempt: AttemptId
    turn: int


@dataclass(frozen=True, slots=True)
class RunAction:
    """Run an action object (SnsAlarm) for an instance. `cause` is onSuccess, onFail or onLateAction.

    Confirmed by  EffectDone
    """

    id: str
    action: ComponentId
    instance: InstanceId
    cause: str


@dataclass(frozen=True, slots=True)
class LaunchResource:
    """Create the machine or cluster of a resource attempt. Confirmed by ResourceCreated or ResourceFailed."""

    id: str
    instance: InstanceId
    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class TerminateResource:
    """End the machine or cluster. Confirmed by ResourceTerminated.

    resource_id  None when its launch was never confirmed
    """

    id: str
    instance: InstanceId
    attempt: AttemptId
    resource_id: str | None


@dataclass(frozen=True, slots=True)
class CheckResource:
    """Ask the provider whether a cluster is up, which has nobody on it who would tell.

    Sent again until ResourceReady or ResourceFailed answers, so that asking while it starts is the outbox's own work.
    """

    id: str
    instance: InstanceId
    attempt: AttemptId
    resource_id: str


@dataclass(frozen=True, slots=True)
class BuryEvents:
    """List the events of a run that failed among the dead letters. Confirmed by EffectDone.

    run     its start, as its instance ids end
    events  which ones, as in state.Claim
    """

    id: str
    run: str
    events: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReclaimEvents:
    """Take the events of a run that failed off the dead letters: it is run again. Confirmed by EffectDone.

    Fields as BuryEvents
    """

    id: str
    run: str
    events: str


Effect = (
    Dispatch | CancelTask | RunAction | LaunchResource | CheckResource | TerminateResource | BuryEvents | ReclaimEvents
)
