"""Errors of the language: the place of the fault, on one line short enough to put a caret under, and the field."""

from chalicelib.domain.errors import ExpressionError

_WHOLE = 160
_AROUND = 60
_LONGEST_REASON = 300
_FLAT = str.maketrans("\t\v\f\r\x1c\x1d\x1e\x85\u2028\u2029", " " * 10)


def fault(text: str, column: int, reason: str) -> ExpressionError:
    """The error for a fault at `column` of `text`.

    It carries the line of the fault; of a line longer than 160 characters, the 60 before and after the fault. Its
    column counts from the start of what it carries.
    """
    column = min(column, len(text))
    first = text.rfind("\n", 0, column) + 1
    last = text.find("\n", column)
    last = len(text) if last < 0 else last
    if last - first > _WHOLE:
        first, last = max(first, column - _AROUND), min(last, column + _AROUND)
    if len(reason) > _LONGEST_REASON:
        reason = f"{reason[:_LONGEST_REASON]}…"
    return ExpressionError(text[first:last].translate(_FLAT), column - first, reason)


def in_field(error: ExpressionError, key: str, owner: str) -> ExpressionError:
    """The same error, said to be in a field or parameter; of a secret field it says nothing of what the field holds."""
    if key.startswith("*"):
        return ExpressionError(key, 0, f"{key} of {owner} holds an expression that cannot be evaluated")
    return ExpressionError(error.expression, error.column, f"in {key} of {owner}: {error.reason}")
