"""Machines and clusters behind resource objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import PipelineId, UtcTime


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
    linked        what the resource's references reach, evaluated, secrets open: HttpProxy, EmrConfiguration, …
    label         `<component>_<launch time>`, for names that people read
    last_attempt  whether no other attempt follows when this one fails
    """

    token: str
    pipeline: PipelineId
    worker_group: str
    resource: PipelineObject
    tags: tuple[tuple[str, str], ...]
    linked: Mapping[str, PipelineObject] = field(default_factory=dict)
    label: str = ""
    last_attempt: bool = False

    def objects(self, source: PipelineObject, key: str) -> tuple[PipelineObject, ...]:
        """The objects that a reference field of `source` points at, in order."""
        return tuple(self.linked[target] for target in source.refs(key) if target in self.linked)


class Compute(Protocol):
    """EC2, EMR, or both behind one (adapters/aws/resources)."""

    def launch(self, request: LaunchRequest) -> str:
        """Create it and return its id; does not wait until it is up.

        Raises   Rejected, Denied, Throttled, Unavailable
        """

    def terminate(self, resource_id: str) -> None:
        """Ask for its end; ending one that is gone is no error."""

    def find(self, token: str, region: str | None = None) -> str | None:
        """The id of what was launched with this token and not yet ended; None when there is nothing.

        region  where it was to be launched; None is the home region
        """

    def status(self, resource_id: str) -> ResourceStatus:
        """GONE also for ids never seen."""

    def reason(self, resource_id: str) -> str:
        """What the provider says of its state, in a sentence; empty when it says nothing."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A machine or cluster that a launch of ours made and that has not ended. `token` is the launch's."""

    resource_id: str
    token: str
    launched: UtcTime


class Inventory(Protocol):
    """Everything launched by this deployment, whoever remembers it."""

    def ours(self) -> Sequence[Owned]:
        """What this stage launched, in any region, and has not ended; never anything else.

        Raises   Denied, Throttled, Unavailable
        """

    def terminate(self, resource_id: str) -> None:
        """See `Compute.terminate`."""
