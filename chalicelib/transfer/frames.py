"""Frames of a video stream: which ones are wanted, and reading them in bounded memory.

Reading again gives the same frames with the same ids, in the same order, as long as the stream keeps them. A fragment
that is gone by then is a frame with an error, and never a frame less.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.ports.errors import Missing
from chalicelib.ports.video import Fragment, Frame, Sampling, Span, Stream, Timestamps, Videos

_FRAGMENTS = 10
"""Of one request for media: what is asked for is sent, whether anybody reads it or not."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = Span(_NEVER, datetime(2100, 1, 1, tzinfo=UTC), Timestamps.SERVER)


@dataclass(frozen=True, slots=True)
class FrameQuery:
    """Which frames of a stream are wanted.

    span       a range of time, or None
    fragments  numbers of single fragments, or none
    between    the first and the last number of a range of fragments, both included, or None
    decoded    whether frames are decoded here, or asked from the service as stills: those need a span
    """

    stream: Stream
    sampling: Sampling
    span: Span | None = None
    fragments: tuple[str, ...] = ()
    between: tuple[str, str] | None = None
    decoded: bool = True


def fragments_of(query: FrameQuery, videos: Videos) -> Sequence[Fragment]:
    """The fragments that a query is about and that are there, in order. Raises what Videos raises."""
    first, last = query.between or ("0", "9" * 128)
    found = videos.fragments(query.stream, query.span or _EVER)
    return [item for item in found if int(first) <= int(item.number) <= int(last)]


def frames_of(stream: Stream, numbers: Sequence[str], sampling: Sampling, videos: Videos) -> Iterator[Frame]:
    """The frames of fragments, in order, in the memory of one fragment.

    A fragment that is gone is one frame with the error NO_MEDIA. Raises what Videos raises.
    """
    for first in range(0, len(numbers), _FRAGMENTS):
        rest: Sequence[str] = numbers[first : first + _FRAGMENTS]
        while rest:
            rest = yield from _until_gone(stream, rest, sampling, videos)


def _until_gone(
    stream: Stream, numbers: Sequence[str], sampling: Sampling, videos: Videos
) -> Generator[Frame, None, Sequence[str]]:
    """The frames up to the first fragment that is gone, a frame in its place, and the numbers behind it."""
    left = list(numbers)
    media = videos.media(stream, numbers)
    while left:
        try:
            found = next(media, None)
        except Missing as gone:
            yield _gone(left.pop(0), gone.reason)
            break
        if found is None:
            yield _gone(left.pop(0), "the stream ended before this fragment")
            break
        yield from videos.frames(found, sampling)
        left = left[left.index(found.number) + 1 :]
    return left


def _gone(number: str, reason: str) -> Frame:
    return Frame(_NEVER, b"", f"NO_MEDIA: {reason}", number, timedelta(0))
