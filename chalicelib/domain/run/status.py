"""Statuses, spelled as the service spells them."""

from enum import Enum


class PipelineStatus(Enum):
    """`@pipelineState`."""

    PENDING = "PENDING"
    VALIDATING = "VALIDATING"
    ACTIVATING = "ACTIVATING"
    SCHEDULED = "SCHEDULED"
    DEACTIVATING = "DEACTIVATING"
    INACTIVE = "INACTIVE"
    FINISHED = "FINISHED"
    DELETING = "DELETING"


class Status(Enum):
    """`@status` of an instance or attempt."""

    WAITING_ON_DEPENDENCIES = "WAITING_ON_DEPENDENCIES"
    WAITING_FOR_RUNNER = "WAITING_FOR_RUNNER"
    CREATING = "CREATING"
    RUNNING = "RUNNING"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    CASCADE_FAILED = "CASCADE_FAILED"
    CANCELED = "CANCELED"
    TIMEDOUT = "TIMEDOUT"
    SKIPPED = "SKIPPED"

    __hash__ = object.__hash__  # members are looked up at every turn, and hashing their names takes most of it

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it unless somebody reruns it."""
        return self in _ENDED


_ENDED = frozenset(
    {Status.FINISHED, Status.FAILED, Status.CASCADE_FAILED, Status.CANCELED, Status.TIMEDOUT, Status.SKIPPED}
)


class Health(Enum):
    """`@healthStatus` of a component or pipeline."""

    HEALTHY = "HEALTHY"
    ERROR = "ERROR"
    NONE = "-"


class Command(Enum):
    """What `SetStatus` asks for: the first two of components, the others of instances."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    TRY_CANCEL = "TRY_CANCEL"
    RERUN = "RERUN"
    MARK_FINISHED = "MARK_FINISHED"
