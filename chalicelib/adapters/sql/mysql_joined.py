"""MySQL's rows as one field each, which the server joins. Owns the marks between fields; must not know tables.

A result of one column costs Python nothing per field, and per row only what a regular expression takes to step over
the packet's header. In values that hold the bytes of marks, the server writes others for them:

    ␞ between fields    ␟n NULL    ␟r behind a record    ␟x for ␟    ␟y for ␞

Source: MariaDB knowledge base, "Result set packets", "CONCAT": a result over max_allowed_packet is NULL, and an
operand may be a binary string, to which every other one is then turned, as its text.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from pymysql.err import OperationalError, raise_mysql_exception

from chalicelib.adapters.sql.catalogue import Column

_MARK, _BETWEEN = b"\x1f", b"\x1e"
_LONGEST = 1_000_000
"""Bytes of a row: well within one packet of the protocol."""
_SHORT = 400
"""Bytes that a value of a type without a length can have, and more: a DECIMAL has 67."""
_PLAIN = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double"})
_TIME = frozenset({"year", "date", "datetime", "time", "timestamp"})
_TEXT = frozenset({"char", "varchar", "tinytext", "text", "enum", "set"})
_NEXT = re.compile(rb"\x1fr(?=.{9}).{4}(?:[\x00-\xfa]|\xfc..|\xfd...)", re.DOTALL)
"""A record's end and the header of the row behind it. Nine bytes is what the last packet has."""
_END = b"\x1fr"
_HEADER = 4
_BLOCK = 1024 * 1024
_READ = 128 * 1024


def joined_fields(columns: Sequence[Column], packet: int, separator: str, quoted: Callable[[str], str]) -> str | None:
    """The expression that gives a row's joined fields; None where a type, or a length, does not allow it.

    packet  the server's max_allowed_packet
    """
    if not columns or not {"\x1e", "\x1f"}.isdisjoint(separator) or _most(columns) > min(packet, _LONGEST):
        return None
    if not all(column.type in _PLAIN | _TIME | _TEXT for column in columns):
        return None
    between = ", X'1E', ".join(_field(column, quoted(column.name)) for column in columns)
    return f"CONCAT({between}, X'1F72')"


def _most(columns: Sequence[Column]) -> int:
    """Bytes of the longest row: four a character, whatever the column's own character set."""
    return sum(_SHORT if column.characters is None else 4 * column.characters + 2 for column in columns)


def _field(column: Column, name: str) -> str:
    if column.type in _TEXT:
        text = f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)"
        name = f"REPLACE(REPLACE({text}, X'1F', X'1F78'), X'1E', X'1F79')"
    return f"IFNULL({name}, X'1F6E')"


class Joined:
    """Makes text of a result's rows."""

    def __init__(self, separator: str) -> None:
        self._separator = separator.encode()

    def blocks(self, read: Callable[[int], bytes]) -> Iterator[bytes]:
        """Blocks of whole records up to the end of the result. Raises PyMySQL's errors.

        read  gives some bytes of the stream, at most as many as asked for; none when the connection is lost
        """
        rest, records = _END, list[bytes]()
        held, phantom = 0, 1  # what is before the first header is no record
        while not _is_end(rest):
            if held >= _BLOCK:
                yield self._text(records[phantom:])
                records, held, phantom = [], 0, 0
            chunk = read(_READ)
            if not chunk:
                raise OperationalError(2013, "Lost connection to the server during query")
            held += len(chunk)
            *whole, rest = _NEXT.split(rest + chunk)
            records += whole
        records.append(rest.partition(_END)[0])
        if len(records) > phantom:
            yield self._text(records[phantom:])

    def _text(self, records: Sequence[bytes]) -> bytes:
        text = b"\n".join(records)
        if b"\\" in text or text.count(b"\n") >= len(records):
            text = _END.join(records).replace(b"\\", b"\\\\").replace(b"\n", b"\\\n").replace(_END, b"\n")
        text = text.replace(b"\r", b"\\\r").replace(self._separator, b"\\" + self._separator)
        text = text.replace(_BETWEEN, self._separator).replace(b"\x1fn", b"\\N")
        return text.replace(b"\x1fy", _BETWEEN).replace(b"\x1fx", _MARK) + b"\n"


def _is_end(rest: bytes) -> bool:
    """Whether the packet behind the last record ends the result. Raises the server's error when it is one."""
    at = rest.find(_END) + 2
    kind = rest[at + _HEADER : at + _HEADER + 1]
    if at < 2 or kind not in (b"\xfe", b"\xff"):
        return False
    length = int.from_bytes(rest[at : at + 3], "little")
    if len(rest) < at + _HEADER + length:
        return False
    if kind == b"\xff":
        raise_mysql_exception(rest[at + _HEADER :])
    return True
