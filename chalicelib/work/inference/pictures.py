"""The pictures that results are about. Must not know results beyond the addresses of their items.

An item has a picture here only when it is one of the activity's own input: whoever asks for another address is told
that there is none, and nothing is read. Frames of video are not kept: Kinesis Video is asked for a still of their
moment anew, as long as its retention lasts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import Objects, Place
from chalicelib.ports.reach import Outside
from chalicelib.ports.video import SHORTEST_INTERVAL, Span, Timestamps, Videos
from chalicelib.transfer.frames import FrameQuery
from chalicelib.transfer.glimpse import picture_type
from chalicelib.work.copies.routes import Source, source_of
from chalicelib.work.inference.object_items import is_content
from chalicelib.work.inference.records import event_place
from chalicelib.work.object_nodes import is_object_node
from chalicelib.work.video_nodes import VIDEO_NODE, query_of

MOST_BYTES = 4_200_000
"""A function's answer has at most 6 MB, and base64 takes a third more."""

NO_PICTURE = frozenset({"InvalidImageFormatException", "BadRecord", "NO_MEDIA", "MEDIA_ERROR"})
"""Codes of errors that say that there is none."""

_LINES = 1024 * 1024
_MILLI = timedelta(milliseconds=1)
_PICTURE_NAMES = (".jpg", ".jpeg", ".png")
_WHAT = "show picture"


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that browsers show. `made` says that it is a still that was made anew."""

    content_type: str
    content: bytes
    made: bool


@dataclass(frozen=True, slots=True)
class Pictures:
    """The items of one activity's input."""

    task: Task
    node: PipelineObject

    def covers(self, item: str) -> bool:
        """Whether the input has such an item, or could have."""
        if self.node.type == VIDEO_NODE:
            return _in_video(query_of(self.node), item)
        if is_object_node(self.node):
            return self._key(item, source_of(self.node)) is not None
        return True  # records of streams: their addresses name the stream, and there is nothing to show of them

    def may_show(self, item: str) -> bool:
        """Whether the item is a picture, as far as its address tells."""
        if not self.covers(item):
            return False
        if self.node.type == VIDEO_NODE:
            return True
        looks = InferenceActivity.read(self.task.subject).analysis is not None
        return is_object_node(self.node) and (looks or item.lower().endswith(_PICTURE_NAMES))

    def picture(self, item: str, outside: Outside) -> Picture:
        """The item's picture.

        Raises   Missing, which says why, when there is none or it is gone; Rejected, Denied, Throttled, Unavailable
        """
        if not self.may_show(item):
            raise Missing(_WHAT, "the item is no picture of this activity's input")
        if self.node.type == VIDEO_NODE:
            return _still(query_of(self.node), item, outside)
        return _object(outside.objects, self._place(item, outside.objects))

    def _place(self, item: str, objects: Objects) -> Place:
        source = source_of(self.node)
        key = self._key(item, source)
        place = Place(source.place.bucket, key or "")
        if not self._by_lines:
            return place
        line = int(item.rpartition("#")[2])
        named = event_place(_line(objects, place, line))
        if named is None:
            raise Missing(_WHAT, f"line {line} of {place} names no picture")
        return named

    @property
    def _by_lines(self) -> bool:
        activity = InferenceActivity.read(self.task.subject)
        by_default = "lines" if self.task.linked(self.node, "dataFormat") else "objects"
        return self.node.type == "EventBatchDataNode" or (activity.items or by_default) != "objects"

    def _key(self, item: str, source: Source) -> str | None:
        """The key of the item's object; None for one outside the input."""
        address, mark, line = item.rpartition("#") if self._by_lines else (item, "#", "1")
        root = f"s3://{source.place.bucket}/"
        if not mark or not (line.isdecimal() and len(line) < 10) or not address.startswith(root):
            return None
        key = address.removeprefix(root)
        if not source.many:
            return key if key == source.place.key else None
        inside = key.startswith(source.place.key) and is_content(key, source.place.key)
        return key if inside else None


