"""Text of an expression to tokens with positions. Knows spelling only; what may follow what is the parser's."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.expression.fault import fault

_LARGEST = 2**63 - 1
_DIGITS = 19
_SPELLING = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<decimal>[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?|\.[0-9]+|[0-9]+[eE][-+]?[0-9]+)"
    r"|(?P<whole>[0-9]+)"
    r"|(?P<name>@?[^\W\d]\w*)"
    r"""|(?P<single>'(?P<quoted>[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+)')"""
    r"""|(?P<double>"(?P<dquoted>[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+)")"""
    r"|(?P<sign>\#\{|[-+*/^().,}])",
    re.DOTALL,
)
_ESCAPED = {"'": re.compile(r"\\(['\\])|''"), '"': re.compile(r'\\(["\\])|""')}


class Kind(Enum):
    """What a token is. SIGN covers operators, brackets, `#{` and `}`."""

    NUMBER = "a number"
    STRING = "a string"
    NAME = "a name"
    SIGN = "a sign"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    column, end  its place in the whole text, [column, end)
    text         sign or name as written
    value        the value of a number or string
    """

    kind: Kind
    text: str
    column: int
    end: int
    value: int | float | str = ""


def tokens(text: str, start: int) -> Iterator[Token]:
    """Tokens of `text` from `start` on, as far as they are asked for; END when the text ends.

    Raises  ExpressionError for a character no token starts with, a string without end, a number out of range
    """
    at = start
    while at < len(text):
        found = _SPELLING.match(text, at)
        if found is None:
            raise fault(text, at, _unreadable(text[at]))
        at = found.end()
        if found.lastgroup != "blank":
            yield _token(text, found)
    yield Token(Kind.END, "", len(text), len(text))


def _token(text: str, found: re.Match[str]) -> Token:
    start, end, written = found.start(), found.end(), found[0]
    match found.lastgroup:
        case "name":
            return Token(Kind.NAME, written, start, end)
        case "whole":
            return Token(Kind.NUMBER, written, start, end, _whole(text, found))
        case "decimal":
            return Token(Kind.NUMBER, written, start, end, _decimal(text, found))
        case "single" | "double":
            return Token(Kind.STRING, written, start, end, _unquoted(written))
        case _:
            return Token(Kind.SIGN, written, start, end)


def _unquoted(written: str) -> str:
    """A doubled quote is one; a backslash escapes the quote and itself and is itself before anything else."""
    quote = written[0]
    return _ESCAPED[quote].sub(lambda found: found[1] or quote, written[1:-1])


def _whole(text: str, found: re.Match[str]) -> int:
    digits = found[0].lstrip("0") or "0"
    if len(digits) > _DIGITS or int(digits) > _LARGEST:
        raise fault(text, found.start(), f"an integer is at most {_LARGEST}")
    return int(digits)


def _decimal(text: str, found: re.Match[str]) -> float:
    number = float(found[0])
    if math.isinf(number):
        raise fault(text, found.start(), "the number is too large")
    return number


def _unreadable(character: str) -> str:
    if character in "'\"":
        return "this string has no end: its closing quote is missing"
    return f"{character!r} has no meaning in an expression"
