"""Redshift's SQL as a list of words. Must not know statements."""

import re
from collections.abc import Iterator, Sequence

_WORD = re.compile(
    r"""(?P<space>\s+ | --[^\n]* | /\*.*?(?:\*/|\Z))
      | '(?:[^'\\]|''|\\.)*' | "(?:[^"]|"")*" | [A-Za-z_]\w* | \d+(?:\.\d+)? | ::? | .""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_ESCAPED = re.compile(r"\\([0-7]{1,3}|.)|''", re.DOTALL)


def words(sql: str) -> list[str]:
    """Strings, quoted names, names, numbers and signs, without blanks, comments and the semicolon at the end."""
    found = [word[0] for word in _WORD.finditer(sql) if not word["space"]]
    return found[:-1] if found[-1:] == [";"] else found


def string(word: str) -> str:
    """What a string literal says. Raises ValueError when the word is none."""
    if not word.startswith("'"):
        raise ValueError(f"a string expected, {word} given")
    return _ESCAPED.sub(_unescaped, word[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    if code is None:
        return "'"
    return chr(int(code, 8)) if code[0] in "01234567" else _ESCAPES.get(code, code)


def name(word: str) -> str:
    """What a name says: in lower case, quoted or not."""
    return (word[1:-1].replace('""', '"') if word.startswith('"') else word).lower()


def closing(parts: Sequence[str], start: int) -> int:
    """Where the parenthesis that opens at `start` closes. Raises ValueError when it does not."""
    depth = 0
    for at in range(start, len(parts)):
        depth += {"(": 1, ")": -1}.get(parts[at], 0)
        if depth == 0:
            return at
    raise ValueError("a parenthesis is not closed")


def split(parts: Sequence[str]) -> Iterator[list[str]]:
    """The parts between commas that stand in no parenthesis."""
    current: list[str] = []
    depth = 0
    for part in parts:
        depth += {"(": 1, ")": -1}.get(part, 0)
        if part == "," and depth == 0:
            yield current
            current = []
        else:
            current.append(part)
    if current:
        yield current
