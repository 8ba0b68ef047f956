"""Steps of Hadoop clusters."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class StepStatus(Enum):
    """How a step stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def ended(self) -> bool:
        return self not in (StepStatus.WAITING, StepStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Step:
    """A program to run on a cluster, after the steps that wait there already.

    name  the same however often it is submitted, different for any other step of the cluster
    jar   S3 address, path on the master node, or the name of a runner (domain/hadoop)
    """

    name: str
    jar: str
    arguments: tuple[str, ...] = ()
    main_class: str | None = None


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step as the cluster tells of it. `reason` is a sentence, empty unless it failed."""

    status: StepStatus
    reason: str = ""


class Clusters(Protocol):
    """Clusters by the id that ports/compute gave them. All raise Throttled, Unavailable, Denied."""

    def submit(self, cluster: str, step: Step) -> str:
        """Add a step that lets the cluster go on when it fails; returns the step's id.

        Raises   Rejected for a cluster that has ended or a step that it does not take
        """

    def find(self, cluster: str, name: str) -> str | None:
        """The id of a step submitted under this name, whatever became of it."""

    def report(self, cluster: str, step_id: str) -> StepReport:
        """How a step stands. Raises Missing when the cluster or the step is unknown."""

    def cancel(self, cluster: str, beginning: str) -> int:
        """Stop every step that has not ended and whose name begins so; how many. A cluster that is gone has none."""

    def grow(self, cluster: str, nodes: int) -> None:
        """Ask for at least so many core nodes. One that has as many, or no group of them, stays as it is.

        Raises   Rejected when the cluster cannot be resized
        """

    def log_folder(self, cluster: str) -> str | None:
        """S3 address of the cluster's own logs, ending in `/`; None when it keeps none."""
