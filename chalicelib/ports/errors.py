"""What can go wrong outside, in the caller's vocabulary. Adapters raise nothing else."""

from dataclasses import dataclass

from chalicelib.domain.errors import DataPipelineError


@dataclass(unsafe_hash=True)
class PortError(DataPipelineError):
    """Root. `retryable` says whether the same call may succeed later."""

    operation: str
    reason: str

    retryable = False

    def __str__(self) -> str:
        return f"{self.operation}: {self.reason}"


class Conflict(PortError):
    """Somebody else wrote first: load again and decide again."""

    retryable = True


class Throttled(PortError):
    """Too many requests; come back later."""

    retryable = True


class Unavailable(PortError):
    """The other side did not answer, or answered with a fault of its own."""

    retryable = True


class Denied(PortError):
    """The role in use may not do this."""


class Missing(PortError):
    """The thing named does not exist."""


class Full(PortError):
    """There may be no more of these; `reason` says how many there may be."""


class Rejected(PortError):
    """The other side found the request itself wrong."""


def failure(error: PortError) -> dict[str, str]:
    """What may be logged of one: its type and operation. The reason is the other side's words, whatever they quote."""
    return {"error": type(error).__name__, "operation": error.operation}