def pictures_of(task: Task) -> Pictures:
    """Of the activity that is the task's subject. Raises Rejected."""
    nodes = task.linked(task.subject, "input")
    if len(nodes) != 1:
        raise Rejected(_WHAT, f"one input expected, {len(nodes)} given")
    return Pictures(task, nodes[0])


def moment_of(item: str) -> UtcTime | None:
    """When a still was taken, as its address says; None for other items."""
    try:
        found = datetime.fromisoformat(item.rpartition("#")[2])
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _in_video(query: FrameQuery, item: str) -> bool:
    name = query.stream.name.split("/")[1] if query.stream.name.startswith("arn:") else query.stream.name
    stream, _, frame = item.rpartition("#")
    if stream != name:
        return False
    if not query.decoded and query.span is not None:
        at = moment_of(item)
        return at is not None and query.span.first <= at < query.span.end
    number, _, offset = frame.partition("+")
    if not (number.isdecimal() and offset.isdecimal() and len(number) <= 128 and len(offset) < 10):
        return False
    first, last = query.between or ("0", "9" * 128)
    return number in query.fragments if query.fragments else int(first) <= int(number) <= int(last)


def _still(query: FrameQuery, item: str, outside: Outside) -> Picture:
    if outside.videos is None:
        raise Missing(_WHAT, "no video can be reached from here")
    at = moment_of(item) if not query.decoded else None
    if at is not None and query.span is not None:
        return _made(query, Span(at, at + SHORTEST_INTERVAL, query.span.by), outside.videos)
    at = _moment(query, item, outside.videos)
    return _made(query, Span(at, at + SHORTEST_INTERVAL), outside.videos)


def _made(query: FrameQuery, span: Span, videos: Videos) -> Picture:
    """One still. Written as the node's frames are, but no closer together than the service makes them."""
    sampling = query.sampling
    close = type(sampling)(SHORTEST_INTERVAL, sampling.format, sampling.quality, sampling.size)
    frame = next(videos.images(query.stream, span, close), None)
    kind = picture_type(frame.content) if frame is not None else None
    if frame is None or kind is None:
        said = frame.error if frame is not None and frame.error else "NO_MEDIA"
        raise Missing(_WHAT, f"the stream has no picture of that moment any more ({said})")
    return Picture(kind, frame.content, made=True)


def _moment(query: FrameQuery, item: str, videos: Videos) -> UtcTime:
    """When a decoded frame was shown: when its fragment began is known from its media alone."""
    number, _, offset = item.rpartition("#")[2].partition("+")
    found = next(videos.media(query.stream, [number]), None)
    if found is None:
        raise Missing(_WHAT, f"fragment {number} is gone")
    span = query.span
    began = found.server_at if span is not None and span.by is Timestamps.SERVER else found.producer_at
    if span is not None and not span.first <= began < span.end:
        raise Missing(_WHAT, "the item is no picture of this activity's input")
    return found.producer_at + (int(offset) + 1) * _MILLI  # offsets are cut: the frame began within this millisecond


def _object(objects: Objects, place: Place) -> Picture:
    content = objects.span(place, 0, MOST_BYTES)
    kind = picture_type(content)
    if kind is None:
        raise Missing(_WHAT, f"{place} is neither a JPEG nor a PNG")
    if len(content) > MOST_BYTES:
        raise Missing(_WHAT, f"{place} has more than {MOST_BYTES} bytes")
    return Picture(kind, content, made=False)


def _line(objects: Objects, place: Place, number: int) -> bytes:
    """A line of a file, counted from 1; only its first megabyte is looked at."""
    for count, line in enumerate(_lines(objects, place), 1):
        if count == number:
            return line
    raise Missing(_WHAT, f"{place} has no line {number} in its first {_LINES} bytes")


def _lines(objects: Objects, place: Place) -> Iterator[bytes]:
    yield from objects.span(place, 0, _LINES - 1).split(b"\n")
