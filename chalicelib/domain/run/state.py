"""The live state of one pipeline: everything the engine needs, and nothing that has ended.

Bounded: only instances that have not ended, at most `maxActiveInstances` a component. What ended is history, of which a
component keeps only how far it got (`next_index`) and the intervals that did not end FINISHED (`exceptions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.run.effects import Effect
from chalicelib.domain.run.status import Health, PipelineStatus, Status
from chalicelib.domain.values import AttemptId, ComponentId, InstanceId, PipelineId, UtcTime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an instance.

    number     from 1; the attempt's id is `<instance id>_Attempt=<number>`
    turn       how often its task was handed out on purpose: a precondition's checks count up, everything else stays 1
    created    when it began to wait for a runner
    started    when its work began (the runner's first report)
    progress   when the runner last reported
    fields     what the runner reported about it (`hostname`, `emrStepLog`, …), last value per key
    """

    number: int
    status: Status
    created: UtcTime
    turn: int = 1
    started: UtcTime | None = None
    progress: UtcTime | None = None
    ended: UtcTime | None = None
    error_id: str | None = None
    error_message: str | None = None
    error_stack_trace: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """A component in one interval.

    index       number of the interval in the component's schedule, or of the on-demand run
    start, end  the interval (`@scheduledStartTime`, `@scheduledEndTime`); equal for an on-demand run
    version     definition version that its fields are read from
    created     `@actualStartTime`: when it began to wait
    ended       `@actualEndTime`
    owner       for a precondition, the instance it guards; for others None
    tries_left  attempts still allowed after the newest one
    hold_until  not to be handed out before this (retry delay, next check of a precondition)
    late        whether lateAfterTimeout has passed without a start
    waiting_on  ids of the instances it still waits for
    resource_id the machine or cluster behind a resource
    rerun       brought back by a user: it does not count toward maxActiveInstances
    checked     its preconditions were met, or are being checked
    events      of a run that events started: which ones (see Claim)
    """

    id: InstanceId
    component: ComponentId
    index: int
    start: UtcTime
    end: UtcTime
    version: int
    status: Status
    created: UtcTime
    tries_left: int
    attempts: tuple[Attempt, ...] = ()
    ended: UtcTime | None = None
    owner: InstanceId | None = None
    hold_until: UtcTime | None = None
    late: bool = False
    waiting_on: tuple[InstanceId, ...] = ()
    resource_id: str | None = None
    cascade_failed_on: tuple[InstanceId, ...] = ()
    cancellation_reason: str | None = None
    rerun: bool = False
    checked: bool = False
    events: str = ""

    @property
    def head(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None


def attempt_id(instance: InstanceId, number: int) -> AttemptId:
    """`<instance id>_Attempt=<number>`, the service's form."""
    return AttemptId(f"{instance}_Attempt={number}")


def split_attempt_id(attempt: str) -> tuple[InstanceId, int] | None:
    """The instance id and number of an attempt id; None when the text is not one."""
    instance, mark, number = attempt.rpartition("_Attempt=")
    return (InstanceId(instance), int(number)) if mark and number.isascii() and number.isdigit() else None


@dataclass(frozen=True, slots=True)
class Span:
    """Intervals `first`..`last` (inclusive) that all ended, or are stuck, with `status`."""

    first: int
    last: int
    status: Status


@dataclass(frozen=True, slots=True)
class Stretch:
    """Intervals `first`..`last` (inclusive)."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ComponentState:
    """How far a component has got.

    next_index  first interval that has no instance yet; every one before it is live or has ended
    exceptions  intervals before next_index that did not end FINISHED, in order, no two touching with one status.
                WAITING_ON_DEPENDENCIES means stuck behind a failure: it comes back when the failure is rerun
    resume_from lowest interval that deactivation canceled; reactivation runs it and the canceled ones after it again
    """

    next_index: int = 0
    paused: bool = False
    exceptions: tuple[Span, ...] = ()
    health: Health = Health.NONE
    health_from: InstanceId | None = None
    health_at: UtcTime | None = None
    latest_run: UtcTime | None = None
    latest_completed: UtcTime | None = None
    resume_from: int | None = None


@dataclass(frozen=True, slots=True)
class OnDemandRun:
    """One activation of an on-demand pipeline, or one batch of events; `started` when its instances exist."""

    index: int
    start: UtcTime
    started: bool = False
    events: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Events that a run has taken and whose records may not say so yet.

    run     start of the run, as its instance ids end
    events  `event:<key>` of the only one, or `batch:<run>` under which they are listed
    """

    run: str
    events: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An effect that is decided and not yet known to have happened; sent again, with the same id, at `again_at`."""

    effect: Effect
    again_at: UtcTime
    sends: int = 1


@dataclass(frozen=True, slots=True)
class PipelineState:
    """The live item.

    recent  ids of the last commands, whose second application would matter
    timer   the last wake-up that was sent as a message of its own
    ended   what ended with the last commit; its history rows are written after that commit
    batch   what the last committed batch began with; one that begins with the same is that batch again
    repeated  whether the last batch had been committed before: two writers had it, so its messages may be gone, and
              nothing comes back to write the history rows if its writer died
    arrivals  whether events may wait for a run
    batch_at  when a batch that is not full is run all the same
    lacking  how many events more may fill that batch; 0 when only a look can tell
    claims  events taken with the last commit; their records are marked before events are read again
    ordered  intervals before next_index that a backfill is still to begin, by component; those before the schedule's
            start have negative numbers
    reruns  runs that events started of which something was brought back; when nothing of one is live any more, its
            events are dead or taken by what came of it
    costs   by day; see ledger.py
    """

    pipeline_id: PipelineId
    status: PipelineStatus
    definition_version: int
    first_activation: UtcTime
    activated_at: UtcTime
    deactivated_at: UtcTime | None = None
    components: Mapping[ComponentId, ComponentState] = field(default_factory=dict)
    instances: Mapping[InstanceId, Instance] = field(default_factory=dict)
    runs: tuple[OnDemandRun, ...] = ()
    outbox: Mapping[str, Outgoing] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    timer: UtcTime | None = None
    ended: tuple[Instance, ...] = ()
    batch: str = ""
    repeated: bool = False
    arrivals: bool = False
    batch_at: UtcTime | None = None
    lacking: int = 0
    claims: tuple[Claim, ...] = ()
    reruns: tuple[OnDemandRun, ...] = ()
    ordered: Mapping[ComponentId, tuple[Stretch, ...]] = field(default_factory=dict)
    costs: tuple[tuple[int, int], ...] = ()

    @property
    def shown(self) -> Mapping[InstanceId, Instance]:
        """Live instances, and what ended with the last commit, whose history rows may still be on their way."""
        return {item.id: item for item in self.ended} | dict(self.instances)
