"""Values of the language and the conversions between their types.

Int is int, Decimal is Decimal (34 digits), Undefined is a value of its own, and a payload that is not JSON is bytes.
Source  "Data types", tables To Decimal, To Int, To Boolean, To String
"""

import json
import re
from collections.abc import Mapping
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation, Overflow
from enum import Enum
from typing import Final, Literal, TypeAlias


class Absent(Enum):
    """The type of Undefined."""

    UNDEFINED = "Undefined"


UNDEFINED: Final = Absent.UNDEFINED
Value: TypeAlias = (
    "int | Decimal | bool | str | bytes | list[Value] | dict[str, Value] | Literal[Absent.UNDEFINED] | None"
)
Number: TypeAlias = int | Decimal

EXACT = Context(prec=34, Emax=999, Emin=-999)
_NUMERIC = re.compile(r"-?\d+(\.\d+)?(E-?\d+)?", re.IGNORECASE | re.ASCII)
_DIGITS = 34


class NotJson(Exception):
    """The bytes are no JSON document."""


def parse(content: bytes) -> Value:
    """A JSON document. Raises NotJson, also for NaN, infinities and bytes that are not UTF-8."""
    try:
        found: Value = json.loads(content.decode(), parse_float=_exact, parse_int=_whole, parse_constant=_refused)
    except (ValueError, RecursionError, InvalidOperation, Overflow) as error:
        raise NotJson(str(error)) from error
    return found


def _exact(text: str) -> Decimal:
    return EXACT.create_decimal(text)


def _whole(text: str) -> Number:
    return int(text) if len(text) <= _DIGITS else EXACT.create_decimal(text)


def _refused(text: str) -> Value:
    raise ValueError(f"{text} is not JSON")


def render(value: Value) -> str:
    """JSON without blanks. Undefined members are left out, items become null; alone it is an empty string."""
    match value:
        case Absent.UNDEFINED:
            return ""
        case bool() | str() | None:
            return json.dumps(value, ensure_ascii=False)
        case int() | Decimal():
            return number_text(value)
        case bytes():
            return json.dumps(value.decode("utf-8", "replace"), ensure_ascii=False)
        case list():
            return "[" + ",".join(render(item) or "null" for item in value) + "]"
        case _:
            return "{" + ",".join(_member(key, item) for key, item in value.items() if item is not UNDEFINED) + "}"


def _member(key: str, value: Value) -> str:
    return f"{json.dumps(key, ensure_ascii=False)}:{render(value)}"


def number_text(value: Number) -> str:
    """A number as written: whole decimals as Int, as version 2016-03-23 has it."""
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and value.adjusted() < _DIGITS
        return str(int(value)) if whole else str(value)
    return str(value)


def to_decimal(value: Value) -> Number | None:
    """The number, or None when there is none; Int stays Int."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return value
    if isinstance(value, str) and _NUMERIC.fullmatch(value):
        return _parsed(value)
    return None


def _parsed(text: str) -> Decimal | None:
    try:
        return EXACT.create_decimal(text)
    except (InvalidOperation, Overflow):
        return None


def to_int(value: Value) -> int | None:
    """The number rounded down, or None."""
    number = to_decimal(value)
    return None if number is None else floor(number)


def floor(number: Number) -> int:
    """The largest Int that is not above."""
    return number if isinstance(number, int) else int(number.to_integral_value(ROUND_FLOOR))


def to_bool(value: Value) -> bool | None:
    """A Boolean, or the String "true" or "false" in any case; else None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return None


def to_text(value: Value) -> str | None:
    """The standard String form; None for Null and Undefined, and for bytes that are not UTF-8."""
    match value:
        case None | Absent.UNDEFINED:
            return None
        case str():
            return value
        case bytes():
            return _decoded(value)
        case _:
            return render(value)


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def member(value: Value, name: str) -> Value:
    """What `value.name` is; Undefined when `value` is no object or has no such key."""
    return value.get(name, UNDEFINED) if isinstance(value, Mapping) else UNDEFINED
