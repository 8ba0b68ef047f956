"""Settings declared once: a frozen dataclass says what a key means, how it is written and what it defaults to.

The reader of stage files and the reference page are both made from these declarations. Knows no setting itself.
"""

import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of one key besides its type: meaning, cost, and the values that are allowed."""

    meaning: str
    cost: str = ""
    least: float | None = None
    most: float | None = None
    among: tuple[Any, ...] = ()
    pattern: str = ""
    form: str = ""

    def fault(self, value: Any) -> str | None:
        """What was expected, when `value` is not it."""
        if self.among and value not in self.among:
            return f"one of {', '.join(str(each) for each in self.among)}"
        if self.pattern and not re.fullmatch(self.pattern, str(value)):
            return self.form
        return None if self._in_range(value) else self._range()

    def _in_range(self, value: Any) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def _range(self) -> str:
        if self.most is None:
            return f"at least {_number(self.least)}"
        return f"{_number(self.least)} to {_number(self.most)}"

    def allowed(self) -> str:
        """The allowed values in words; empty when the type says all."""
        if self.among:
            return ", ".join(f"`{each}`" for each in self.among)
        return self.form or ("" if self.least is None else self._range())


def _number(value: float | None) -> str:
    return str(int(value)) if value is not None and value == int(value) else str(value)


def setting(default: Any = MISSING, /, **said: Any) -> Any:
    """Declare one key of a settings class. Without a default the key is required."""
    metadata = {"declared": Declared(**said)}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


def declared(item: "Field[Any]") -> Declared:
    """What was said of a field by `setting`."""
    found: Declared = item.metadata["declared"]
    return found


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong key: its dotted name, what was expected there, and what stands there."""

    key: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.key}: expected {self.expected}, found {self.found}"


class BadSettings(Exception):
    """A settings file with every fault in it."""

    def __init__(self, file: str, faults: Sequence[Fault]) -> None:
        super().__init__(f"{file}: " + "; ".join(str(fault) for fault in faults))
        self.file = file
        self.faults = tuple(faults)


class Reader:
    """Turns tables into settings and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, kind: type[T], table: Mapping[str, Any], at: str = "") -> T | None:
        """The settings of `kind` in a table; None when any key of it was wrong or missing."""
        hints = typing.get_type_hints(kind)
        known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # every kind is a dataclass
        before = len(self.faults)
        for name in table.keys() - known.keys():
            self._wrong(at + name, f"one of the keys {', '.join(known)}", "an unknown key")
        values = {}
        for name, item in known.items():
            if name in table:
                values[name] = self._value(hints[name], item, table[name], at + name)
            elif item.default is MISSING and item.default_factory is MISSING:
                self._wrong(at + name, _written(hints[name]), "nothing")
        return kind(**values) if len(self.faults) == before else None

    def _value(self, hint: Any, item: "Field[Any]", value: Any, at: str) -> Any:
        hint = _without_none(hint)
        if is_dataclass(hint) and isinstance(hint, type):
            return self._table(lambda: self.read(hint, value, f"{at}."), value, at)
        if typing.get_origin(hint) is Mapping:
            each = typing.get_args(hint)[1]
            return self._table(
                lambda: {k: self._value(each, item, v, f"{at}.{k}") for k, v in value.items()}, value, at
            )
        if typing.get_origin(hint) is tuple:
            return self._list(typing.get_args(hint)[0], item, value, at)
        return self._plain(hint, declared(item), value, at)

    def _table(self, read: Callable[[], Any], value: Any, at: str) -> Any:
        if isinstance(value, Mapping):
            return read()
        return self._wrong(at, "a table", _shown(value))

    def _list(self, hint: Any, item: "Field[Any]", value: Any, at: str) -> Any:
        if not isinstance(value, list):
            return self._wrong(at, "a list", _shown(value))
        return tuple(self._plain(hint, declared(item), each, f"{at}[{i}]") for i, each in enumerate(value))

    def _plain(self, hint: Any, said: Declared, value: Any, at: str) -> Any:
        if issubclass(hint, Enum):
            names = [each.value for each in hint]
            return hint(value) if value in names else self._wrong(at, f"one of {', '.join(names)}", _shown(value))
        taken = float(value) if hint is float and type(value) is int else value
        if type(taken) is not hint:
            return self._wrong(at, _written(hint), _shown(value))
        expected = said.fault(taken)
        return taken if expected is None else self._wrong(at, expected, _shown(value))

    def _wrong(self, key: str, expected: str, found: str) -> None:
        self.faults.append(Fault(key, expected, found))


def _without_none(hint: Any) -> Any:
    if isinstance(hint, UnionType):
        return next(each for each in typing.get_args(hint) if each is not NoneType)
    return hint


def _shown(value: Any) -> str:
    return f"{value!r}"[:80]


WORDS: Mapping[Any, str] = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def _written(hint: Any) -> str:
    hint = _without_none(hint)
    if typing.get_origin(hint) is tuple:
        return "a list"
    if isinstance(hint, type) and issubclass(hint, Enum):
        return f"one of {', '.join(each.value for each in hint)}"
    return WORDS.get(hint, "a table")


def type_in_words(hint: Any) -> str:
    """How a value of this type is written in a settings file."""
    return _written(hint)
