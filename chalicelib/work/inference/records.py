"""Records to items: what of a record the model is sent. Must not know files."""

import json
from collections.abc import Callable, Sequence

from chalicelib.domain.dialect import BadFormat, Dialect
from chalicelib.domain.inference.results import Fault
from chalicelib.ports.objects import Place, is_place, parse_place
from chalicelib.transfer.formats.choose import Format
from chalicelib.transfer.formats.columns import Column
from chalicelib.transfer.formats.delimited import Delimited, Row
from chalicelib.transfer.formats.faults import BadRecord
from chalicelib.work.inference.items import Item

PLAIN = Dialect(separator="\x01", escape="\0")
"""Lines that mean nothing to us: JSON, or whatever the model reads."""

_NUMBERS = frozenset(
    {"TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "LONG", "FLOAT", "DOUBLE", "REAL", "DECIMAL", "NUMERIC"}
)
MakeItem = Callable[[str, bytes, int], Item]


def plain_item(item: str, record: bytes, _: int) -> Item:
    """A line as it is."""
    return Item(item, record.removesuffix(b"\r"))


def event_item(item: str, record: bytes, _: int) -> Item:
    """An event: its payload where it has one (a message, a call), else all of it."""
    try:
        event = json.loads(record)
    except (ValueError, RecursionError):
        return Item(item, record, Fault("BadRecord", "the line is no JSON"))
    payload = event.get("payload") if isinstance(event, dict) else None
    if payload is None:
        return Item(item, record)
    return Item(item, payload.encode() if isinstance(payload, str) else _dumped(payload))


def image_item(item: str, record: bytes, _: int) -> Item:
    """The image that a line of JSON names: `"s3://bucket/key"`, or an object with `bucket` and `key`, as events are."""
    try:
        place = _place(json.loads(record))
    except (ValueError, RecursionError):
        return Item(item, record, Fault("BadRecord", "the line is no JSON"))
    return Item(item, place) if place is not None else Item(item, record, Fault("BadRecord", "it names no image"))


def event_place(record: bytes) -> Place | None:
    """The object that a line of JSON names; None when it names none."""
    try:
        return _place(json.loads(record))
    except (ValueError, RecursionError):
        return None


def _place(named: object) -> Place | None:
    if isinstance(named, str) and is_place(named):
        return parse_place(named)
    if isinstance(named, dict):
        bucket, key = named.get("bucket"), named.get("key")
        return Place(bucket, key) if isinstance(bucket, str) and isinstance(key, str) else None
    return None


def row_item(reader: Format, content_type: str) -> MakeItem:
    """A row: an object by column names in JSON, a list where the columns have no names, or CSV if that is asked for.

    A row that its format cannot read is an item with a fault. Raises BadFormat for a format without an end of records
    """
    if not isinstance(reader, Delimited):
        raise BadFormat("dataFormat", "type", "RegEx", "CSV, TSV or Custom")
    body = _csv if content_type.startswith("text/csv") else _json

    def make(item: str, record: bytes, line: int) -> Item:
        try:
            rows = tuple(reader.read_block(record, item.rpartition("#")[0], line - 1))
        except BadRecord as error:
            return Item(item, record, Fault("BadRecord", str(error)))
        return Item(item, body(rows[0] if rows else (), reader.columns))

    return make


def _json(row: Row, columns: Sequence[Column]) -> bytes:
    if not columns:
        return _dumped(row)
    return _dumped({column.name: _value(column, text) for column, text in zip(columns, row, strict=True)})


def _value(column: Column, text: str | None) -> object:
    if text is None or column.type not in _NUMBERS:
        return text
    number = float(text)
    return int(text) if number.is_integer() and text.strip().lstrip("+-").isdecimal() else number


def _csv(row: Row, _: Sequence[Column]) -> bytes:
    return ",".join(_quoted(text or "") for text in row).encode()


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if any(mark in text for mark in ',"\r\n') else text


def _dumped(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
