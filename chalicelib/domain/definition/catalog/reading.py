"""Field texts to typed values, by kind; and whole objects to typed classes.

A text is what stands in a field once its expressions are evaluated.
"""

import math
import re
from collections.abc import Callable, Sequence

from chalicelib.domain.definition.catalog.slot import Kind, Slot
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import UtcTime, parse_time

Typed = str | int | float | bool | Period | UtcTime

EXPECTED = {
    Kind.STRING: "a text",
    Kind.INTEGER: "a whole number, as in '3'",
    Kind.DOUBLE: "a number, as in '0.25'",
    Kind.BOOLEAN: "'true' or 'false'",
    Kind.PERIOD: "a period, as in '15 minutes'",
    Kind.DATE_TIME: "a UTC time, YYYY-MM-DDTHH:MM:SS",
    Kind.REFERENCE: 'a reference, {"ref": "id"}',
}
_DAYS = {Unit.MINUTE: 1 / 1440, Unit.HOUR: 1 / 24, Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 365}
_MOST_DAYS = 36_500
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")


def typed(slot: Slot, text: str) -> Typed:
    """The value of `text` in this slot; enumerations in the service's spelling.

    Raises  ValueError with a phrase that says what was expected
    """
    if text in slot.facts.specials:
        return text
    if slot.kind is Kind.ENUMERATION:
        return choice(slot, text)
    return _READERS[slot.kind](text)


def choice(slot: Slot, text: str) -> str:
    """The enumeration's own spelling of `text`; raises ValueError when it has none."""
    if not slot.choices or text in slot.choices:
        return text
    if slot.facts.any_case:
        for each in slot.choices:
            if each.lower() == text.lower():
                return each
    raise ValueError(one_of(slot.choices))


def one_of(choices: Sequence[str]) -> str:
    """`'a', 'b' or 'c'`."""
    quoted = [repr(each) for each in choices]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _integer(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise ValueError(EXPECTED[Kind.INTEGER])
    return int(text)


def _double(text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    if math.isinf(value):
        raise ValueError(EXPECTED[Kind.DOUBLE])
    return value


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(EXPECTED[Kind.BOOLEAN])
    return text.lower() == "true"


def _period(text: str) -> Period:
    try:
        period = Period.parse(text)
    except ValueError as unread:
        raise ValueError(EXPECTED[Kind.PERIOD]) from unread
    if period.count * _DAYS[period.unit] > _MOST_DAYS:
        raise ValueError("a period of at most 100 years")
    return period


def _time(text: str) -> UtcTime:
    try:
        return parse_time(text)
    except ValueError as unread:
        raise ValueError(EXPECTED[Kind.DATE_TIME]) from unread


def _reference(_: str) -> str:
    raise ValueError(EXPECTED[Kind.REFERENCE])


_READERS: dict[Kind, Callable[[str], Typed]] = {
    Kind.STRING: str,
    Kind.INTEGER: _integer,
    Kind.DOUBLE: _double,
    Kind.BOOLEAN: _boolean,
    Kind.PERIOD: _period,
    Kind.DATE_TIME: _time,
    Kind.REFERENCE: _reference,
}
