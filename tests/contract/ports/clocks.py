"""A clock for tests, and the constants that the stores under test are made with."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.values import UtcTime

START = datetime(2096, 2, 3, 4, 5, 6, tzinfo=UTC)  # in the future, because ministack expires items by its own clock
RETENTION = timedelta(days=10)


class SetClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> UtcTime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by
