"""Shapes of wire members: read a JSON value into a frozen one, noting every fault by member.

Owns types, lengths and allowed characters; must not know operations. A shape never raises: it notes what is wrong and
answers None, so one request shows all its faults at once. Members nobody asked for are ignored, and null is absent.
Source: the service model's shapes and patterns.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Protocol

from chalicelib.edge.json_text import kind

FORBIDDEN = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\r\n\t]")
_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(slots=True)
class Faults:
    """What is wrong with one request, in order of discovery."""

    sentences: list[str] = field(default_factory=list)

    def note(self, path: str, sentence: str) -> None:
        """Say what is wrong with the member at `path`."""
        self.sentences.append(f"{path or 'the request'}: {sentence}")


class Shape(Protocol):
    """One kind of wire value."""

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        """The decoded value; None with a fault noted when `value` is not of this shape."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `low` to `high` characters; `high` None has no limit. Control characters are refused."""

    low: int = 0
    high: int | None = 1024

    def read(self, value: Any, path: str, faults: Faults) -> str | None:
        """The string itself."""
        if not isinstance(value, str):
            faults.note(path, f"expected text, got {kind(value)}")
        elif len(value) < self.low or (self.high is not None and len(value) > self.high):
            faults.note(path, f"expected {self._length()}, got {len(value)}")
        elif bad := FORBIDDEN.search(value):
            faults.note(path, f"character U+{ord(bad.group()):04X} at position {bad.start() + 1} is not allowed")
        else:
            return value
        return None

    def _length(self) -> str:
        return f"{self.low} to {self.high} characters" if self.high is not None else f"{self.low} characters or more"


@dataclass(frozen=True, slots=True)
class Report:
    """Text a program wrote about itself (error messages, stack traces): any length, odd characters replaced."""

    def read(self, value: Any, path: str, faults: Faults) -> str | None:
        """The string with forbidden characters as `?`; a runner's report is never refused for its spelling."""
        if not isinstance(value, str):
            faults.note(path, f"expected text, got {kind(value)}")
            return None
        return FORBIDDEN.sub("?", value)


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, value: Any, path: str, faults: Faults) -> bool | None:
        """The boolean."""
        if isinstance(value, bool):
            return value
        faults.note(path, f"expected true or false, got {kind(value)}")
        return None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` up."""

    low: int

    def read(self, value: Any, path: str, faults: Faults) -> int | None:
        """The number."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= self.low:
            return value
        given = value if isinstance(value, int) and not isinstance(value, bool) else kind(value)
        faults.note(path, f"expected a whole number of {self.low} or more, got {given}")
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """A timestamp: seconds since 1970, as the service's JSON protocol sends them."""

    def read(self, value: Any, path: str, faults: Faults) -> datetime | None:
        """The UTC time."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            faults.note(path, f"expected a time as seconds since 1970, got {kind(value)}")
        elif not 0 <= value < 253_402_300_800:  # year 10000
            faults.note(path, "expected seconds since 1970 before the year 10000")
        else:
            return datetime.fromtimestamp(value, UTC)
        return None


@dataclass(frozen=True, slots=True)
class OneOf:
    """A member of an enumeration, by value."""

    members: type[Enum]

    def read(self, value: Any, path: str, faults: Faults) -> Enum | None:
        """The enum member."""
        for member in self.members:
            if value == member.value:
                return member
        expected = ", ".join(str(member.value) for member in self.members)
        given = repr(value[:64]) if isinstance(value, str) else kind(value)
        faults.note(path, f"expected one of {expected}, got {given}")
        return None


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one shape, `low` to `high` long."""

    item: Shape
    high: int | None = None
    low: int = 0

    def read(self, value: Any, path: str, faults: Faults) -> tuple[Any, ...] | None:
        """The decoded items as a tuple."""
        if not isinstance(value, list):
            faults.note(path, f"expected a list, got {kind(value)}")
        elif self.high is not None and len(value) > self.high:
            faults.note(path, f"expected at most {self.high} items, got {len(value)}")
        elif len(value) < self.low:
            faults.note(path, f"expected at least {self.low} item, got none")
        else:
            return tuple(self.item.read(item, f"{path}[{number}]", faults) for number, item in enumerate(value))
        return None


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a structure. An absent one that is not required is `default`."""

    name: str
    shape: Shape
    required: bool = False
    default: Any = None
    attribute: str | None = None

    @property
    def keyword(self) -> str:
        """The argument that `Structure.make` takes it as: the wire name in snake case unless stated."""
        return self.attribute or _SNAKE.sub("_", self.name).lower()


@dataclass(frozen=True, slots=True)
class Structure:
    """An object with named members, made into a value.

    make   takes the members by keyword; called only when none has a fault
    rule   says what is wrong with the members together, or None
    """

    make: Callable[..., Any]
    members: tuple[Member, ...] = ()
    rule: Callable[[Mapping[str, Any]], str | None] | None = None

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        """What `make` answers."""
        if not isinstance(value, dict):
            faults.note(path, f"expected an object, got {kind(value)}")
            return None
        before = len(faults.sentences)
        arguments = {member.keyword: self._member(member, value, path, faults) for member in self.members}
        sentence = self.rule(value) if self.rule and len(faults.sentences) == before else None
        if sentence is not None:
            faults.note(path, sentence)
        return self.make(**arguments) if len(faults.sentences) == before else None

    def _member(self, member: Member, value: Mapping[str, Any], path: str, faults: Faults) -> Any:
        given = value.get(member.name)
        place = f"{path}.{member.name}" if path else member.name
        if given is not None:
            return member.shape.read(given, place, faults)
        if member.required:
            faults.note(place, "is required and missing")
        return member.default
