"""What expressions see of a run's events: `#{trigger.@key}`, `#{trigger.@payload.temperature}`, `#{trigger.@count}`.

A run of one event has that event's fields; a run of several has those of the first under the same names, and all of
them in the object that `@batch` names. JSON is walked by member names; a list maps over its elements, as lists do.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.expression.values import ExpressionValue

STRUCTURED = frozenset({"@payload", "@headers"})
"""Fields that are walked where they hold a JSON object or list."""


@dataclass(frozen=True, slots=True)
class Members:
    """A JSON object as expressions walk it; as a result it is its own text."""

    content: Mapping[str, Any]

    @property
    def id(self) -> str:
        return json.dumps(self.content, separators=(",", ":"), ensure_ascii=False)

    def field(self, name: str) -> ExpressionValue | None:
        """A member's value; None for one that is absent or null."""
        return json_value(self.content.get(name))

    def names(self) -> Iterable[str]:
        return self.content


def json_value(found: Any) -> ExpressionValue | None:
    """A JSON value as the language's: true and false are strings, as everywhere in it; null is nothing."""
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, dict):
        return Members(found)
    if isinstance(found, list):
        return tuple(value for value in map(json_value, found) if value is not None)
    scalar: str | int | float | None = found
    return scalar


def expression_fields(fields: Mapping[str, str]) -> Mapping[str, ExpressionValue]:
    """An event's fields as expression values."""
    return {name: _walked(text) if name in STRUCTURED else text for name, text in fields.items()}


def _walked(text: str) -> ExpressionValue:
    found = _parsed(text)
    return json_value(found) or text if isinstance(found, dict | list) else text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def batch_lines(events: Sequence[Mapping[str, str]]) -> bytes:
    """The events as JSON Lines: one object an event, field names without `@`, JSON payloads as JSON."""
    return b"".join(_line(fields) for fields in events)


def _line(fields: Mapping[str, str]) -> bytes:
    shown = {name.removeprefix("@"): _parsed(text) if name in STRUCTURED else text for name, text in fields.items()}
    return json.dumps(shown, separators=(",", ":")).encode() + b"\n"
