"""Chunks of bytes, cut anywhere, to blocks of whole records. Must not know what a record means."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.dialect import Dialect
from chalicelib.transfer.formats.faults import BadFile, BadRecord

LONGEST_RECORD = 16 * 1024 * 1024
"""Bytes. A record has to fit into memory several times; a file that is not what it is said to be often has none."""

_GZIP = b"\x1f\x8b"


def refuse_gzip(content: Iterable[bytes], file: str) -> Iterator[bytes]:
    """The content as it is. Raises BadFile when it is compressed."""
    began = False
    for chunk in content:
        if not began and chunk.startswith(_GZIP):
            raise BadFile(file, "the content is gzip: set compression to gzip on the data node")
        began = began or bool(chunk)
        yield chunk


def blocks(content: Iterable[bytes], dialect: Dialect, file: str, longest: int = LONGEST_RECORD) -> Iterator[bytes]:
    """Join and cut so that every block holds whole records, each ended by the separator but perhaps the very last.

    Raises   BadRecord for a record longer than `longest` bytes, BadFile for compressed content
    """
    end, escape = dialect.record.encode(), dialect.escape.encode()
    pieces: list[bytes] = []
    held = line = 0
    for chunk in refuse_gzip(content, file):
        pieces.append(chunk)
        held += len(chunk)
        if end in chunk:
            block = b"".join(pieces)
            cut = last_end(block, end, escape)
            if cut:
                yield block[:cut]
                line += block.count(end, 0, cut)  # a hint for messages
            pieces, held = [block[cut:]], len(block) - cut
        if held > longest:
            raise BadRecord(file, line + 1, None, f"the record is longer than {longest} bytes")
    rest = b"".join(pieces)
    if rest:
        yield rest


def last_end(block: bytes, end: bytes, escape: bytes) -> int:
    """Offset behind the last record end that no escape takes literally; 0 when there is none.

    block  begins with a record
    """
    at = block.rfind(end)
    while at > 0 and is_escaped(block, at, escape):
        at = block.rfind(end, 0, at)
    return at + 1


def is_escaped(block: bytes, at: int, escape: bytes) -> bool:
    """Whether an odd number of escapes stands directly before the offset."""
    first = at
    while first > 0 and block[first - 1 : first] == escape:
        first -= 1
    return (at - first) % 2 == 1
