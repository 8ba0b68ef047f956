"""What would change: differences between values that are wanted and values that are there. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would be added, removed or set. `where` reads from the whole to the part."""

    where: str
    before: Any
    after: Any

    @property
    def sign(self) -> str:
        """`+` added, `-` removed, `~` set."""
        if self.before is ABSENT:
            return "+"
        return "-" if self.after is ABSENT else "~"

    def __str__(self) -> str:
        shown = {"+": self.after, "-": self.before}.get(self.sign)
        text = _short(shown) if shown is not None else f"{_short(self.before)} -> {_short(self.after)}"
        return f"{self.sign} {self.where}: {text}"


def differences(where: str, before: Any, after: Any) -> Iterator[Change]:
    """Every value in which `after` differs from `before`, in order of name; an absent whole is one change."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from differences(f"{where}/{key}", before.get(key, ABSENT), after.get(key, ABSENT))
    elif _is_list(before) and _is_list(after) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(f"{where}[{index}]", one, other)
    elif before != after:
        yield Change(where, before, after)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _short(value: Any, most: int = 120) -> str:
    if isinstance(value, Mapping) and "Type" in value:
        return str(value["Type"])
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}…"
