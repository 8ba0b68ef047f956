"""Substitution templates: `${expression}` in an action's fields, seen against the message as it came."""

from collections.abc import Iterator

from local.iot.sql.evaluate import evaluate
from local.iot.sql.faults import SqlFault
from local.iot.sql.message import Message
from local.iot.sql.parser import read_expression
from local.iot.sql.values import to_text

OPENING = "${"


def fill(template: str, message: Message) -> str:
    """`template` with every `${…}` replaced by its value; what is Undefined becomes nothing. Raises SqlFault."""
    return "".join(_pieces(template, message))


def _pieces(template: str, message: Message) -> Iterator[str]:
    at = 0
    while (opening := template.find(OPENING, at)) >= 0:
        yield template[at:opening]
        closing = _closing(template, opening + len(OPENING))
        value = evaluate(read_expression(template[opening + len(OPENING) : closing]), message)
        yield to_text(value) or ""
        at = closing + 1
    yield template[at:]


def _closing(template: str, start: int) -> int:
    """Where the brace closes: braces inside, and in strings, do not."""
    depth, quote = 1, ""
    for at in range(start, len(template)):
        sign = template[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        else:
            depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth == 0:
            return at
    raise SqlFault("this substitution template has no end: its closing brace is missing", start)
