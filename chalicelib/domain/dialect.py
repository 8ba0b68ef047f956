"""How delimited text is written: the separators and the escape character. Pure; must not know where text comes from.

Source: developer guide, "CopyActivity" (limits of its CSV), "CSV", "TSV" and "Custom data format".
"""

import re
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.errors import DataPipelineError

NULL = "\\N"
"""A field that is exactly this is NULL, whatever the escape character; the text itself is written with an escape."""

_SPELLED = re.compile(r"\\(?:([tnrfb0\\])|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{3}))")
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b", "0": "\0", "\\": "\\"}


@dataclass(unsafe_hash=True)
class BadFormat(DataPipelineError):
    """A data format whose fields make no sense: names it, the field, what was given and what was expected."""

    name: str
    field: str
    given: str
    expected: str

    def __str__(self) -> str:
        return f"data format {self.name}: {self.field} is {self.given!r}, {self.expected} expected"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One character each. Nothing is quoted; the escape character takes the next one literally.

    separator  between columns; any character
    record     behind each record; ASCII
    escape     ASCII
    """

    separator: str = ","
    record: str = "\n"
    escape: str = "\\"


CSV = Dialect()


def dialect_of(found: PipelineObject | None) -> Dialect:
    """The dialect of a CSV, TSV or Custom data format; a node without one reads and writes CSV.

    Raises   BadFormat
    """
    if found is None:
        return CSV
    fallback = "\t" if found.type == "TSV" else ","
    separator = fallback if found.type == "CSV" else _character(found, "columnSeparator", fallback)
    record = "\n" if found.type == "CSV" else _character(found, "recordSeparator", "\n")
    dialect = Dialect(separator, record, _character(found, "escapeChar", "\\"))
    _check_apart(found, dialect)
    return dialect


def _character(found: PipelineObject, field: str, fallback: str) -> str:
    given = found.text(field) or fallback
    spelled = _SPELLED.fullmatch(given)
    character = given if spelled is None or given == "\\" else _spelled(spelled)
    if len(character) != 1:
        raise BadFormat(found.name, field, given, "one character")
    if field != "columnSeparator" and not character.isascii():
        raise BadFormat(found.name, field, given, "an ASCII character")
    return character


def _spelled(match: re.Match[str]) -> str:
    named, four, two, octal = match.groups()
    if named is not None:
        return _NAMED[named]
    return chr(int(octal, 8)) if octal else chr(int(four or two, 16))


def _check_apart(found: PipelineObject, dialect: Dialect) -> None:
    if dialect.separator in "N\\\r":
        raise BadFormat(found.name, "columnSeparator", dialect.separator, "neither N, backslash nor carriage return")
    if dialect.record in "N\\":
        raise BadFormat(found.name, "recordSeparator", dialect.record, "neither N nor backslash")
    if dialect.escape in "N\r":
        raise BadFormat(found.name, "escapeChar", dialect.escape, "neither N nor carriage return")
    if dialect.separator in (dialect.record, dialect.escape):
        raise BadFormat(found.name, "columnSeparator", dialect.separator, "another character than the others")
    if dialect.record == dialect.escape:
        raise BadFormat(found.name, "recordSeparator", dialect.record, "another character than escapeChar")
