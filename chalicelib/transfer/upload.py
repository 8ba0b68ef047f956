"""Bytes to an object as they arrive. Must not know what the bytes are.

An object appears whole or not at all, and replaces what had its key: storing the same bytes again changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from chalicelib.ports.objects import Content, Encryption, Objects, Place, Upload
from chalicelib.transfer.limits import MIB
from chalicelib.transfer.parts import ObjectTooLarge
from chalicelib.transfer.pool import run_all

Piece = TypeVar("Piece", bytes, Content)

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
    source = iter(content)
    begun = list(islice(_parts(source, part), 1))
    more = list(islice(source, 1))
    if not more:
        whole = begun[0] if begun else b""
        objects.write(place, whole, encryption)
        return len(whole)
    pieces = _emptied(begun, _parts(_emptied(more, source), part, 1))
    upload = objects.begin(place, encryption)
    ended = False
    try:
        size, etags = _put(objects, upload, enumerate(pieces, 1), parallel)
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


def _none_small(pieces: Iterator[Content]) -> Iterator[Content]:
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
    objects: Objects, upload: Upload, parts: Iterable[tuple[int, Content]], parallel: int = _PARALLEL
) -> tuple[int, list[str]]:
    size = 0

    def put(numbered: tuple[int, Content]) -> tuple[int, int, str]:
        number, content = numbered
        return number, len(content), objects.put_part(upload, number, content)

    etags: dict[int, str] = {}
    for number, length, etag in run_all(put, parts, parallel, _never):
        size += length
        etags[number] = etag
    return size, [etags[number] for number in sorted(etags)]


def _emptied(begun: list[Piece], rest: Iterator[Piece]) -> Iterator[Piece]:
    """All of them; none is kept in memory for having been the first."""
    while begun:
        yield begun.pop(0)
    yield from rest


def _parts(content: Iterable[bytes], part: int, number: int = 0) -> Iterator[Content]:
    """Pieces of at least so much. A list of lines, and what they are when joined, would be more than twice as large."""
    held = bytearray()
    wanted = part << max(0, number // 1_000 - 1)
    for piece in content:
        whole = not held and len(piece) >= wanted
        if not whole:
            held += piece
        if whole or len(held) >= wanted:
            number += 1
            if number == _MOST_PARTS:
                raise ObjectTooLarge(f"more than {_MOST_PARTS} parts would be needed")
            yield piece if whole else held
            held = bytearray()
            wanted = part << max(0, number // 1_000 - 1)
    if held:
        yield held


_never: Callable[[], bool] = bool  # bool() is False
