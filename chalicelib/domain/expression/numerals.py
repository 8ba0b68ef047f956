"""Numbers of the language: 64-bit integers and doubles, how they combine and how they are written.

An operation on two integers gives an integer, except `^`, which always gives a float. Division of integers drops the
fraction. Source: developer guide, "Mathematical Functions".
"""

import math
from collections.abc import Callable
from decimal import Decimal

Number = int | float
_LIMIT = 2**63


def calculate(operator: str, left: Number, right: Number) -> Number:
    """`left operator right`.

    Raises  ValueError when there is no such number: division by zero, beyond 64 bits, root of a negative
    """
    if operator == "/" and right == 0:
        raise ValueError("division by zero")
    if isinstance(left, int) and isinstance(right, int) and operator != "^":
        return _within(_INTEGER[operator](left, right))
    return _finite(operator, float(left), float(right))


def negate(number: Number) -> Number:
    """`-number`; always possible, because no integer literal or result is below -(2^63 - 1)."""
    return -number


def written(number: Number) -> str:
    """The number as Java's `toString` writes it: `4.0`, `0.5`, `1.0E10`."""
    if isinstance(number, int) or number == 0:
        return str(number)
    return repr(number) if 1e-3 <= abs(number) < 1e7 else _scientific(number)


def _scientific(number: float) -> str:
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    figures = "".join(map(str, digits))
    power = int(exponent) + len(figures) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def _quotient(left: int, right: int) -> int:
    magnitude = abs(left) // abs(right)
    return magnitude if (left < 0) == (right < 0) else -magnitude


def _within(number: int) -> int:
    if not -_LIMIT < number < _LIMIT:
        raise ValueError("the result is beyond the range of integers (64 bits)")
    return number


def _finite(operator: str, left: float, right: float) -> float:
    try:
        result = _FLOAT[operator](left, right)
    except OverflowError:
        result = math.inf
    except ValueError as error:
        raise ValueError(f"{written(left)} {operator} {written(right)} is not a number") from error
    if not math.isfinite(result):
        raise ValueError("the result is beyond the range of floating-point numbers")
    return result


_INTEGER: dict[str, Callable[[int, int], int]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _quotient,
}
_FLOAT: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "^": math.pow,
}
