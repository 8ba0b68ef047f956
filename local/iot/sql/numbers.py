"""Functions of numbers. A String that is a number counts as one; anything else gives Undefined.

Source  "Functions", the tables of each
"""

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation

from local.iot.sql.operators import remainder
from local.iot.sql.values import EXACT, UNDEFINED, Number, Value, floor, to_bool, to_decimal, to_int

Function = Callable[..., Value]
_PLACES = 34


def _of_number(act: Callable[[Number], Value]) -> Function:
    def function(value: Value) -> Value:
        number = to_decimal(value)
        return UNDEFINED if number is None else act(number)

    return function


def _double(*arguments: Number) -> tuple[float, ...]:
    return tuple(float(argument) for argument in arguments)


def _of_doubles(act: Callable[..., float]) -> Function:
    """With double precision; what has no real or finite result is Undefined."""

    def function(*values: Value) -> Value:
        numbers = [to_decimal(value) for value in values]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            return UNDEFINED
        try:
            found = act(*_double(*known))
        except (ValueError, OverflowError, ZeroDivisionError):
            return UNDEFINED
        return (
            UNDEFINED if isinstance(found, complex) or not math.isfinite(found) else EXACT.create_decimal(repr(found))
        )

    return function


def _of_ints(act: Callable[..., int]) -> Function:
    def function(*values: Value) -> Value:
        numbers = [to_int(value) for value in values]
        return UNDEFINED if None in numbers else act(*numbers)

    return function


def _abs(number: Number) -> Number:
    return -number if number < 0 else number


def _ceil(number: Number) -> int:
    return number if isinstance(number, int) else int(number.to_integral_value(ROUND_CEILING))


def _round(number: Number) -> int:
    return number if isinstance(number, int) else int(number.to_integral_value(ROUND_HALF_UP))


def _trunc(value: Value, places: Value) -> Value:
    number, wanted = to_decimal(value), to_int(places)
    if number is None or wanted is None:
        return UNDEFINED
    if isinstance(number, int):
        return number
    step = Decimal(1).scaleb(-min(max(wanted, 0), _PLACES))
    try:
        return number.quantize(step, rounding=ROUND_DOWN)
    except InvalidOperation:
        return number


def _sign(number: Number) -> int:
    return (number > 0) - (number < 0)


def _nanvl(first: Value, second: Value) -> Value:
    return second if first is None or first is UNDEFINED else first


def cast(value: Value, kind: str) -> Value:
    """`cast(value AS kind)` for the numeric and Boolean kinds; Booleans become numbers here and only here."""
    if kind in ("bool", "boolean"):
        return _to_boolean(value)
    number = int(value) if isinstance(value, bool) else to_decimal(value)
    if number is None:
        return UNDEFINED
    if kind in ("int", "integer"):
        return floor(number)
    return EXACT.create_decimal(repr(float(number))) if kind == "double" else number


def _to_boolean(value: Value) -> Value:
    if isinstance(value, (int, Decimal)):
        return value != 0
    truth = to_bool(value)
    return UNDEFINED if truth is None else truth


FUNCTIONS: dict[str, tuple[range, Function]] = {
    "abs": (range(1, 2), _of_number(_abs)),
    "acos": (range(1, 2), _of_doubles(math.acos)),
    "asin": (range(1, 2), _of_doubles(math.asin)),
    "atan": (range(1, 2), _of_doubles(math.atan)),
    "atan2": (range(2, 3), _of_doubles(math.atan2)),
    "bitand": (range(2, 3), _of_ints(int.__and__)),
    "bitor": (range(2, 3), _of_ints(int.__or__)),
    "bitxor": (range(2, 3), _of_ints(int.__xor__)),
    "bitnot": (range(1, 2), _of_ints(int.__invert__)),
    "ceil": (range(1, 2), _of_number(_ceil)),
    "cos": (range(1, 2), _of_doubles(math.cos)),
    "cosh": (range(1, 2), _of_doubles(math.cosh)),
    "exp": (range(1, 2), _of_doubles(math.exp)),
    "floor": (range(1, 2), _of_number(floor)),
    "ln": (range(1, 2), _of_doubles(math.log)),
    "log": (range(1, 2), _of_doubles(math.log10)),
    "mod": (range(2, 3), remainder),
    "nanvl": (range(2, 3), _nanvl),
    "power": (range(2, 3), _of_doubles(math.pow)),
    "remainder": (range(2, 3), remainder),
    "round": (range(1, 2), _of_number(_round)),
    "sign": (range(1, 2), _of_number(_sign)),
    "sin": (range(1, 2), _of_doubles(math.sin)),
    "sinh": (range(1, 2), _of_doubles(math.sinh)),
    "sqrt": (range(1, 2), _of_doubles(math.sqrt)),
    "tan": (range(1, 2), _of_doubles(math.tan)),
    "tanh": (range(1, 2), _of_doubles(math.tanh)),
    "trunc": (range(2, 3), _trunc),
}
"""Name to how many arguments it takes, and what it does."""
