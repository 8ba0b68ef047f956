"""The page of a stage file's keys, from the dataclasses that read it; see docs/generate.py."""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any

from deploy.declared import declared, type_in_words
from deploy.stage import Stage

_INTRODUCTION = """`infra/stages/<stage>.toml` says what API Gateway does besides routing, on both roads of
deployment and in the embedded run. A stage without a file has the defaults. A wrong key is named with what was expected
there, all of them at once. [How to use them, and why](../howto/gateway.md).
"""


def stage_settings_page(made: str) -> str:
    """The page; `made` says that it is generated."""
    return "\n".join(["# Stage settings", "", made, _INTRODUCTION, *_section(Stage, "")]).rstrip() + "\n"


def _section(kind: type, table: str) -> Iterator[str]:
    yield from (f"## {f'`[{table}]`' if table else 'Top level'}", "", _purpose(kind), "")
    yield from ("| key | value | default | what | costs |", "|---|---|---|---|---|")
    hints = typing.get_type_hints(kind)
    tables = [item for item in fields(kind) if _table_of(hints[item.name]) is not None]
    yield from (_row(item, hints[item.name]) for item in fields(kind) if item not in tables)
    yield from (_row(item, hints[item.name]) for item in tables)
    yield ""
    for item in tables:
        found = _table_of(hints[item.name])
        if found is not None:
            yield from _section(found[0], f"{f'{table}.' if table else ''}{item.name}{found[1]}")


def _purpose(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _table_of(hint: Any) -> tuple[type, str] | None:
    """The dataclass that a key's table is read as, and what follows the key; None for a plain value."""
    if isinstance(hint, UnionType):
        hint = next(each for each in typing.get_args(hint) if each is not NoneType)
    if typing.get_origin(hint) is Mapping:
        each = typing.get_args(hint)[1]
        return (each, ".<name>") if is_dataclass(each) and isinstance(each, type) else None
    return (hint, "") if is_dataclass(hint) and isinstance(hint, type) else None


def _row(item: "Field[Any]", hint: Any) -> str:
    said = declared(item)
    several = "several: " if typing.get_origin(hint) is tuple else ""
    value = several + (said.allowed() or _value(hint))
    return f"| `{item.name}` | {value} | {_default(item)} | {said.meaning} | {said.cost} |"


def _value(hint: Any) -> str:
    if isinstance(hint, UnionType):
        hint = next(each for each in typing.get_args(hint) if each is not NoneType)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(f"`{each.value}`" for each in hint)
    return type_in_words(hint)


def _default(item: "Field[Any]") -> str:
    if item.default is MISSING and item.default_factory is MISSING:
        return "required"
    if item.default is MISSING:
        return "empty" if item.default_factory is dict else "its defaults"
    value = item.default.value if isinstance(item.default, Enum) else item.default
    if value is None:
        return "absent"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value not in ("", ()) else "empty"
