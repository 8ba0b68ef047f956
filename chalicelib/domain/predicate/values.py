"""What values are, and how they compare: three-valued, NULL being neither equal nor unequal to anything. Pure.

Numbers are exact. A text beside a number is read as a number, and is NULL when it is none, as Hive does it.
Source: Apache Hive language manual, "Operators and UDFs"; emr-dynamodb-connector, Hive types of DynamoDB attributes
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache

Value = None | bool | Decimal | str | bytes
Record = Mapping[str, Mapping[str, object]]
"""An item: attributes by name, each a type key of DynamoDB and its value."""

Operand = Callable[[Record], Value]

_EXACT = Context(prec=80)
_LONGEST_NUMBER = 1000
"""Digits. DynamoDB's own numbers have 126; longer ones fill the memory when they are written out."""

_TEXTS = ("string", "varchar", "char", "timestamp", "date")
_NUMBERS = ("tinyint", "smallint", "int", "integer", "bigint", "float", "double", "decimal")
_PATTERN_PART = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')*)'|([^A-Za-z'])", re.DOTALL)
_FIELDS = {"y": "%Y", "M": "%m", "d": "%d", "H": "%H", "m": "%M", "s": "%S"}


def attribute(record: Record, name: str) -> Value:
    """An attribute as its own type says; sets, lists and maps are NULL: nothing compares with them."""
    for kind, value in record.get(name, {}).items():
        if kind == "N":
            return number(str(value))
        if kind in ("S", "BOOL", "B") and isinstance(value, str | bool | bytes):
            return value
    return None


def reader_of(kind: str) -> Callable[[Value], Value] | None:
    """How a column's declared type reads a value; None for a type that nothing compares with."""
    name = re.split(r"[(<\s]", kind.strip().lower(), maxsplit=1)[0]
    if name in _TEXTS:
        return _as_text
    if name in _NUMBERS:
        return lambda value: value if isinstance(value, Decimal) else None
    if name == "boolean":
        return lambda value: bool(value) if isinstance(value, bool | Decimal) else None
    return (lambda value: value if isinstance(value, bytes) else None) if name == "binary" else None


def _as_text(value: Value) -> Value:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, str) else None


def number(text: str) -> Decimal | None:
    """The number a text says; None when it says none."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < _LONGEST_NUMBER else None


def order(left: Value, right: Value) -> int | None:
    """Below, at or above 0 as `left` sorts; None when either is NULL or they cannot be compared."""
    if left is None or right is None:
        return None
    pair = (_number_of(left), _number_of(right))
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, bytes | str) and isinstance(right, bytes | str):
        a, b = _bytes_of(left), _bytes_of(right)
        return (a > b) - (a < b)
    return None if pair[0] is None or pair[1] is None else (pair[0] > pair[1]) - (pair[0] < pair[1])


def _bytes_of(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _number_of(value: Value) -> Decimal | None:
    if isinstance(value, bool):
        return Decimal(value)
    return number(value) if isinstance(value, str) else value if isinstance(value, Decimal) else None


def total(terms: Sequence[tuple[int, Value]]) -> Value:
    """The sum of values, each with its sign; None unless all are numbers."""
    found = Decimal(0)
    for sign, value in terms:
        each = _number_of(value)
        if each is None:
            return None
        found = _EXACT.add(found, each if sign > 0 else -each)
    return found


def is_in(value: Value, others: Sequence[Value]) -> bool | None:
    """Whether it equals one of them; None when it does not, but might if a NULL were something."""
    found = [order(value, other) for other in others]
    return True if 0 in found else None if None in found else False


def is_like(value: Value, pattern: Value) -> bool | None:
    """Whether a text has the form of a pattern: `%` is any text, `_` any character."""
    if not isinstance(value, str) or not isinstance(pattern, str):
        return None
    return _like(pattern).fullmatch(value) is not None


@lru_cache(maxsize=64)
def _like(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\[%_]|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)


def truth(value: Value) -> bool | None:
    """A value as a condition."""
    return None if value is None or isinstance(value, str | bytes) else bool(value)


def unix_time(text: Value, pattern: str) -> Value:
    """Seconds since 1970 of a UTC time written in the pattern; None when it is not."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.strptime(f"{text} +0000", f"{_format(pattern)} %z")
    except ValueError:
        return None
    return Decimal(int(moment.timestamp()))


@lru_cache(maxsize=64)
def _format(pattern: str) -> str:
    """The pattern in strptime's words. Raises ValueError for a letter that has none, or comes twice."""
    parts: list[str] = []
    for found in _PATTERN_PART.finditer(pattern):
        if found[1]:
            if found[1] not in _FIELDS or _FIELDS[found[1]] in parts:
                raise ValueError(f"'{found[1]}' in the pattern '{pattern}' is not known")
            parts.append(_FIELDS[found[1]])
        else:
            quoted = "'" if found[0] == "''" else (found[2] or "").replace("''", "'")
            parts.append((found[3] or quoted).replace("%", "%%"))
    return "".join(parts)


def is_pattern(pattern: str) -> bool:
    """Whether every letter of a date pattern is known."""
    try:
        _format(pattern)
    except ValueError:
        return False
    return True
