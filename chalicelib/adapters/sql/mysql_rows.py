"""MySQL's rows straight off the wire to delimited text. Owns the text protocol's row packets and nothing else.

PyMySQL makes a Python value of every field; making blocks of text of whole buffers is several times as fast. Control
characters stand between fields while values are escaped block by block; only a block that has such characters in its
values is escaped value by value.

Source: MariaDB knowledge base, "Result set packets"; rows in the text protocol are length-encoded strings.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pymysql.err import OperationalError, raise_mysql_exception

_FIELD, _RECORD, _NULL = b"\x1f", b"\x1e", b"\x1d"
_BLOCK = 1024 * 1024
_WHOLE = 0xFFFFFF
_WIDTHS = {0xFC: 2, 0xFD: 3, 0xFE: 8}


def packets(read: Callable[[int], bytes]) -> Iterator[Sequence[bytes]]:
    """Row packets without their headers, many at a time, up to the end of the result. Raises PyMySQL's errors.

    read  gives some bytes of the stream, at most as many as asked for; none when the connection is lost
    """
    rest = b""
    while True:
        found, rest, ended = _cut(rest + _some(read))
        if found:
            yield found
        if ended:
            return


def _some(read: Callable[[int], bytes]) -> bytes:
    chunk = read(_BLOCK)
    if not chunk:
        raise OperationalError(2013, "Lost connection to the server during query")
    return chunk


def _cut(buffer: bytes) -> tuple[list[bytes], bytes, bool]:
    """Whole packets of a buffer, what is left of it, and whether the result's end was among them."""
    found: list[bytes] = []
    at, end = 0, len(buffer)
    while at + 4 <= end:
        length = buffer[at] | buffer[at + 1] << 8 | buffer[at + 2] << 16
        if length == _WHOLE:
            payload, stop = _long(buffer, at)
        else:
            stop = at + 4 + length
            payload = buffer[at + 4 : stop]
        if stop > end:
            break
        first = payload[0]
        if first == 0xFF:
            raise_mysql_exception(payload)
        if first == 0xFE and length < 9:
            return found, buffer[stop:], True
        found.append(payload)
        at = stop
    return found, buffer[at:], False


def _long(buffer: bytes, at: int) -> tuple[bytes, int]:
    """A row over 16 MB comes in several packets; a stop behind the buffer's end means that not all are there yet."""
    pieces: list[bytes] = []
    while at + 4 <= len(buffer):
        length = int.from_bytes(buffer[at : at + 3], "little")
        pieces.append(buffer[at + 4 : at + 4 + length])
        at += 4 + length
        if length < _WHOLE:
            return b"".join(pieces), at
    return b"\0", len(buffer) + 1


def fields(row: Any) -> list[bytes | None]:
    """A row packet's values."""
    found: list[bytes | None] = []
    at, end = 0, len(row)
    while at < end:
        length = row[at]
        at += 1
        if length == 0xFB:
            found.append(None)
            continue
        if length > 0xFB:
            width = _WIDTHS[length]
            length = int.from_bytes(row[at : at + width], "little")
            at += width
        found.append(row[at : at + length])
        at += length
    return found


class Renderer:
    """Makes blocks of delimited text of rows.

    binary  positions of columns whose values are bytes rather than text
    """

    def __init__(self, separator: str, binary: frozenset[int]) -> None:
        self._separator = separator.encode()
        self._binary = binary
        self._special = re.compile(b"[\\\\\n\r" + re.escape(self._separator) + b"]")

    def render(self, rows: Sequence[bytes]) -> bytes:
        """The rows as text, a record each."""
        values = [self._readable(fields(row)) for row in rows]
        marked = b"".join([_FIELD.join([_NULL if one is None else one for one in row]) + _RECORD for row in values])
        nulls = sum(row.count(None) for row in values)
        counts = (marked.count(_FIELD), marked.count(_RECORD), marked.count(_NULL))
        if counts != (sum(map(len, values)) - len(values), len(values), nulls):
            return b"".join(map(self._one_by_one, values))
        escaped = marked.replace(b"\\", b"\\\\").replace(b"\n", b"\\\n").replace(b"\r", b"\\\r")
        escaped = escaped.replace(self._separator, b"\\" + self._separator)
        return escaped.replace(_FIELD, self._separator).replace(_RECORD, b"\n").replace(_NULL, b"\\N")

    def _one_by_one(self, row: list[bytes | None]) -> bytes:
        return self._separator.join(map(self._escaped, row)) + b"\n"

    def _escaped(self, value: bytes | None) -> bytes:
        return b"\\N" if value is None else self._special.sub(rb"\\\g<0>", value)

    def _readable(self, row: list[bytes | None]) -> list[bytes | None]:
        for position in self._binary:
            value = row[position]
            row[position] = None if value is None else b"\\x" + bytes(value).hex().encode()
        return row
