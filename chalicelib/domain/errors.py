"""Every error the domain raises. Errors carry fields; `__str__` renders them.

Not frozen: Python sets `__traceback__` on an exception that leaves a context manager, and a frozen one turns that into
a FrozenInstanceError that hides it.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field


def whereabouts(error: BaseException) -> dict[str, str | list[str]]:
    """What may be logged of any exception: its type, and where it came through as `file:line function`.

    Not what it says: that may quote a payload or a secret.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "places": [f"{at.filename}:{at.lineno} {at.name}" for at in frames]}


class DataPipelineError(Exception):
    """Root of everything Penstock raises on purpose."""


class RequestError(DataPipelineError):
    """The caller's fault; the edge answers it with one of the service's modelled errors."""


@dataclass(unsafe_hash=True)
class InvalidRequest(RequestError):
    """A request the service refuses: names the member, what was given and what was expected."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(unsafe_hash=True)
class NotPossible(InvalidRequest):
    """A request that is right in itself and does not fit how things stand now; says how they stand."""

    def __str__(self) -> str:
        return self.reason


@dataclass(unsafe_hash=True)
class InvalidDefinition(InvalidRequest):
    """A definition that cannot be saved, or activated: `errors` are its sentences by object, or by pipeline.

    stored  whether it is the one that was saved before, and not one that the request brings
    """

    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    stored: bool = False

    def __str__(self) -> str:
        return self.reason


@dataclass(unsafe_hash=True)
class Stale(RequestError):
    """An edit of something that changed since the caller read it: its revision is `present` now."""

    present: int

    def __str__(self) -> str:
        return f"It has changed: its revision is {self.present} now. Read it again, then decide again"


@dataclass(unsafe_hash=True)
class Forbidden(RequestError):
    """The caller is known and may not do this; about another owner's things say PipelineNotFound instead."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(unsafe_hash=True)
class PipelineNotFound(RequestError):
    """No pipeline of this owner has the id."""

    pipeline_id: str

    def __str__(self) -> str:
        return f"Pipeline with id: {self.pipeline_id} does not exist"


@dataclass(unsafe_hash=True)
class PipelineDeleted(RequestError):
    """The pipeline existed and was deleted."""

    pipeline_id: str

    def __str__(self) -> str:
        return f"Pipeline with id: {self.pipeline_id} has been deleted"


@dataclass(unsafe_hash=True)
class ObjectNotFound(RequestError):
    """The pipeline has no such component, run, instance or attempt, or no longer: history expires."""

    pipeline_id: str
    object_id: str

    def __str__(self) -> str:
        return f"Pipeline {self.pipeline_id} has no {self.object_id}"


@dataclass(unsafe_hash=True)
class TaskNotFound(RequestError):
    """The task id was never issued, or the task is no longer this runner's."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(unsafe_hash=True)
class ExpressionError(DataPipelineError):
    """An expression that cannot be read or evaluated.

    column  zero-based offset of the fault in `expression`
    """

    expression: str
    column: int
    reason: str

    def __str__(self) -> str:
        return f"{self.reason} at column {self.column + 1}\n{self.expression}\n{' ' * self.column}^"


@dataclass(unsafe_hash=True)
class IllegalTransition(DataPipelineError):
    """An event that the transition table does not allow in this status. Nothing was changed."""

    subject: str
    status: str
    event: str

    def __str__(self) -> str:
        return f"{self.subject} is {self.status}: {self.event} is not allowed"
