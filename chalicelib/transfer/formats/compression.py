"""gzip in and out, as a stream. Must not know what is compressed."""

import zlib
from collections.abc import Iterable, Iterator

from chalicelib.transfer.formats.faults import BadFile

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 256 * 1024
_LEVEL = 6


def gunzip(content: Iterable[bytes], file: str, piece: int = _PIECE) -> Iterator[bytes]:
    """The content in pieces of at most `piece` bytes, however well it was compressed; several members are one file.

    Raises   BadFile when it is no gzip, is damaged, or ends too early
    """
    inflater = zlib.decompressobj(_GZIP)
    began = False
    for chunk in content:
        waiting = chunk
        while waiting:
            if inflater.eof:
                inflater, began = zlib.decompressobj(_GZIP), False
                waiting = waiting.lstrip(b"\0")  # padding between members and behind the last
                continue
            began = True
            plain = _inflated(inflater, waiting, piece, file)
            waiting = inflater.unconsumed_tail or inflater.unused_data
            if plain:
                yield plain
    if began and not inflater.eof:
        raise BadFile(file, "the gzip content is truncated")


def gzip(content: Iterable[bytes]) -> Iterator[bytes]:
    """The content compressed, in pieces; equal content gives equal bytes, however it was cut: no time is written."""
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for piece in _even(content):
        packed = deflater.compress(piece)
        if packed:
            yield packed
    yield deflater.flush()


def _even(content: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of one size but the last: what deflate finds depends on how much it is given at once."""
    pieces: list[bytes] = []
    held = 0
    for chunk in content:
        pieces.append(chunk)
        held += len(chunk)
        if held >= _PIECE:
            joined = b"".join(pieces)
            whole = len(joined) - len(joined) % _PIECE
            for first in range(0, whole, _PIECE):
                yield joined[first : first + _PIECE]
            pieces, held = [joined[whole:]], len(joined) - whole
    if held:
        yield b"".join(pieces)


def _inflated(inflater: "zlib._Decompress", waiting: bytes, piece: int, file: str) -> bytes:
    try:
        return inflater.decompress(waiting, piece)
    except zlib.error as error:
        raise BadFile(file, f"the gzip content is damaged, or is no gzip: {error}") from error
