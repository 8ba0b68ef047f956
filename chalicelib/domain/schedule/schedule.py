"""A schedule and its intervals, by number from 0. Every interval is computed from the start, so months never drift."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import UtcTime

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """[start, end): one turn of a schedule."""

    start: UtcTime
    end: UtcTime

    def meets(self, other: "Interval") -> bool:
        """Whether the two share a moment; an empty interval (an on-demand run) shares its start."""
        if self.start == self.end or other.start == other.end:
            return (
                self.start <= other.start < self.end
                or other.start <= self.start < other.end
                or self.start == other.start
            )
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Schedule:
    """When intervals begin: `start`, then one per `period`, before `end` and at most `occurrences` of them."""

    start: UtcTime
    period: Period
    end: UtcTime | None = None
    occurrences: int | None = None

    def has(self, index: int) -> bool:
        """Whether the schedule has an interval of this number."""
        if index < 0 or (self.occurrences is not None and index >= self.occurrences):
            return False
        try:
            start = self.period.after(self.start, index)
        except OverflowError:
            return False
        return self.end is None or start < self.end

    def find(self, index: int) -> Interval | None:
        """The interval of this number; None when the schedule has none, or it would end after the calendar."""
        if index < 0 or (self.occurrences is not None and index >= self.occurrences):
            return None
        try:
            found = self.interval(index)
        except OverflowError:
            return None
        return found if self.end is None or found.start < self.end else None

    def up_to(self, index: int) -> int:
        """`index`, or the number of the last interval where there are not so many."""
        if self.occurrences is not None:
            index = min(index, self.occurrences - 1)
        return index if self.end is None else min(index, self.index_at(self.end - _INSTANT))

    def interval(self, index: int) -> Interval:
        """The interval of this number; ask `has` first."""
        return Interval(self.period.after(self.start, index), self.period.after(self.start, index + 1))

    def index_at(self, moment: UtcTime) -> int:
        """The number of the interval that contains `moment`; negative before the start; ignores end and occurrences."""
        guess = int((moment - self.start) / self.period.longest())
        while self._begins_by(guess + 1, moment):
            guess += max(1, int((moment - self.period.after(self.start, guess + 1)) / self.period.longest()))
        while not self._begins_by(guess, moment):
            guess -= 1
        return guess

    def _begins_by(self, index: int, moment: UtcTime) -> bool:
        """Whether the interval of this number begins at `moment` or before; past the calendar's end none does."""
        try:
            start = self.period.after(self.start, index)
        except OverflowError:
            return index < 0
        return start <= moment

    def meeting(self, interval: Interval, *, early: bool = False) -> range:
        """Numbers of this schedule's intervals that share a moment with `interval`; may be empty.

        early  count backward from the start too, as if it had begun long before
        """
        first = self.index_at(interval.start) if early else max(0, self.index_at(interval.start))
        stop = first
        while (found := self.interval(stop) if stop < 0 else self.find(stop)) is not None and found.meets(interval):
            stop += 1
        return range(first, stop)
