"""Time and randomness, as arguments."""

from typing import Protocol

from chalicelib.domain.values import UtcTime


class Clock(Protocol):
    """The only source of now."""

    def now(self) -> UtcTime:
        """The current UTC time, to the microsecond."""


class Ids(Protocol):
    """The only source of fresh ids."""

    def fresh(self) -> str:
        """20 characters of A-Z0-9 that were never returned before."""
