"""Bytes to an object as they arrive. Must not know what the bytes are.

An object appears whole or not at all, and replaces what had its key: storing the same bytes again changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator

from chalicelib.ports.objects import Encryption, Objects, Place, Upload
from chalicelib.transfer.limits import MIB
from chalicelib.transfer.parts import ObjectTooLarge
from chalicelib.transfer.pool import run_all

SMALLEST_PART = 5 * MIB
"""Of an upload's parts, but for the last."""
_PART = SMALLEST_PART
"""Memory is counted in parts, and larger ones are no faster; 1 TB costs a dollar of requests in them."""
_PARALLEL = 4
_MOST_PARTS = 10_000


def store(
    objects: Objects,
    place: Place,
    content: Iterable[bytes],
    encryption: Encryption | None = None,
    *,
    part: int = _PART,
    parallel: int = _PARALLEL,
) -> int:
    """Store `content` under `place` and return its size in bytes.

    part      bytes of the first 2,000 parts; later ones are larger, so that 2 TB fit
    parallel  parts that are sent side by side, and about as many more that are in memory
    Raises    ObjectTooLarge, what storage raises, and what reading `content` raises; nothing is stored then
    """
    pieces = _parts(content, part)
    first = next(pieces, b"")
    second = next(pieces, None)
    if second is None:
        objects.write(place, first, encryption)
        return len(first)
    upload = objects.begin(place, encryption)
    ended = False
    try:
        size, etags = _put(objects, upload, _numbered(first, second, pieces), parallel)
        objects.end_parts(upload, etags)
        ended = True
    finally:
        if not ended:
            objects.drop_parts(upload)
    return size


def extend(
    objects: Objects, upload: Upload, begun: int, content: Iterable[bytes], part: int = _PART
) -> tuple[int, int]:
    """Put `content` behind the parts that an upload has, and return its size in bytes and the number of parts then.

    begun    parts that are there; any behind them are written over
    content  SMALLEST_PART at least, unless nothing will follow: the last part is as large as the others then
    """
    pieces = _none_small(_parts(content, part, begun))
    size, etags = _put(objects, upload, enumerate(pieces, begun + 1))
    return size, begun + len(etags)


def _none_small(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """With a last piece that is too small joined to the one before."""
    held = next(pieces, None)
    for piece in pieces:
        if len(piece) < SMALLEST_PART:
            held = (held or b"") + piece
            continue
        yield held or b""
        held = piece
    if held is not None:
        yield held


def _put(
    objects: Objects, upload: Upload, parts: Iterable[tuple[int, bytes]], parallel: int = _PARALLEL
) -> tuple[int, list[str]]:
    size = 0

    def put(numbered: tuple[int, bytes]) -> tuple[int, int, str]:
        number, content = numbered
        return number, len(content), objects.put_part(upload, number, content)

    etags: dict[int, str] = {}
    for number, length, etag in run_all(put, parts, parallel, _never):
        size += length
        etags[number] = etag
    return size, [etags[number] for number in sorted(etags)]


def _numbered(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    yield 1, first
    yield 2, second
    yield from enumerate(rest, 3)


def _parts(content: Iterable[bytes], part: int, number: int = 0) -> Iterator[bytes]:
    pieces: list[bytes] = []
    held = 0
    wanted = part << max(0, number // 1_000 - 1)
    for piece in content:
        pieces.append(piece)
        held += len(piece)
        if held >= wanted:
            number += 1
            if number == _MOST_PARTS:
                raise ObjectTooLarge(f"more than {_MOST_PARTS} parts would be needed")
            yield b"".join(pieces)
            pieces, held = [], 0
            wanted = part << max(0, number // 1_000 - 1)
    if pieces:
        yield b"".join(pieces)


_never: Callable[[], bool] = bool  # bool() is False
