"""What can go wrong in a migration, told to the person who runs it. Errors carry fields; `__str__` renders them."""

from dataclasses import dataclass

from chalicelib.domain.errors import DataPipelineError


class MigrationError(DataPipelineError):
    """Root of what ends a command with one line on standard error."""


@dataclass(unsafe_hash=True)
class Unanswered(MigrationError):
    """A side that cannot be reached, or does not have the operation."""

    side: str
    operation: str
    reason: str

    def __str__(self) -> str:
        return f"The {self.side} does not answer {self.operation}: {self.reason}"


@dataclass(unsafe_hash=True)
class Refused(MigrationError):
    """A side that answered with one of the service's errors."""

    side: str
    operation: str
    code: str
    reason: str

    def __str__(self) -> str:
        return f"The {self.side} refuses {self.operation}: {self.code}: {self.reason}"


@dataclass(unsafe_hash=True)
class Unusable(MigrationError):
    """An option, a file or a pipeline that cannot be used so: says what was expected."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(unsafe_hash=True)
class NotYet(MigrationError):
    """A switch that has to wait: the same command goes on later."""

    pipeline: str
    reason: str

    def __str__(self) -> str:
        return f"{self.pipeline}: {self.reason}. Run the same command again to go on"
