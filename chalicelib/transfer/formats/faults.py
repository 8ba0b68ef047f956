"""What is wrong with a file, and where."""

from dataclasses import dataclass

from chalicelib.domain.errors import DataPipelineError


@dataclass(unsafe_hash=True)
class BadRecord(DataPipelineError):
    """A record that cannot be read or written.

    file    the object's address, or what else names the input
    line    number of the record from 1; a line feed taken literally by an escape does not begin a new one
    column  number from 1, with the name where one is known; None when the whole record is meant
    """

    file: str
    line: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.reason}"


@dataclass(unsafe_hash=True)
class BadFile(DataPipelineError):
    """A file that cannot be read at all, or not to its end."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"
