"""Simulated time: a clock that only the agenda moves, and the agenda of what happens next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

Action = Callable[[], None]


class Timeline:
    """ports/clock.Clock and Ids, and a queue of actions by time. Two actions of one time happen in order of entry."""

    def __init__(self, begin: datetime) -> None:
        self._begin = begin
        self._now = begin
        self._agenda: list[tuple[datetime, int, Action]] = []
        self._numbers = count(1)

    def now(self) -> datetime:
        return self._now

    def fresh(self) -> str:
        return f"{next(self._numbers):020d}"

    @property
    def since(self) -> timedelta:
        """How long the simulation has been running."""
        return self._now - self._begin

    def at(self, moment: datetime, action: Action) -> None:
        """Do it then, or now if that is over."""
        heappush(self._agenda, (moment, next(self._numbers), action))

    def after(self, length: timedelta, action: Action) -> None:
        """Do it so much later."""
        self.at(self._now + length, action)

    def skip(self, length: timedelta) -> None:
        """Let time pass inside an action: what was due meanwhile happens late."""
        self._now += length

    def step(self) -> bool:
        """Go to the next action and do it; False when there is none."""
        if not self._agenda:
            return False
        moment, _, action = heappop(self._agenda)
        self._now = max(self._now, moment)
        action()
        return True
