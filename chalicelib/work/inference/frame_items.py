"""Frames of a video stream as items. A place to cut is a moment between stills, or the last fragment before it.

Nothing is decoded to cut: stills are counted by arithmetic, fragments by how long they are.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.inference.results import Fault
from chalicelib.domain.inference.shares import Cut, Lane
from chalicelib.domain.values import UtcTime
from chalicelib.ports.video import Frame, Span, Videos
from chalicelib.transfer.frames import FrameQuery, fragments_of, frames_of
from chalicelib.work.inference.items import Item, Items

_STEP = 16
_MILLI = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRAMES_A_SECOND = 25  # a guess, for sharing out frames that nobody has counted
_DIGITS = 128


def frame_items(query: FrameQuery, videos: Videos) -> Items:
    """The frames of a query as items: an id is the stream, `#`, and the frame's own id."""
    return DecodedItems(query, videos) if query.decoded or query.span is None else StillItems(query, query.span, videos)


@dataclass(frozen=True, slots=True)
class StillItems:
    """Stills of a range of time."""

    query: FrameQuery
    span: Span
    videos: Videos

    def cuts(self) -> Iterator[Cut]:
        """See Items. Asks nobody."""
        every = self.query.sampling.every
        total = math.ceil((self.span.end - self.span.first) / every)
        for count in range(_STEP, total + _STEP, _STEP):
            before = min(count, total)
            yield Cut(before, str((self.span.first + before * every - _EPOCH) // _MILLI))

    def read(self, lane: Lane, after: str | None) -> Iterator[Item]:
        """See Items."""
        first = self.span.first if lane.start is None else _EPOCH + int(lane.start) * _MILLI
        if after is not None:
            first = max(first, _moment(after) + self.query.sampling.every)
        end = min(self.span.end, _EPOCH + int(lane.end) * _MILLI)
        if first < end:
            for frame in self.videos.images(
                self.query.stream, replace(self.span, first=first, end=end), self.query.sampling
            ):
                yield _item(self.query, frame)

    def rank(self, item: str) -> tuple[str, int]:
        """See Items."""
        return item, 0


@dataclass(frozen=True, slots=True)
class DecodedItems:
    """Frames that are decoded from fragments."""

    query: FrameQuery
    videos: Videos

    def cuts(self) -> Iterator[Cut]:
        """See Items. Lists the fragments of a range."""
        count = 0
        for number, length in self._numbers():
            count += max(1, self._guess(length))
            yield Cut(count, number)

    def read(self, lane: Lane, after: str | None) -> Iterator[Item]:
        """See Items."""
        behind = int(lane.start) if lane.start is not None else -1
        begun = self.rank(after) if after is not None else None
        least = int(begun[0]) if begun is not None else 0
        numbers = [
            number for number, _ in self._numbers() if behind < int(number) <= int(lane.end) and least <= int(number)
        ]
        for frame in frames_of(self.query.stream, numbers, self.query.sampling, self.videos):
            found = _item(self.query, frame)
            if begun is None or self.rank(found.id) > begun:
                yield found

    def rank(self, item: str) -> tuple[str, int]:
        """See Items."""
        number, _, offset = item.rpartition("#")[2].partition("+")
        return number.zfill(_DIGITS), int(offset)

    def _numbers(self) -> Iterator[tuple[str, timedelta]]:
        if self.query.fragments:
            for number in self.query.fragments:
                yield number, timedelta(0)
        else:
            for fragment in fragments_of(self.query, self.videos):
                yield fragment.number, fragment.length

    def _guess(self, length: timedelta) -> int:
        every = self.query.sampling.every
        return math.ceil(length / every) if every else round(length.total_seconds() * _FRAMES_A_SECOND)


def _item(query: FrameQuery, frame: Frame) -> Item:
    name = query.stream.name.split("/")[1] if query.stream.name.startswith("arn:") else query.stream.name
    code, _, said = frame.error.partition(": ")
    fault = Fault(code, said or code) if frame.error else None
    return Item(f"{name}#{frame.id}", frame.content, fault)


def _moment(item: str) -> UtcTime:
    return datetime.fromisoformat(item.rpartition("#")[2])
