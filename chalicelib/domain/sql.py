"""Just enough of SQL's spelling to find placeholders and statement ends. Pure; must not know what statements mean.

Source: lexical structure chapters of the PostgreSQL and MariaDB manuals; `??` for a literal `?` is JDBC's.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import count

_SHARED = r"""--[^\n]* | /\*.*?(?:\*/|\Z) | \?\?"""
_ENDS = r"(?P<place>\?) | (?P<end>;)"
_STANDARD = r"""
    [eE]'(?:[^'\\]|''|\\.)*'? | '(?:[^']|'')*'? | "(?:[^"]|"")*"? | \$(?P<tag>[A-Za-z_]\w*|)\$.*?(?:\$(?P=tag)\$|\Z)"""
_REDSHIFT = r"""
    '(?:[^'\\]|''|\\.)*'? | "(?:[^"]|"")*"? | \$(?P<tag>[A-Za-z_]\w*|)\$.*?(?:\$(?P=tag)\$|\Z)"""
_BRACKETS = r"""'(?:[^']|'')*'? | "(?:[^"]|"")*"? | \[(?:[^\]]|\]\])*\]?"""
_MYSQL = r"""\#[^\n]* | '(?:[^'\\]|''|\\.)*'? | "(?:[^"\\]|""|\\.)*"? | `(?:[^`]|``)*`?"""


class Spelling(Enum):
    """Whose strings, comments and quoted names. The values are their tokens, as regular expressions."""

    STANDARD = re.compile(f"(?P<skip>{_SHARED} | {_STANDARD}) | {_ENDS}", re.VERBOSE | re.DOTALL)
    REDSHIFT = re.compile(f"(?P<skip>{_SHARED} | {_REDSHIFT}) | {_ENDS}", re.VERBOSE | re.DOTALL)
    BRACKETS = re.compile(f"(?P<skip>{_SHARED} | {_BRACKETS}) | {_ENDS}", re.VERBOSE | re.DOTALL)
    MYSQL = re.compile(f"(?P<skip>{_SHARED} | {_MYSQL}) | {_ENDS}", re.VERBOSE | re.DOTALL)


def statements(script: str, spelling: Spelling) -> tuple[str, ...]:
    """The statements of a script without their semicolons; empty ones and lone comments are left out."""
    found, at = [], 0
    for match in spelling.value.finditer(script):
        if match["end"]:
            found.append(script[at : match.start()])
            at = match.end()
    found.append(script[at:])
    return tuple(text.strip() for text in found if _says_something(text))


def placeholders(statement: str, spelling: Spelling) -> int:
    """How many `?` take an argument: those outside of strings, quoted names and comments."""
    return sum(1 for match in spelling.value.finditer(statement) if match["place"])


def with_markers(statement: str, spelling: Spelling) -> str:
    """The statement as drivers want it: placeholders as `%s`, `??` as `?`, and each `%` doubled."""
    return "".join(_marked(statement, spelling))


def with_placeholders(statement: str, spelling: Spelling, marker: Callable[[int], str]) -> str:
    """The statement with the marker of each placeholder, numbered from 1, and `??` as `?`; `%` stays as it is."""
    numbers = count(1)

    def written(match: re.Match[str]) -> str:
        if match["place"]:
            return marker(next(numbers))
        return "?" if match[0] == "??" else match[0]

    return spelling.value.sub(written, statement)


def _marked(statement: str, spelling: Spelling) -> Iterator[str]:
    at = 0
    for match in spelling.value.finditer(statement):
        yield _doubled(statement[at : match.start()])
        at = match.end()
        yield "%s" if match["place"] else "?" if match[0] == "??" else _doubled(match[0])
    yield _doubled(statement[at:])


def _doubled(text: str) -> str:
    return text.replace("%", "%%")


def _says_something(text: str) -> bool:
    """MySQL's `/*! … */` is no comment: it runs."""
    return bool(re.sub(r"--[^\n]*|/\*(?!!).*?(?:\*/|\Z)", "", text, flags=re.DOTALL).strip())
