"""Streams of video: what they hold, as stills that the service makes and as fragments of media.

Source: Amazon Kinesis Video Streams, archived media API reference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from enum import Enum
from typing import Protocol

from chalicelib.domain.values import UtcTime

SHORTEST_INTERVAL = timedelta(milliseconds=200)
"""Between two stills that the service makes. Source: GetImages, SamplingInterval."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream by its name or ARN. `region` None is that of the ARN, or the service's own."""

    name: str
    region: str | None = None


class Timestamps(Enum):
    """Whose clock a moment of a stream is meant by: the camera's, or the service's own at arrival."""

    PRODUCER = "PRODUCER_TIMESTAMP"
    SERVER = "SERVER_TIMESTAMP"


@dataclass(frozen=True, slots=True)
class Span:
    """From `first` until before `end`, by one of the two clocks."""

    first: UtcTime
    end: UtcTime
    by: Timestamps = Timestamps.PRODUCER


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames are wanted, and how they are written.

    every    time between two frames; 0 is every frame that was recorded, which only decoding can give
    format   JPEG or PNG
    quality  of a JPEG, 1 to 100
    size     width and height in pixels, both; None is the size of the source
    """

    every: timedelta
    format: str = "JPEG"
    quality: int = 80
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a stream, or the place of one that could not be had.

    at        by the producer's clock; of a still, by the clock that was asked for
    content   the file's bytes; empty when there is an error
    error     why there is no picture: NO_MEDIA, MEDIA_ERROR or a sentence that begins so; empty when there is one
    fragment  number of the fragment it was decoded from; None for a still
    offset    of the frame within the fragment
    """

    at: UtcTime
    content: bytes
    error: str = ""
    fragment: str | None = None
    offset: timedelta = timedelta(0)

    @property
    def id(self) -> str:
        """What tells it apart within its stream, the same whenever it is read again."""
        if self.fragment is None:
            return self.at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
        return f"{self.fragment}+{self.offset // timedelta(milliseconds=1)}"


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is known of a fragment without its media. `number` is a text of up to 128 digits."""

    number: str
    size_bytes: int
    producer_at: UtcTime
    server_at: UtcTime
    length: timedelta


@dataclass(frozen=True, slots=True)
class Media:
    """One fragment's media: a Matroska file with a single fragment in it.

    tags  those of the producer; the service's own are the other fields
    """

    number: str
    producer_at: UtcTime
    server_at: UtcTime
    content: bytes
    tags: Mapping[str, str] = field(default_factory=dict)


class Videos(Protocol):
    """Every method raises Missing (no such stream), Denied, Rejected, Throttled or Unavailable.

    Methods may be called from several threads. Iterators ask as they go: errors come while they are read.
    """

    def arn(self, stream: Stream) -> str:
        """The stream's ARN, which tells it apart from another of its name before it."""

    def images(self, stream: Stream, span: Span, sampling: Sampling) -> Iterator[Frame]:
        """A still at `span.first` and at every interval after it, in order, made by the service.

        Where the stream has nothing, or nothing that can be shown, there is a Frame with an error.

        sampling  `every` is at least 200 ms
        """

    def fragments(self, stream: Stream, span: Span) -> Sequence[Fragment]:
        """The fragments that begin in the span, in the order of their numbers.

        What was put in the last second may not be there yet.
        """

    def media(self, stream: Stream, numbers: Sequence[str]) -> Iterator[Media]:
        """The media of fragments, in the order given.

        Raises  Missing for a fragment that is gone, after those before it have been given
        """

    def frames(self, media: Media, sampling: Sampling) -> Iterator[Frame]:
        """The first frame of a fragment, and from there one each interval, decoded here.

        A fragment that breaks off gives what can be decoded and then a Frame with an error; one that does not begin
        with a key frame, or is in no codec that is known, gives only that.

        Raises  Rejected where this machine carries no decoder
        """
