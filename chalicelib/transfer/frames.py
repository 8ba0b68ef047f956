"""Frames of a video stream as items: cut into chunks without reading any media, read chunk by chunk.

A chunk travels as text. Reading it again gives the same frames with the same ids, in the same order, as long as the
stream keeps them; what is gone by then is a frame with an error, and never a frame less.
"""

import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.ports.errors import Missing
from chalicelib.ports.video import Fragment, Frame, Sampling, Span, Stream, Videos

_STILLS = 100
_FRAGMENTS = 10
_CHUNK_BYTES = 100 * 1024 * 1024
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_STILLS = timedelta(seconds=300)
"""Of one GetImages request."""


@dataclass(frozen=True, slots=True)
class FrameQuery:
    """Which frames of a stream are wanted.

    span       a range of time; None when fragments are named
    fragments  numbers of fragments, decoded; in this order
    decoded    whether frames of a span are decoded here, or asked from the service as stills
    """

    stream: Stream
    sampling: Sampling
    span: Span | None = None
    fragments: tuple[str, ...] = ()
    decoded: bool = False


@dataclass(frozen=True, slots=True)
class FrameChunk:
    """Part of a query that is read in one go: stills of a span, or the frames of fragments."""

    stream: Stream
    sampling: Sampling
    span: Span | None = None
    fragments: tuple[str, ...] = ()


def frame_chunks(query: FrameQuery, videos: Videos) -> Iterator[FrameChunk]:
    """The chunks of a query, in order, made as they are asked for.

    Stills are cut by arithmetic, without a request; fragments of a span are listed, media is not read.
    """
    if query.fragments:
        yield from _of_numbers(query, query.fragments, _FRAGMENTS)
    elif query.span is None:
        return
    elif query.decoded:
        for numbers in _groups(videos.fragments(query.stream, query.span)):
            yield FrameChunk(query.stream, query.sampling, None, numbers)
    else:
        for span in _spans(query.span, query.sampling.every):
            yield FrameChunk(query.stream, query.sampling, span)


def read_frames(chunk: FrameChunk, videos: Videos) -> Iterator[Frame]:
    """The frames of a chunk, in order, in the memory of one fragment.

    A fragment that is gone is one frame with the error NO_MEDIA. Raises what Videos raises.
    """
    if chunk.span is not None:
        yield from videos.images(chunk.stream, chunk.span, chunk.sampling)
        return
    rest = chunk.fragments
    while rest:
        rest = yield from _until_gone(chunk, rest, videos)


def encode_frame_chunk(chunk: FrameChunk) -> str:
    """As text."""
    return json.dumps(to_plain(FrameChunk, chunk), separators=(",", ":"), ensure_ascii=False)


def decode_frame_chunk(text: str) -> FrameChunk:
    """The chunk that `encode_frame_chunk` was given."""
    return from_plain(FrameChunk, json.loads(text))


def _until_gone(chunk: FrameChunk, numbers: Sequence[str], videos: Videos) -> Generator[Frame, None, tuple[str, ...]]:
    """The frames up to the first fragment that is gone, a frame in its place, and the numbers behind it."""
    left = list(numbers)
    media = videos.media(chunk.stream, numbers)
    while left:
        try:
            found = next(media, None)
        except Missing as gone:
            yield Frame(_NEVER, b"", f"NO_MEDIA: {gone.reason}", left.pop(0))
            break
        if found is None:
            yield Frame(_NEVER, b"", "NO_MEDIA: the stream ended before this fragment", left.pop(0))
            break
        left = left[left.index(found.number) + 1 :]
        yield from videos.frames(found, chunk.sampling)
    return tuple(left)


def _of_numbers(query: FrameQuery, numbers: Sequence[str], size: int) -> Iterator[FrameChunk]:
    for first in range(0, len(numbers), size):
        yield FrameChunk(query.stream, query.sampling, None, tuple(numbers[first : first + size]))


def _groups(fragments: Sequence[Fragment]) -> Iterator[tuple[str, ...]]:
    """Neighbours that are read in one go, bounded in number and in bytes."""
    group: list[str] = []
    size = 0
    for fragment in fragments:
        if group and (len(group) == _FRAGMENTS or size + fragment.size_bytes > _CHUNK_BYTES):
            yield tuple(group)
            group, size = [], 0
        group.append(fragment.number)
        size += fragment.size_bytes
    if group:
        yield tuple(group)


def _spans(span: Span, every: timedelta) -> Iterator[Span]:
    """Spans that begin on the grid of `every`, of at most 100 stills, and of one request where that holds any."""
    step = every * max(1, min(_STILLS, LONGEST_STILLS // every))
    first = span.first
    while first < span.end:
        yield Span(first, min(first + step, span.end), span.by)
        first += step
