"""Text of a statement to tokens. Knows spelling only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from local.iot.sql.faults import SqlFault
from local.iot.sql.values import EXACT, Number

_SPELLING = re.compile(
    r"(?P<blank>\s+|--[^\n]*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<string>'(?:[^'\\]|\\.|'')*'"
    r'|"(?:[^"\\]|\\.|"")*")'
    r"|(?P<sign><=|>=|<>|!=|[-+*/%<>=(),.{}\[\]:])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
LONGEST = 128 * 1024


@dataclass(frozen=True, slots=True)
class Token:
    """One token: what it is (`number`, `name`, `string`, `sign`, `end`), as written, where, and a literal's value."""

    kind: str
    text: str
    column: int
    value: Number | str = ""

    def word(self) -> str:
        """A keyword's spelling: the name in upper case, else nothing."""
        return self.text.upper() if self.kind == "name" else ""


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text`, then `end`. Raises SqlFault for a character no token starts with."""
    if len(text) > LONGEST:
        raise SqlFault(f"a statement is at most {LONGEST} characters long", LONGEST)
    at = 0
    while at < len(text):
        found = _SPELLING.match(text, at)
        if found is None:
            raise SqlFault(_unreadable(text[at]), at)
        if found.lastgroup != "blank":
            yield _token(found)
        at = found.end()
    yield Token("end", "", at)


def _token(found: re.Match[str]) -> Token:
    kind, written = found.lastgroup or "", found[0]
    match kind:
        case "number":
            return Token(kind, written, found.start(), _number(written))
        case "string":
            return Token(kind, written, found.start(), _unquoted(written))
        case _:
            return Token(kind, written, found.start())


def _number(written: str) -> Number:
    return int(written) if written.isdigit() and len(written) <= EXACT.prec else _decimal(written)


def _decimal(written: str) -> Decimal:
    return Decimal(written).normalize(EXACT) if "e" in written.lower() else EXACT.create_decimal(written)


def _unquoted(written: str) -> str:
    """A doubled quote of the string's own kind is one; the other kind doubled is two."""
    quote = written[0]

    def plain(found: re.Match[str]) -> str:
        if found[1] is not None:
            return _ESCAPED.get(found[1], found[1] if found[1] in "'\"\\" else found[0])
        return quote if found[0][0] == quote else found[0]

    return _ESCAPE.sub(plain, written[1:-1])


def _unreadable(character: str) -> str:
    if character in "'\"":
        return "this string has no end: its closing quote is missing"
    return f"{character!r} has no meaning"
