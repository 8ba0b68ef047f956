"""A run as a whole: all instances that begin at one time, which is one interval or one on-demand start.

Its id is what their ids end in. Preconditions' instances belong to it and are not counted: they are part of what they
guard.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.run.plan import moment_of
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import InstanceId, UtcTime, parse_time

MOST_ERRORS = 5
"""Errors that a run shows: those of the instances that failed first."""

_MOVING = (Status.RUNNING, Status.CREATING, Status.SHUTTING_DOWN)
_WAITING = (Status.WAITING_FOR_RUNNER, Status.WAITING_ON_DEPENDENCIES)
_BAD = (Status.FAILED, Status.TIMEDOUT, Status.CASCADE_FAILED, Status.CANCELED)


@dataclass(frozen=True, slots=True)
class RunError:
    """What went wrong with one instance of a run."""

    instance: InstanceId
    status: Status
    error_id: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    id       start time as instance ids end
    start    `@scheduledStartTime`; end: the latest `@scheduledEndTime` of its instances
    status   see `run_status`
    counts   instances by status
    started  when its first instance began to wait; ended: when its last one ended, None while one has not
    """

    id: str
    start: UtcTime
    end: UtcTime
    status: Status
    counts: Mapping[Status, int]
    started: UtcTime
    ended: UtcTime | None
    errors: tuple[RunError, ...] = ()
    events: str = ""


def run_of(instance: Instance) -> str:
    """The id of the run that an instance belongs to."""
    return moment_of(instance.id)


def run_start(run: str) -> UtcTime:
    """The start that a run's id says, to the second. Raises ValueError for text that is no run's id."""
    second, dot, rest = run.partition(".")
    if dot and not (len(rest) == 3 and rest.isascii() and rest.isdigit()):
        raise ValueError(f"{run!r} is no start of a run")
    if "T" not in second:
        raise ValueError(f"{run!r} is no start of a run")
    return parse_time(second)


def summarised(run: str, instances: Iterable[Instance], live: Mapping[InstanceId, Instance]) -> Run:
    """The run that these instances make; at least one.

    live  instances of the pipeline that have not ended: one that waits and is not live is stuck behind a failure
    """
    found = tuple(instances)
    counted = [item for item in found if item.owner is None] or list(found)
    over = all(item.ended is not None or item.id not in live for item in counted)
    ends = [item.ended for item in counted if item.ended is not None]
    return Run(
        id=run,
        start=min(item.start for item in counted),
        end=max(item.end for item in counted),
        status=run_status(counted, live),
        counts=Counter(item.status for item in counted),
        started=min(item.created for item in counted),
        ended=max(ends) if over and ends else None,
        errors=tuple(_errors(counted)),
        events=counted[0].events,
    )


def run_status(instances: Iterable[Instance], live: Mapping[InstanceId, Instance]) -> Status:
    """One status for many: what moves before what waits, what waits before what failed, what failed before success.

    What is stuck behind a failure counts only when nothing worse is known; SKIPPED only when all are.
    """
    statuses = {item.status for item in instances if item.status.ended or item.id in live}
    stuck = {item.status for item in instances if not item.status.ended and item.id not in live}
    if statuses & set(_MOVING):
        return Status.RUNNING
    for status in (*_WAITING, *_BAD):
        if status in statuses:
            return status
    if stuck:
        return Status.WAITING_ON_DEPENDENCIES
    return Status.SKIPPED if statuses == {Status.SKIPPED} else Status.FINISHED


def _errors(instances: Iterable[Instance]) -> Iterable[RunError]:
    bad = [item for item in instances if item.status in _BAD and item.status is not Status.CASCADE_FAILED]
    bad.sort(key=lambda item: (item.ended or item.created, item.id))
    for item in bad[:MOST_ERRORS]:
        head = item.head
        message = (head.error_message if head is not None else None) or item.cancellation_reason
        yield RunError(item.id, item.status, head.error_id if head is not None else None, message)
