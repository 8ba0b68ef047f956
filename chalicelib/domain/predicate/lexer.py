"""Text to tokens. Must not know what they mean together.

Source: Apache Hive language manual, "Operators and UDFs", "Literals"
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.errors import DataPipelineError

LONGEST = 10_240
"""Characters; a field of a definition has no more."""


@dataclass(unsafe_hash=True)
class BadPredicate(DataPipelineError):
    """A predicate that cannot be read. `at` is the offset of the fault in `text`, from 0."""

    text: str
    at: int
    reason: str

    def __str__(self) -> str:
        return f"filterSql: {self.reason} at column {self.at + 1} of: {self.text}"


class Kind(Enum):
    """Kinds of tokens. A WORD is a name or a keyword, a NAME was in backticks and can only be a name."""

    WORD = "word"
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text. `value` is what it stands for: without quotes, keywords as they were written."""

    kind: Kind
    value: str
    at: int

    def says(self, *words: str) -> bool:
        """Whether it is one of these keywords (in capitals) or marks."""
        return self.kind in (Kind.WORD, Kind.MARK) and self.value.upper() in words


_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYD])?(?![A-Za-z0-9_]))
  | (?P<word>[^\W\d]\w*)
  | `(?P<name>[^`]+)`
  | '(?P<single>(?:[^'\\]|\\.)*)'
  | "(?P<double>(?:[^"\\]|\\.)*)"
  | (?P<mark><=>|<=|>=|<>|!=|==|[=<>(),+\-!])
  | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}
_KINDS = {"single": Kind.TEXT, "double": Kind.TEXT, **{kind.value: kind for kind in Kind if kind is not Kind.TEXT}}


def tokens(text: str) -> Iterator[Token]:
    """The tokens in order, the last of them END. Raises BadPredicate."""
    if len(text) > LONGEST:
        raise BadPredicate(text[:80] + "…", LONGEST, f"there are more than {LONGEST} characters")
    at = 0
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadPredicate(text, at + len(text[at:]) - len(text[at:].lstrip()), "nothing begins like this")
        kind = _KINDS[found.lastgroup or "end"]
        quote = kind in (Kind.TEXT, Kind.NAME)
        yield Token(kind, _value(kind, found[found.lastgroup or "end"]), found.start(found.lastgroup or "end") - quote)
        if kind is Kind.END:
            return
        at = found.end()


def _value(kind: Kind, written: str) -> str:
    if kind is Kind.NUMBER:
        return written.rstrip("BDLSY")
    if kind is not Kind.TEXT:
        return written
    # LIKE has escapes of its own for its two wildcards: they stay.
    return _ESCAPE.sub(lambda found: _escape(found[1]), written)


def _escape(character: str) -> str:
    return "\\" + character if character in "%_" else _ESCAPED.get(character, character)
