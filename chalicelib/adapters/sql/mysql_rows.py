"""MySQL's rows straight off the wire to delimited text. Owns the text protocol's row packets and nothing else.

PyMySQL makes a Python value of every field, which takes several times as long as all the rest. Here the lengths in the
received bytes are overwritten with control characters, in place, and whole buffers become text by a few replacements:

    received   len3 seq  len "ab"  len "c,d"  NULL
    marked      ↟ ↟ ↟ ↡   ↟  "ab"   ␟  "c,d"   ␝        ↟ nothing, ↡ record, ␟ field, ␝ field and NULL
    text           \\n         ab      ,  c\\,d   ,\\N

A buffer whose values hold such characters themselves is done again, value by value.

Source: MariaDB knowledge base, "Result set packets"; rows in the text protocol are length-encoded strings.
"""

import re
from collections.abc import Callable, Iterator

from pymysql.err import OperationalError, raise_mysql_exception

_FIRST_NULL, _NOTHING, _NULL, _RECORD, _FIELD = 0x1B, 0x1C, 0x1D, 0x1E, 0x1F
_MARKS = tuple(bytes([mark]) for mark in (_FIRST_NULL, _NOTHING, _NULL, _RECORD, _FIELD))
_HEADER = bytes([_NOTHING, _NOTHING, _NOTHING, _RECORD])
_WIDTHS = {0xFC: 2, 0xFD: 3, 0xFE: 8}
_WHOLE = 0xFFFFFF
_CHUNK = 1024 * 1024


class Rows:
    """Makes text of a result's rows.

    columns  how many the result has
    binary   positions of those whose values are bytes rather than text
    """

    def __init__(self, separator: str, columns: int, binary: frozenset[int]) -> None:
        self._separator = separator.encode()
        self._columns = columns
        self._binary = binary
        self._markable = not binary and self._separator not in _MARKS
        self._special = re.compile(b"[\\\\\n\r" + re.escape(self._separator) + b"]")

    def blocks(self, read: Callable[[int], bytes]) -> Iterator[bytes]:
        """Blocks of whole records up to the end of the result. Raises PyMySQL's errors.

        read  gives some bytes of the stream, at most as many as asked for; none when the connection is lost
        """
        rest, ended = b"", False
        while not ended:
            chunk = read(_CHUNK)
            if not chunk:
                raise OperationalError(2013, "Lost connection to the server during query")
            text, rest, ended = self._rendered(rest + chunk)
            if text:
                yield text

    def _rendered(self, buffer: bytes) -> tuple[bytes, bytes, bool]:
        """The text of a buffer's whole rows, what is left of it, and whether the result ended in it."""
        if self._markable:
            marked, stop, count = _marked(bytearray(buffer))
            if stop == 0 or sum(map(marked.count, _MARKS)) == count:
                text = self._unmarked(marked[:stop]) if stop else b""
                rest, ended = _tail(buffer, stop)
                if rest is not None:
                    return text, rest, ended
        return self._one_by_one(buffer)

    def _unmarked(self, marked: bytearray) -> bytes:
        """Most marks stand for nothing; the first record's mark has no record before it."""
        text = marked.replace(b"\\", b"\\\\").replace(b"\n", b"\\\n").replace(b"\r", b"\\\r")
        text = text.replace(self._separator, b"\\" + self._separator).replace(bytes([_NOTHING]), b"")
        text = text.replace(bytes([_FIELD]), self._separator).replace(bytes([_NULL]), self._separator + b"\\N")
        text = text.replace(bytes([_FIRST_NULL]), b"\\N").replace(bytes([_RECORD]), b"\n")
        return bytes(text[1:]) + b"\n"

    def _one_by_one(self, buffer: bytes) -> tuple[bytes, bytes, bool]:
        records: list[bytes] = []
        at = 0
        while (packet := _packet(buffer, at)) is not None:
            payload, stop = packet
            if _is_end(payload):
                return b"".join(records), buffer[stop:], True
            records.append(self._separator.join(map(self._escaped, range(self._columns), _fields(payload))) + b"\n")
            at = stop
        return b"".join(records), buffer[at:], False

    def _escaped(self, position: int, value: bytes | None) -> bytes:
        if value is None:
            return b"\\N"
        if position in self._binary:
            return b"\\\\x" + value.hex().encode()
        return self._special.sub(rb"\\\g<0>", value)


def _marked(buffer: bytearray) -> tuple[bytearray, int, int]:
    """The buffer with its whole rows marked up to an offset, and the number of marks.

    Stops before whatever is no ordinary row: the end, an error, a row in several packets.
    """
    at = count = 0
    end = len(buffer)
    while at + 4 < end:
        length = buffer[at] | buffer[at + 1] << 8 | buffer[at + 2] << 16
        place, stop = at + 4, at + 4 + length
        first = buffer[place]
        if stop > end or first >= 0xFE or length == _WHOLE:
            break
        buffer[at:place] = _HEADER
        count += 4
        mark, null = _NOTHING, _FIRST_NULL
        while place < stop:
            size = buffer[place]
            if size < 0xFB:
                buffer[place] = mark
                place += size + 1
                count += 1
            elif size == 0xFB:
                buffer[place] = null
                place += 1
                count += 1
            else:
                width = _WIDTHS[size]
                skip = int.from_bytes(buffer[place + 1 : place + 1 + width], "little")
                buffer[place : place + 1 + width] = bytes([_NOTHING]) * width + bytes([mark])
                place += 1 + width + skip
                count += 1 + width
            mark, null = _FIELD, _NULL
        at = stop
    return buffer, at, count


def _tail(buffer: bytes, at: int) -> tuple[bytes | None, bool]:
    """What follows the ordinary rows, and whether it is the end; None when it has to be read packet by packet."""
    if len(buffer) < at + 5:
        return buffer[at:], False
    if buffer[at + 4] < 0xFE and buffer[at : at + 3] != b"\xff\xff\xff":
        return buffer[at:], False
    packet = _packet(buffer, at)
    if packet is None:
        return buffer[at:], False
    return (buffer[packet[1] :], True) if _is_end(packet[0]) else (None, False)


def _packet(buffer: bytes, at: int) -> tuple[bytes, int] | None:
    """A payload, of several packets where it is over 16 MB, and the offset behind it; None while some is missing."""
    pieces: list[bytes] = []
    while at + 4 <= len(buffer):
        length = int.from_bytes(buffer[at : at + 3], "little")
        stop = at + 4 + length
        if stop > len(buffer):
            return None
        pieces.append(buffer[at + 4 : stop])
        at = stop
        if length < _WHOLE:
            return b"".join(pieces), at
    return None


def _is_end(payload: bytes) -> bool:
    """Raises the server's error when the payload is one."""
    if payload[0] == 0xFF:
        raise_mysql_exception(payload)
    return payload[0] == 0xFE and len(payload) < 9


def _fields(row: bytes) -> Iterator[bytes | None]:
    at, end = 0, len(row)
    while at < end:
        length = row[at]
        at += 1
        if length == 0xFB:
            yield None
            continue
        if length > 0xFB:
            width = _WIDTHS[length]
            length = int.from_bytes(row[at : at + width], "little")
            at += width
        yield row[at : at + length]
        at += length
