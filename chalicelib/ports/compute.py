"""Machines and clusters behind resource objects."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import PipelineId


class ResourceStatus(Enum):
    """What the provider says of a machine or cluster."""

    STARTING = "STARTING"
    UP = "UP"
    ENDING = "ENDING"
    GONE = "GONE"


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """A machine to create.

    token         idempotency token: launching twice with one token makes one machine
    worker_group  the group that its Task Runner polls
    resource      the evaluated Ec2Resource or EmrCluster object
    tags          the pipeline's tags and our own (`penstock:pipeline`, `penstock:instance`)
    """

    token: str
    pipeline: PipelineId
    worker_group: str
    resource: PipelineObject
    tags: tuple[tuple[str, str], ...]


class Compute(Protocol):
    """One provider (EC2; later EMR)."""

    def launch(self, request: LaunchRequest) -> str:
        """Create it and return its id; does not wait until it is up.

        Raises   Rejected, Denied, Throttled, Unavailable
        """

    def terminate(self, resource_id: str) -> None:
        """Ask for its end; ending one that is gone is no error."""

    def find(self, token: str) -> str | None:
        """The id of what was launched with this token and not yet ended; None when there is nothing."""

    def status(self, resource_id: str) -> ResourceStatus:
        """GONE also for ids never seen."""
