"""JSON values against the JSON Schemas of the table: as much of 2020-12 as the table uses, and no more.

What the document says of a request is what is checked, because both are the same value. A test refuses a schema with a
keyword that is not known here. Text with characters that no store keeps is refused wherever it stands.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from chalicelib.edge.json_text import KINDS, kind
from chalicelib.edge.rest.contract import Schema

SILENT = frozenset({"title", "description", "default", "examples", "example", "$ref", "writeOnly", "readOnly"})
"""Keywords that check nothing by themselves."""

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what, and what would have been right."""

    field: str
    message: str
    expected: str


Names = Mapping[str, Schema]


def faults(schema: Schema, value: Any, names: Names, field: str = "") -> Iterator[Fault]:
    """Everything in which `value` is not of the shape, in order of discovery. `names` are what `$ref` refers to."""
    if "$ref" in schema:
        yield from faults(names[schema["$ref"].rpartition("/")[2]], value, names, field)
        return
    if "type" in schema and not _is_of(schema["type"], value):
        yield Fault(field, f"is {kind(value)}", _wanted(schema["type"]))
        return
    for keyword, wanted in schema.items():
        if keyword in _RULES:
            yield from _RULES[keyword](wanted, value, field)
    yield from _inner(schema, value, names, field)


def _is_of(wanted: str | list[str], value: Any) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return any(_is(name, value) for name in names)


def _is(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[name])


def _wanted(names: str | list[str]) -> str:
    listed = [names] if isinstance(names, str) else names
    words = {"integer": "a whole number", "number": "a number"}
    return " or ".join(words.get(name) or KINDS[TYPES[name][0]] for name in listed)


def _inner(schema: Schema, value: Any, names: Names, field: str) -> Iterator[Fault]:
    if isinstance(value, dict):
        yield from _members(schema, value, names, field)
    elif isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from faults(schema["items"], item, names, f"{field}[{number}]")
    elif isinstance(value, str):
        found = UNKEPT.search(value)
        if found:
            message = f"has the character U+{ord(found.group()):04X} at position {found.start() + 1}"
            yield Fault(field, message, "text without control characters")
    if "not" in schema and _fits(schema["not"], value, names):
        yield Fault(field, "has what excludes each other", schema.get("description", "what is documented"))
    if "anyOf" in schema and not any(_fits(choice, value, names) for choice in schema["anyOf"]):
        yield Fault(field, "fits none of its kinds", schema.get("description", "one of the documented kinds"))


def _fits(schema: Schema, value: Any, names: Names) -> bool:
    return next(faults(schema, value, names), None) is None


def _members(schema: Schema, value: Mapping[str, Any], names: Names, field: str) -> Iterator[Fault]:
    known: Mapping[str, Schema] = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    for name, item in value.items():
        place = f"{field}.{name}" if field else name
        if UNKEPT.search(name) or not _fits(schema.get("propertyNames", {}), name, names):
            yield Fault(field or "body", f"has a member named {name[:64]!r}", "names as they are documented")
        elif name in known:
            yield from faults(known[name], item, names, place)
        elif rest is False:
            yield Fault(place, "is not a member here", f"one of {', '.join(known)}" if known else "no members")
        elif rest is not True:
            yield from faults(rest, item, names, place)


def _required(wanted: list[str], value: Any, field: str) -> Iterator[Fault]:
    for name in wanted:
        if isinstance(value, dict) and name not in value:
            yield Fault(f"{field}.{name}" if field else name, "is missing", "it, since it is required")


def _enum(wanted: list[Any], value: Any, field: str) -> Iterator[Fault]:
    if value not in wanted:
        yield Fault(field, "is none of its values", f"one of {', '.join(map(str, wanted))}")


def _const(wanted: Any, value: Any, field: str) -> Iterator[Fault]:
    if value != wanted:
        yield Fault(field, "is not its one value", str(wanted))


def _sized(
    of: type[Sized], unit: str, word: str, right: Callable[[int, int], bool]
) -> Callable[[int, Any, str], Iterator[Fault]]:
    def rule(wanted: int, value: Any, field: str) -> Iterator[Fault]:
        if isinstance(value, of) and not right(len(value), wanted):
            yield Fault(field, f"has {len(value)} {unit}", f"{word} {wanted} {unit}")

    return rule


def _bound(word: str, right: Callable[[float, float], bool]) -> Callable[[float, Any, str], Iterator[Fault]]:
    def rule(wanted: float, value: Any, field: str) -> Iterator[Fault]:
        if isinstance(value, int | float) and not isinstance(value, bool) and not right(value, wanted):
            yield Fault(field, f"is {value}", f"{word} {wanted}")

    return rule


def _pattern(wanted: str, value: Any, field: str) -> Iterator[Fault]:
    if isinstance(value, str) and not _compiled(wanted).search(value):
        yield Fault(field, "is not spelled as it must be", f"text that matches {wanted}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # JSON Schema's `$` is the end of the text; Python's also matches before a line feed there.
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _format(wanted: str, value: Any, field: str) -> Iterator[Fault]:
    if wanted == "date-time" and isinstance(value, str) and not _is_moment(value):
        yield Fault(field, "is no time", "a time such as 2026-01-31T06:30:00Z")


def _is_moment(text: str) -> bool:
    if not MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unique(wanted: bool, value: Any, field: str) -> Iterator[Fault]:
    if wanted and isinstance(value, list) and any(item in value[:number] for number, item in enumerate(value)):
        yield Fault(field, "has an item twice", "items that differ")


_RULES: Mapping[str, Callable[[Any, Any, str], Iterator[Fault]]] = {
    "required": _required,
    "enum": _enum,
    "const": _const,
    "minLength": _sized(str, "characters", "at least", lambda size, low: size >= low),
    "maxLength": _sized(str, "characters", "at most", lambda size, high: size <= high),
    "minItems": _sized(list, "items", "at least", lambda size, low: size >= low),
    "maxItems": _sized(list, "items", "at most", lambda size, high: size <= high),
    "minProperties": _sized(dict, "members", "at least", lambda size, low: size >= low),
    "maxProperties": _sized(dict, "members", "at most", lambda size, high: size <= high),
    "minimum": _bound("at least", lambda value, low: value >= low),
    "maximum": _bound("at most", lambda value, high: value <= high),
    "pattern": _pattern,
    "format": _format,
    "uniqueItems": _unique,
}
KNOWN = frozenset(
    {*_RULES, *SILENT, "type", "properties", "additionalProperties", "propertyNames", "items", "anyOf", "not"}
)
"""Every keyword that a schema of the table may use."""
