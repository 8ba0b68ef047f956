"""Cutting a copy into chunks that travel as text. Pure.

A chunk is a range of source keys, from behind the last key of the chunk before it to its own last key. The ranges are
what is remembered, so that the same copy is cut the same way again after a crash, even when objects came or went.
"""

import base64
import json
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.transfer.copy import CopyItem
from chalicelib.transfer.limits import CopyLimits


@dataclass(frozen=True, slots=True)
class Chunk:
    """Objects to copy in one go. `keeps_keys` is Copier's."""

    items: tuple[CopyItem, ...]
    keeps_keys: bool


def encode_chunk(chunk: Chunk) -> str:
    """As text."""
    return json.dumps(to_plain(Chunk, chunk), separators=(",", ":"), ensure_ascii=False)


def decode_chunk(text: str) -> Chunk:
    """The chunk that `encode_chunk` was given."""
    return from_plain(Chunk, json.loads(text))


def cut(items: Iterable[CopyItem], limits: CopyLimits) -> Iterator[tuple[CopyItem, ...]]:
    """Groups in order. An object too large for one request is a group of its own: its parts are work enough."""
    group: list[CopyItem] = []
    text = 0
    for item in items:
        length = len(item.source) + len(item.target)
        large = item.size > limits.single
        if group and (large or len(group) == limits.chunk_objects or text + length > limits.chunk_text):
            yield tuple(group)
            group, text = [], 0
        group.append(item)
        # What follows a large object must not join it.
        text = limits.chunk_text if large else text + length
    if group:
        yield tuple(group)


def cut_again(items: Iterable[CopyItem], bounds: Sequence[str]) -> tuple[tuple[CopyItem, ...], ...]:
    """The groups of `bounds`, empty ones included. What sorts behind the last bound came later and is left out."""
    groups: list[list[CopyItem]] = [[] for _ in bounds]
    for item in items:
        number = bisect_left(bounds, item.source)
        if number < len(bounds):
            groups[number].append(item)
    return tuple(map(tuple, groups))


def bounds_of(groups: Iterable[tuple[CopyItem, ...]]) -> tuple[str, ...]:
    """The last source key of each group."""
    return tuple(group[-1].source for group in groups)


def encode_bounds(bounds: Sequence[str]) -> str:
    """As short text: keys of one directory have much in common."""
    return base64.b64encode(zlib.compress(json.dumps(bounds).encode(), 9)).decode()


def decode_bounds(text: str) -> tuple[str, ...]:
    """The bounds that `encode_bounds` was given."""
    return tuple(json.loads(zlib.decompress(base64.b64decode(text))))
