"""The part of Java's format strings that makes sense for text: `%1$s`, `%-10s`, `%S`, `%n`, `%%`. Pure.

Source: java.util.Formatter, which the RegEx data format's outputFormat is written for.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_SPECIFIER = re.compile(r"%(?:(\d+)\$|(<))?(-)?(\d+)?(?:\.(\d+))?(.|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Formatter:
    """A compiled format. `needs` is the highest argument it names."""

    needs: int
    _parts: tuple[Callable[[Sequence[str]], str], ...]

    def format(self, arguments: Sequence[str]) -> str:
        """The text. Arguments beyond those named are ignored, as Java ignores them; at least `needs` must be given."""
        return "".join(part(arguments) for part in self._parts)


def compile_format(text: str) -> Formatter:
    """Read a format.

    Raises   ValueError naming what cannot be read and where
    """
    parts: list[Callable[[Sequence[str]], str]] = []
    ordinary, last, highest, at = 0, 0, 0, 0
    for match in _SPECIFIER.finditer(text):
        parts.append(_literal(text[at : match.start()]))
        at = match.end()
        if match[6] in ("n", "%"):
            parts.append(_literal("\n" if match[6] == "n" else "%"))
            continue
        if match[6] not in ("s", "S"):
            raise ValueError(f"'{match[0]}' at position {match.start() + 1} given; %s, %1$s, %n or %% expected")
        ordinary += not (match[1] or match[2])
        last = int(match[1]) if match[1] else last if match[2] else ordinary
        if last < 1:
            raise ValueError(f"'{match[0]}' at position {match.start() + 1} names no column; the first is 1")
        highest = max(highest, last)
        parts.append(_argument(match, last - 1))
    parts.append(_literal(text[at:]))
    return Formatter(highest, tuple(parts))


def _literal(text: str) -> Callable[[Sequence[str]], str]:
    return lambda _: text


def _argument(match: re.Match[str], index: int) -> Callable[[Sequence[str]], str]:
    left, width, upper = bool(match[3]), int(match[4] or 0), match[6] == "S"
    longest = int(match[5]) if match[5] else None

    def render(arguments: Sequence[str]) -> str:
        text = arguments[index][:longest]
        text = text.upper() if upper else text
        return text.ljust(width) if left else text.rjust(width)

    return render
