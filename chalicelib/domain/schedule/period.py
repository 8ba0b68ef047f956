"""Periods of the definition language: a positive count of a calendar unit."""

import calendar
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from chalicelib.domain.values import UtcTime

_WRITTEN = re.compile(r"\s*(\d{1,9})\s*([A-Za-z]+)\s*", re.ASCII)


class Unit(Enum):
    """Units as the service writes them, singular. SECOND is for settings: no definition can name it."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    __hash__ = object.__hash__  # every interval looks its unit up; the name need not be hashed for that


_LENGTHS = {
    Unit.SECOND: timedelta(seconds=1),
    Unit.MINUTE: timedelta(minutes=1),
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
}
_WORDS = {word: unit for unit in Unit if unit is not Unit.SECOND for word in (unit.value, f"{unit.value}s")}
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """`count` units; months and years are calendar ones, so their length depends on where they start."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `15 minutes`, `1 Day`, `1 hours`: any case, singular or plural.

        Raises   ValueError for another unit, a count of 0, or anything else
        Source   developer guide, Schedule object, "period"
        """
        matched = _WRITTEN.fullmatch(text)
        if matched is None:
            raise ValueError(
                f"{text!r} is not a period: expected a positive whole number and a unit, as in '15 minutes'"
            )
        count, word = int(matched[1]), matched[2].lower()
        unit = _WORDS.get(word)
        if unit is None or count < 1:
            raise ValueError(
                f"{text!r} is not a period: expected a unit of minutes, hours, days, weeks, months or years"
            )
        return cls(count, unit)

    def after(self, start: UtcTime, times: int = 1) -> UtcTime:
        """`start` plus `times` periods. The day of the month is kept where the month has it, else its last day.

        Raises   OverflowError when the result is past year 9999
        """
        length = _LENGTHS.get(self.unit)
        if length is not None:
            return start + length * (self.count * times)
        return _plus_months(start, _MONTHS[self.unit] * self.count * times)

    def longest(self) -> timedelta:
        """An upper bound of its length, for checks against limits."""
        if self.unit in _LENGTHS:
            return _LENGTHS[self.unit] * self.count
        return timedelta(days=31 * _MONTHS[self.unit] * self.count)

    def shortest(self) -> timedelta:
        """A lower bound of its length, for finding an interval by division."""
        if self.unit in _LENGTHS:
            return _LENGTHS[self.unit] * self.count
        return timedelta(days=28 * _MONTHS[self.unit] * self.count)

    def __str__(self) -> str:
        return f"{self.count} {self.unit.value}{'' if self.count == 1 else 's'}"


def _plus_months(start: UtcTime, months: int) -> UtcTime:
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"year {year} is out of range")
    day = min(start.day, calendar.monthrange(year, month0 + 1)[1])
    return start.replace(year=year, month=month0 + 1, day=day)
