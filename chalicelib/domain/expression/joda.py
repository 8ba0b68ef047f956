"""Date patterns of Joda-Time's DateTimeFormat, in English and UTC, the only ones the service has.

A run of one letter is a field and its length the field's form; anything in single quotes, and everything that is not
a letter, is copied; two single quotes are one.
Source  Joda-Time API documentation, class DateTimeFormat
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PART = re.compile(r"(?P<field>([A-Za-z])\2*)|(?P<mark>'')|(?P<quoted>'(?:[^']|'')*(?:'|\Z))|(?P<other>[^A-Za-z']+)")

_LONGEST = 256

_Writer = Callable[[datetime], str]


def format_time(moment: datetime, pattern: str) -> str:
    """`moment` (UTC) written by `pattern`, which is case-sensitive: `YYYY-MM-dd HH:mm:ss`.

    Raises  ValueError for an empty pattern, one over 256 characters, a letter without meaning, such as an unquoted T
    """
    return "".join(part if isinstance(part, str) else part(moment) for part in _compiled(pattern))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[str | _Writer, ...]:
    if not pattern:
        raise ValueError("a date pattern must not be empty")
    if len(pattern) > _LONGEST:
        raise ValueError(f"a date pattern is at most {_LONGEST} characters long")
    return tuple(_parts(pattern))


def _parts(pattern: str) -> Iterator[str | _Writer]:
    for found in _PART.finditer(pattern):
        run = found["field"]
        if run:
            yield _field(pattern, run)
        elif found["quoted"]:
            # A quote that is never closed runs to the end, as in Joda.
            body = found["quoted"][1:].removesuffix("'") if _closed(found["quoted"]) else found["quoted"][1:]
            yield body.replace("''", "'")
        else:
            yield "'" if found["mark"] else found["other"]


def _closed(quoted: str) -> bool:
    return quoted.count("'") % 2 == 0


def _field(pattern: str, run: str) -> _Writer:
    form = _FIELDS.get(run[0])
    if form is None:
        raise ValueError(f"{run[0]!r} in the date pattern {pattern!r} has no meaning: put literal letters in '…'")
    return form(len(run))


def _number(value: Callable[[datetime], int]) -> Callable[[int], _Writer]:
    return lambda length: lambda moment: str(value(moment)).zfill(length)


def _year(value: Callable[[datetime], int]) -> Callable[[int], _Writer]:
    """Two letters are the last two digits; any other count is a least number of digits."""
    whole = _number(value)
    return lambda length: whole(length) if length != 2 else lambda moment: f"{value(moment) % 100:02d}"


def _text(names: tuple[str, ...], index: Callable[[datetime], int], length: int) -> _Writer:
    if length >= 4:
        return lambda moment: names[index(moment)]
    return lambda moment: names[index(moment)][:3]


def _month(length: int) -> _Writer:
    if length < 3:
        return _number(lambda moment: moment.month)(length)
    return _text(_MONTHS, lambda moment: moment.month - 1, length)


def _fraction(length: int) -> _Writer:
    """Joda counts milliseconds: digits beyond the third are zeros."""
    return lambda moment: f"{moment.microsecond // 1000:03d}".ljust(length, "0")[:length]


def _constant(text: str) -> _Writer:
    return lambda _: text


_FIELDS: dict[str, Callable[[int], _Writer]] = {
    "G": lambda _: _constant("AD"),
    "C": _number(lambda moment: moment.year // 100),
    "Y": _year(lambda moment: moment.year),
    "x": _year(lambda moment: moment.isocalendar().year),
    "w": _number(lambda moment: moment.isocalendar().week),
    "e": _number(lambda moment: moment.isoweekday()),
    "E": lambda length: _text(_DAYS, lambda moment: moment.weekday(), length),
    "y": _year(lambda moment: moment.year),
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "M": _month,
    "d": _number(lambda moment: moment.day),
    "a": lambda _: lambda moment: "AM" if moment.hour < 12 else "PM",
    "K": _number(lambda moment: moment.hour % 12),
    "h": _number(lambda moment: (moment.hour + 11) % 12 + 1),
    "H": _number(lambda moment: moment.hour),
    "k": _number(lambda moment: (moment.hour + 23) % 24 + 1),
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": _fraction,
    "z": lambda length: _constant("UTC" if length < 4 else "Coordinated Universal Time"),
    "Z": lambda length: _constant(("+0000", "+00:00", "UTC")[min(length, 3) - 1]),
}
