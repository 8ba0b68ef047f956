"""What the functions of this deployment have said, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.values import UtcTime


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log. `id` tells it from others of the same moment."""

    id: str
    at: UtcTime
    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines in order of time; `more` says that not all of the span were looked at."""

    lines: tuple[Line, ...]
    more: bool = False


class FunctionLog(Protocol):
    """Lines of the functions that do work. They may come some seconds late, and not in order."""

    def lines(self, members: Mapping[str, str], low: UtcTime, high: UtcTime, most: int) -> Lines:
        """At most `most` lines of [low, high] that are JSON objects with these members.

        Raises   Denied, Rejected, Throttled, Unavailable
        """


class NoFunctionLog:
    """Where nothing is logged for others to read."""

    def lines(self, _members: Mapping[str, str], _low: UtcTime, _high: UtcTime, _most: int) -> Lines:
        return Lines(())
