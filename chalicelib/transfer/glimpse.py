"""The beginning of a file as a person would look at it: rows, items, lines of text, a picture. Pure.

Whoever calls has read so many bytes and no more; what a cut leaves of the last record is left out. Nothing raises: what
cannot be read is told in words, beside what came before it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from typing import TypeVar

from chalicelib.domain.dialect import BadFormat, Dialect
from chalicelib.ports.tables import Attribute, Item
from chalicelib.transfer.formats.blocks import last_end
from chalicelib.transfer.formats.choose import Format
from chalicelib.transfer.formats.compression import gunzip
from chalicelib.transfer.formats.delimited import Delimited
from chalicelib.transfer.formats.faults import BadFile, BadRecord
from chalicelib.transfer.formats.items import decode_item

MOST_BYTES = 256 * 1024
"""What is read of an object, and what is unpacked of it."""

MOST_ROWS = 100
_MOST_COLUMNS = 100
_LONGEST_CELL = 1000
_LONGEST_TEXT = 32 * 1024
_GZIP = b"\x1f\x8b"
_ETX = b"\x03"
_PICTURES: Mapping[bytes, str] = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
Cell = str | None
_T = TypeVar("_T")


class Kind(Enum):
    """What can be seen of a file."""

    ROWS = "rows"
    TEXT = "text"
    PICTURE = "picture"
    NOTHING = "nothing"


class Reading(Enum):
    """How a file is to be read; GUESSED where nothing says it."""

    GUESSED = "guessed"
    ITEMS = "items"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What was seen. `told` is in words, empty when there is nothing to say; `more` whether the file goes on.

    columns  names; empty where they have none
    picture  content type and bytes
    """

    kind: Kind
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    text: str = ""
    picture: tuple[str, bytes] | None = None
    told: str = ""
    more: bool = False


def picture_type(content: bytes) -> str | None:
    """The content type of a picture that browsers show; None for anything else."""
    return next((kind for magic, kind in _PICTURES.items() if content.startswith(magic)), None)


def glimpse_of(content: bytes, name: str, cut: bool, reading: Reading, reader: Format | None = None) -> Glimpse:
    """What the first bytes of a file show.

    cut     whether the file goes on behind them
    reader  for rows
    """
    plain, broken = _unpacked(content, name) if content.startswith(_GZIP) else (content, "")
    more = cut or len(plain) == MOST_BYTES
    if not plain:
        return Glimpse(Kind.NOTHING, told=broken or "It is empty.")
    kind = picture_type(plain)
    if kind is not None:
        whole = Glimpse(Kind.PICTURE, picture=(kind, plain))
        return whole if not more else Glimpse(Kind.NOTHING, told=f"A picture of more than {MOST_BYTES // 1024} KB.")
    stem = name.removesuffix(".gz").lower()
    found = _shown(plain, stem, more, reading, reader)
    return replace(found, told=found.told or broken)


def _shown(plain: bytes, stem: str, more: bool, reading: Reading, reader: Format | None) -> Glimpse:
    first = plain.partition(b"\n")[0]
    if reading is Reading.ROWS and reader is not None:
        return _rows(plain, stem, more, reader)
    if reading is Reading.ITEMS or _is_json(first) or (_ETX in first and b"{" in first):
        return _items(plain, more)
    if stem.endswith((".csv", ".tsv")):
        return _rows(plain, stem, more, Delimited(Dialect("," if stem.endswith(".csv") else "\t")))
    return _text(plain, more)


def table_of(items: Sequence[Item]) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """Items of DynamoDB as columns and rows."""
    return _tabled([{name: _shown_attribute(value) for name, value in item.items()} for item in items])


def _unpacked(content: bytes, name: str) -> tuple[bytes, str]:
    """As much as MOST_BYTES allows, and why there is no more when that is a fault."""
    found = bytearray()
    pieces = gunzip([content], name, 64 * 1024)
    try:
        for piece in pieces:
            found += piece
            if len(found) >= MOST_BYTES:
                break
    except BadFile as error:
        return bytes(found), "" if len(content) >= MOST_BYTES else str(error)
    return bytes(found[:MOST_BYTES]), ""


