"""The functions of the language: each one's parameter types stand beside its body.

Arguments are checked and converted here before a body sees them, so bodies take Python's own types.
Source  developer guide, "Date and Time Functions"
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from chalicelib.domain.expression.joda import format_time
from chalicelib.domain.expression.numerals import Number
from chalicelib.domain.expression.values import ExpressionValue
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import parse_time

_INT_TEXT = re.compile(r"[-+]?[0-9]{1,19}")
_NUMBER_TEXT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


class Type(Enum):
    """Types as the service's documentation names them."""

    INT = "int"
    NUMBER = "number"
    STRING = "String"
    DATE_TIME = "DateTime"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    body  gets as many arguments as there are parameters, already of their types. It may raise ValueError and
          OverflowError, when the arguments have no result
    says  one line for people
    """

    parameters: tuple[Type, ...]
    body: Callable[..., ExpressionValue]
    says: str

    def call(self, arguments: Sequence[ExpressionValue]) -> ExpressionValue:
        """The result for scalar arguments. Raises ValueError or OverflowError with a reason."""
        return self.body(*map(convert, arguments, self.parameters))


def type_of(value: ExpressionValue) -> Type:
    """The type of a scalar."""
    if isinstance(value, str):
        return Type.STRING
    if isinstance(value, int):
        return Type.INT
    if isinstance(value, float):
        return Type.NUMBER
    return Type.DATE_TIME if isinstance(value, datetime) else Type.OBJECT


def convert(value: ExpressionValue, wanted: Type) -> ExpressionValue:
    """`value` as the type. Fields and parameters hold text, so text of the right form counts as a number or a DateTime.

    Raises  ValueError for anything else
    """
    given = type_of(value)
    if given is wanted or (given is Type.INT and wanted is Type.NUMBER):
        return value
    if isinstance(value, str) and wanted in _READERS:
        return _read(value, wanted)
    raise ValueError(f"expected {wanted.value}, found {given.value}")


def number(value: ExpressionValue) -> Number:
    """`value` as an integer or a float. Raises ValueError for anything else."""
    if isinstance(value, int | float):
        return value
    converted = convert(value, Type.NUMBER)
    if not isinstance(converted, int | float):
        raise TypeError("a number reader gave no number")
    return converted


def _read(text: str, wanted: Type) -> ExpressionValue:
    try:
        return _READERS[wanted](text)
    except ValueError as error:
        raise ValueError(f"expected {wanted.value}, found a String that is none") from error


def _read_int(text: str) -> int:
    if not _INT_TEXT.fullmatch(text) or abs(int(text)) >= 2**63:
        raise ValueError("not the text of a 64-bit integer")
    return int(text)


def _read_number(text: str) -> Number:
    if _INT_TEXT.fullmatch(text):
        return _read_int(text)
    if not _NUMBER_TEXT.fullmatch(text) or math.isinf(float(text)):
        raise ValueError("not the text of a floating-point number")
    return float(text)


_READERS: Mapping[Type, Callable[[str], ExpressionValue]] = {
    Type.INT: _read_int,
    Type.NUMBER: _read_number,
    Type.DATE_TIME: parse_time,
}


def _make_date_time(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _sunday(moment: datetime) -> datetime:
    return moment - timedelta(days=moment.isoweekday() % 7)


def _shift(unit: Unit, sign: int) -> Callable[[datetime, int], datetime]:
    one = Period(1, unit)
    return lambda moment, count: one.after(moment, sign * count)


_D, _I, _S = Type.DATE_TIME, Type.INT, Type.STRING
_SHIFTED = {"Minutes": Unit.MINUTE, "Hours": Unit.HOUR, "Days": Unit.DAY, "Weeks": Unit.WEEK, "Months": Unit.MONTH,
            "Years": Unit.YEAR}  # fmt: skip

FUNCTIONS: Mapping[str, Function] = {
    "day": Function((_D,), lambda moment: moment.day, "Day of the month, from 1."),
    "dayOfYear": Function((_D,), lambda moment: moment.timetuple().tm_yday, "Day of the year, from 1."),
    "firstOfMonth": Function((_D,), lambda moment: moment.replace(day=1), "The first of its month, same time of day."),
    "format": Function((_D, _S), format_time, "The time as text, by a pattern such as 'YYYY-MM-dd HH:mm:ss'."),
    "hour": Function((_D,), lambda moment: moment.hour, "Hour of the day, 0 to 23."),
    "makeDate": Function((_I, _I, _I), _make_date_time, "Midnight of a year, month and day."),
    "makeDateTime": Function((_I, _I, _I, _I, _I), _make_date_time, "A year, month, day, hour and minute as a time."),
    "midnight": Function((_D,), _midnight, "Midnight at the start of the same day."),
    "minute": Function((_D,), lambda moment: moment.minute, "Minute of the hour, 0 to 59."),
    "month": Function((_D,), lambda moment: moment.month, "Month of the year, 1 to 12."),
    "plusPeriod": Function(
        (_D, _S), lambda moment, period: Period.parse(period).after(moment), "Later by a period such as '1 hour'."
    ),
    "sunday": Function((_D,), _sunday, "The Sunday on or before it, same time of day."),
    "year": Function((_D,), lambda moment: moment.year, "The year."),
    "yesterday": Function((_D,), lambda moment: moment - timedelta(days=1), "The same time a day before."),
    **{
        f"plus{word}": Function((_D, _I), _shift(unit, 1), f"Later by so many {word.lower()}.")
        for word, unit in _SHIFTED.items()
    },
    **{
        f"minus{word}": Function((_D, _I), _shift(unit, -1), f"Earlier by so many {word.lower()}.")
        for word, unit in _SHIFTED.items()
    },
}
