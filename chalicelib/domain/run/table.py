"""The transition table: every change of an instance's status that can happen, and nothing else.

Rules
1. An instance is created waiting on its dependencies and ends in exactly one ended status; only a rerun or a mark
   brings it out of one.
2. What can happen is a `Trigger`. A pair (status, trigger) that is not in the table is an IllegalTransition: it raises
   and changes nothing. Late reports about attempts that are over never get here; attempt and turn tell them.
3. Data nodes never have an attempt: they go from waiting to an ended status. Resources alone are CREATING and
   SHUTTING_DOWN, and they alone end TIMEDOUT.
4. RUNNING comes only from a worker's own report, except that a verdict may overtake that report.
"""

from enum import Enum

from chalicelib.domain.errors import IllegalTransition
from chalicelib.domain.run.status import Status


class Trigger(Enum):
    """Everything that can change an instance's status."""

    OFFERED = "its task was handed to its placement"
    LAUNCHED = "its machine or cluster was asked for"
    STARTED = "a worker reported that it began, or the machine is up"
    UNSATISFIED = "a precondition's check found it not satisfied yet"
    SUCCEEDED = "the worker reported success, or nothing is left to wait for"
    RETRIED = "the attempt failed and another one is allowed"
    FAILED = "the last attempt failed"
    RESOURCE_LOST = "its machine or cluster failed under it"
    RELEASED = "nothing will use the machine or cluster again"
    TERMINATED = "the machine or cluster is gone, as asked"
    TIMED_OUT = "terminateAfter passed"
    DEPENDENCY_FAILED = "a dependency failed and failureAndRerunMode is cascade"
    CANCELED = "it was canceled, by a user or because it cannot run any more"
    MARKED_FINISHED = "a user marked it finished"
    SKIPPED = "activation resumed at a later time"
    RERUN = "a user asked for another run"

    __hash__ = object.__hash__  # as Status


_WAITING = Status.WAITING_ON_DEPENDENCIES
_READY = Status.WAITING_FOR_RUNNER

TABLE: dict[tuple[Status, Trigger], Status] = {
    (_WAITING, Trigger.OFFERED): _READY,
    (_WAITING, Trigger.LAUNCHED): Status.CREATING,
    (_WAITING, Trigger.SUCCEEDED): Status.FINISHED,
    (_WAITING, Trigger.RELEASED): Status.FINISHED,
    (_WAITING, Trigger.FAILED): Status.FAILED,
    (_WAITING, Trigger.DEPENDENCY_FAILED): Status.CASCADE_FAILED,
    (_WAITING, Trigger.CANCELED): Status.CANCELED,
    (_WAITING, Trigger.MARKED_FINISHED): Status.FINISHED,
    (_WAITING, Trigger.SKIPPED): Status.SKIPPED,
    (_READY, Trigger.OFFERED): _READY,
    (_READY, Trigger.STARTED): Status.RUNNING,
    (_READY, Trigger.UNSATISFIED): Status.RUNNING,
    (_READY, Trigger.SUCCEEDED): Status.FINISHED,
    (_READY, Trigger.RETRIED): _READY,
    (_READY, Trigger.FAILED): Status.FAILED,
    (_READY, Trigger.RESOURCE_LOST): _WAITING,
    (_READY, Trigger.CANCELED): Status.CANCELED,
    (_READY, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.RUNNING, Trigger.STARTED): Status.RUNNING,
    (Status.RUNNING, Trigger.UNSATISFIED): Status.RUNNING,
    (Status.RUNNING, Trigger.SUCCEEDED): Status.FINISHED,
    (Status.RUNNING, Trigger.RETRIED): _READY,
    (Status.RUNNING, Trigger.FAILED): Status.FAILED,
    (Status.RUNNING, Trigger.RESOURCE_LOST): _WAITING,
    (Status.RUNNING, Trigger.RELEASED): Status.SHUTTING_DOWN,
    (Status.RUNNING, Trigger.TIMED_OUT): Status.TIMEDOUT,
    (Status.RUNNING, Trigger.CANCELED): Status.CANCELED,
    (Status.RUNNING, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.CREATING, Trigger.STARTED): Status.RUNNING,
    (Status.CREATING, Trigger.RESOURCE_LOST): _WAITING,
    (Status.CREATING, Trigger.FAILED): Status.FAILED,
    (Status.CREATING, Trigger.RELEASED): Status.SHUTTING_DOWN,
    (Status.CREATING, Trigger.TIMED_OUT): Status.TIMEDOUT,
    (Status.CREATING, Trigger.CANCELED): Status.CANCELED,
    (Status.CREATING, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.SHUTTING_DOWN, Trigger.TERMINATED): Status.FINISHED,
    (Status.SHUTTING_DOWN, Trigger.CANCELED): Status.CANCELED,
    (Status.SHUTTING_DOWN, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.FINISHED, Trigger.RERUN): _WAITING,
    (Status.FAILED, Trigger.RERUN): _WAITING,
    (Status.FAILED, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.CASCADE_FAILED, Trigger.RERUN): _WAITING,
    (Status.CASCADE_FAILED, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.CANCELED, Trigger.RERUN): _WAITING,
    (Status.CANCELED, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.TIMEDOUT, Trigger.RERUN): _WAITING,
    (Status.TIMEDOUT, Trigger.MARKED_FINISHED): Status.FINISHED,
    (Status.SKIPPED, Trigger.RERUN): _WAITING,
    (Status.SKIPPED, Trigger.MARKED_FINISHED): Status.FINISHED,
}
"""RESOURCE_LOST brings back to waiting both the work that ran on a lost machine and, with tries left, the resource."""


def allows(status: Status, trigger: Trigger) -> bool:
    """Whether the table has the pair."""
    return (status, trigger) in TABLE


def next_status(subject: str, status: Status, trigger: Trigger) -> Status:
    """The status that follows; raises IllegalTransition, naming `subject`, when the table has none."""
    following = TABLE.get((status, trigger))
    if following is None:
        raise IllegalTransition(subject, status.value, trigger.name)
    return following