def _rows(plain: bytes, name: str, more: bool, reader: Format) -> Glimpse:
    whole = _whole_records(plain, reader.dialect if isinstance(reader, Delimited) else Dialect()) if more else plain
    rows, told = _read(reader.read([whole], name))
    columns = tuple(column.name for column in reader.columns)[:_MOST_COLUMNS]
    return Glimpse(Kind.ROWS, columns, rows[:MOST_ROWS], told=told, more=more or len(rows) > MOST_ROWS)


def _read(found: Iterator[tuple[Cell, ...]]) -> tuple[tuple[tuple[Cell, ...], ...], str]:
    """Up to one row more than is shown, and what ended the reading before."""
    rows: list[tuple[Cell, ...]] = []
    try:
        for row in islice(found, MOST_ROWS + 1):
            rows.append(tuple(map(_cell, row[:_MOST_COLUMNS])))
    except (BadRecord, BadFile, BadFormat) as error:
        return tuple(rows), f"Not as its data format says: {error}"
    return tuple(rows), ""


def _whole_records(plain: bytes, dialect: Dialect) -> bytes:
    return plain[: last_end(plain, dialect.record.encode(), dialect.escape.encode())] or plain


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _items(plain: bytes, more: bool) -> Glimpse:
    """Lines of JSON; where each is an item of DynamoDB, by its attributes."""
    whole = _whole_records(plain, Dialect()) if more else plain
    lines = [line for line in whole.decode(errors="replace").split("\n") if line.strip()]
    shown = lines[:MOST_ROWS]
    found, told = _decoded(shown, decode_item)
    if not told:
        columns, rows = table_of(found)
    else:
        values, told = _decoded(shown, json.loads)
        columns, rows = _tabled([_members(value) for value in values])
    return Glimpse(Kind.ROWS, columns, rows, told=told, more=more or len(lines) > MOST_ROWS)


def _decoded(lines: Iterable[str], decode: Callable[[str], _T]) -> tuple[list[_T], str]:
    found: list[_T] = []
    try:
        for line in lines:
            found.append(decode(line))
    except (ValueError, RecursionError) as error:
        return found, f"Line {len(found) + 1} cannot be read: {error}"
    return found, ""


def _members(value: object) -> Mapping[str, str]:
    if isinstance(value, dict):
        return {str(name): _compact(each) for name, each in value.items()}
    return {"": _compact(value)}


def _tabled(found: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    columns = tuple(dict.fromkeys(name for each in found for name in each))[:_MOST_COLUMNS]
    return columns, tuple(tuple(_cell(each.get(name)) for name in columns) for each in found)


def _shown_attribute(attribute: Attribute) -> str:
    ((kind, value),) = attribute.items()
    match kind:
        case "S" | "N":
            return str(value)
        case "NULL":
            return "null"
        case _:
            return _compact(_plain(kind, value))


def _plain(kind: str, value: object) -> object:
    if kind == "M" and isinstance(value, Mapping):
        return {name: _plain(*next(iter(each.items()))) for name, each in value.items()}
    if kind == "L" and isinstance(value, list):
        return [_plain(*next(iter(each.items()))) for each in value]
    if kind == "B" and isinstance(value, bytes):
        return f"{len(value)} bytes"
    return [f"{len(each)} bytes" for each in value] if kind == "BS" and isinstance(value, list) else value


def _compact(value: object) -> str:
    return (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    )


def _cell(value: Cell) -> Cell:
    return value if value is None or len(value) <= _LONGEST_CELL else value[:_LONGEST_CELL] + "…"


def _text(plain: bytes, more: bool) -> Glimpse:
    text = plain.decode(errors="replace")
    strange = sum(character == "\ufffd" or (character < " " and character not in "\t\r\n") for character in text)
    if strange > 1 + len(text) // 100:
        return Glimpse(Kind.NOTHING, told="It is no text, no table and no picture.", more=more)
    return Glimpse(Kind.TEXT, text=text[:_LONGEST_TEXT], more=more or len(text) > _LONGEST_TEXT)


def reading_of(kind: str | None) -> Reading:
    """How a data format of that type is read; None is no data format."""
    if kind is None:
        return Reading.GUESSED
    return Reading.ITEMS if kind.startswith("DynamoDB") else Reading.ROWS
