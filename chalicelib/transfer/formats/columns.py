"""Declared columns: names, and what their types accept. Pure.

Source: developer guide, "CSV data format" (`hostname STRING`); the types are Hive's, as its examples use them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import BadFormat

_ENTRY = re.compile(r"\s*(\S+)(?:\s+(\w+)\s*(\(\s*\d+\s*(?:,\s*\d+\s*)?\))?)?\s*")
_BETWEEN = re.compile(r",(?![^(]*\))")
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*|[+-]?(?:NaN|Infinity|inf)", re.IGNORECASE)
_WHOLE = re.compile(r"\s*[+-]?\d{1,40}\s*")
_DATE = re.compile(r"\d{4,6}-\d\d?-\d\d?")
_TIMESTAMP = re.compile(r"\d{4,6}-\d\d?-\d\d?(?:[ T]\d\d?:\d\d(?::\d\d(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d\d(?::?\d\d)?)?)?")
_BOOLEANS = frozenset({"true", "false", "t", "f", "1", "0", "yes", "no"})


def _whole(bits: int) -> Callable[[str], bool]:
    bound = 1 << (bits - 1)
    return lambda text: _WHOLE.fullmatch(text) is not None and -bound <= int(text) < bound


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _boolean(text: str) -> bool:
    return text.lower() in _BOOLEANS


_TYPES: Mapping[str, Callable[[str], bool] | None] = {
    "STRING": None,
    "VARCHAR": None,
    "CHAR": None,
    "TEXT": None,
    "BINARY": None,
    "TINYINT": _whole(8),
    "SMALLINT": _whole(16),
    "INT": _whole(32),
    "INTEGER": _whole(32),
    "BIGINT": _whole(64),
    "LONG": _whole(64),
    "FLOAT": _matches(_NUMBER),
    "DOUBLE": _matches(_NUMBER),
    "REAL": _matches(_NUMBER),
    "DECIMAL": _matches(_NUMBER),
    "NUMERIC": _matches(_NUMBER),
    "BOOLEAN": _boolean,
    "DATE": _matches(_DATE),
    "TIMESTAMP": _matches(_TIMESTAMP),
    "DATETIME": _matches(_TIMESTAMP),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`type` in capitals, without length or precision."""

    name: str
    type: str = "STRING"

    def accepts(self, text: str) -> bool:
        """Whether the text is a value of the type. NULL always is, and is not asked about."""
        check = _TYPES[self.type]
        return check is None or check(text)


def columns_of(found: PipelineObject | None) -> tuple[Column, ...]:
    """The columns that a data format declares, in order; none when it declares none.

    One entry may hold several, with commas between them.
    Raises   BadFormat
    """
    if found is None:
        return ()
    entries = (entry for text in found.texts("column") for entry in _BETWEEN.split(text))
    columns = tuple(_column(found, entry) for entry in entries)
    names = [column.name.lower() for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise BadFormat(found.name, "column", name, "every name once")
    return columns


def _column(found: PipelineObject, entry: str) -> Column:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise BadFormat(found.name, "column", entry, "'name TYPE'")
    kind = (match[2] or "STRING").upper()
    if kind not in _TYPES:
        raise BadFormat(found.name, "column", entry, f"one of the types {', '.join(_TYPES)}")
    return Column(match[1], kind)
