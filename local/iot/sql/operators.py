"""Operators: what each gives for every pair of types. Undefined for what the tables call "other value".

Source  "Operators"
"""

import operator
from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow

from local.iot.sql.values import EXACT, UNDEFINED, Number, Value, to_bool, to_decimal, to_text

_FAULTS = (DivisionByZero, InvalidOperation, Overflow, ZeroDivisionError)


def binary(sign: str, left: Value, right: Value) -> Value:
    """`left sign right`; AND and OR included, though the evaluator may stop earlier."""
    return OPERATORS[sign](left, right)


def negated(value: Value) -> Value:
    """`-value`."""
    number = to_decimal(value)
    return UNDEFINED if number is None else -number


def inverted(value: Value) -> Value:
    """`NOT value`."""
    truth = to_bool(value)
    return UNDEFINED if truth is None else not truth


def equal(left: Value, right: Value) -> Value:
    """`=`: Undefined beside Undefined, false between types that differ."""
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    return _same(left, right)


def _same(left: Value, right: Value) -> bool:
    """Python takes True for 1, in lists and objects too; the language does not."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(item, right[key]) for key, item in left.items())
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _unequal(left: Value, right: Value) -> Value:
    return inverted(equal(left, right))


def _both(left: Value, right: Value) -> Value:
    return _logical(left, right, operator.and_)


def _either(left: Value, right: Value) -> Value:
    return _logical(left, right, operator.or_)


def _logical(left: Value, right: Value, decide: Callable[[bool, bool], bool]) -> Value:
    one, other = to_bool(left), to_bool(right)
    return UNDEFINED if one is None or other is None else decide(one, other)


def _compared(decide: Callable[[Number, Number], bool]) -> Callable[[Value, Value], Value]:
    def compare(left: Value, right: Value) -> Value:
        one, other = to_decimal(left), to_decimal(right)
        return UNDEFINED if one is None or other is None else decide(one, other)

    return compare


def _calculated(
    whole: Callable[[int, int], int], exact: Callable[[Decimal, Decimal], Decimal]
) -> Callable[[Value, Value], Value]:
    def calculate(left: Value, right: Value) -> Value:
        one, other = to_decimal(left), to_decimal(right)
        if one is None or other is None:
            return UNDEFINED
        try:
            if isinstance(one, int) and isinstance(other, int):
                return whole(one, other)
            return exact(Decimal(one), Decimal(other))
        except _FAULTS:
            return UNDEFINED

    return calculate


def _divided(left: int, right: int) -> int:
    """Towards zero, as Java divides."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remaining(left: int, right: int) -> int:
    return left - right * _divided(left, right)


_add = _calculated(operator.add, EXACT.add)
remainder = _calculated(_remaining, EXACT.remainder)


def _plus(left: Value, right: Value) -> Value:
    """A String on either side makes it a concatenation."""
    if not isinstance(left, str) and not isinstance(right, str):
        return _add(left, right)
    one, other = to_text(left), to_text(right)
    return UNDEFINED if one is None or other is None else one + other


OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "AND": _both,
    "OR": _either,
    "=": equal,
    "<>": _unequal,
    "<": _compared(operator.lt),
    "<=": _compared(operator.le),
    ">": _compared(operator.gt),
    ">=": _compared(operator.ge),
    "+": _plus,
    "-": _calculated(operator.sub, EXACT.subtract),
    "*": _calculated(operator.mul, EXACT.multiply),
    "/": _calculated(_divided, EXACT.divide),
    "%": remainder,
}
