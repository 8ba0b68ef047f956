"""VideoDataNode: what its fields ask for. Must not know how frames are read."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Rejected
from chalicelib.ports.video import SHORTEST_INTERVAL, Sampling, Span, Stream, Timestamps, Videos
from chalicelib.transfer.frames import FrameQuery
from chalicelib.work.preconditions import required
from chalicelib.work.tools import Tools

VIDEO_NODE = "VideoDataNode"
_WHAT = "read VideoDataNode"
_MILLI = timedelta(milliseconds=1)
_CLOCKS = {"producer": Timestamps.PRODUCER, "server": Timestamps.SERVER}
_MODES = ("stills", "decoded")
_LONGEST_NUMBER = 128


def videos_of(tools: Tools) -> Videos:
    """The streams that can be reached. Raises Rejected where none can."""
    if tools.videos is None:
        raise Rejected(_WHAT, "no video can be reached from here")
    return tools.videos


def query_of(node: PipelineObject) -> FrameQuery:
    """The frames that a node asks for. Raises Rejected naming the field, what was given and what was expected."""
    numbers = tuple(sorted({_number(node, text) for text in node.texts("fragmentNumber") if text}, key=int))
    first, last = node.text("firstFragment"), node.text("lastFragment")
    between = (_number(node, first), _number(node, last)) if first and last else None
    span = _span(node)
    if not numbers and between is None and span is None:
        raise Rejected(_WHAT, f"{node.name} has no fragmentNumber, firstFragment or startTime: one of them expected")
    decoded = _is_decoded(node, bool(numbers) or between is not None)
    return FrameQuery(_stream(node), _sampling(node, decoded), span, numbers, between, decoded)


def _stream(node: PipelineObject) -> Stream:
    return Stream(node.text("streamArn") or required(node, "streamName"), node.text("region"))


def _is_decoded(node: PipelineObject, has_fragments: bool) -> bool:
    mode = (node.text("frames") or _MODES[has_fragments]).lower()
    if mode not in _MODES or (has_fragments and mode == "stills"):
        raise Rejected(_WHAT, f"frames of {node.name} is '{mode}': decoded expected, or stills of a range of time")
    return mode == "decoded"


def _sampling(node: PipelineObject, decoded: bool) -> Sampling:
    every = _whole(node, "samplingInterval", 1000) * _MILLI
    if every < SHORTEST_INTERVAL and not decoded:
        raise Rejected(_WHAT, f"samplingInterval of {node.name} is {every // _MILLI}: stills are 200 apart at least")
    width, height = _whole(node, "imageWidth", 0), _whole(node, "imageHeight", 0)
    return Sampling(
        every=every,
        format=(node.text("imageFormat") or "JPEG").upper(),
        quality=_whole(node, "imageQuality", 80),
        size=(width, height) if width and height else None,
    )


def _span(node: PipelineObject) -> Span | None:
    if not node.text("startTime"):
        return None
    first, end = _moment(node, "startTime"), _moment(node, "endTime")
    if end <= first:
        raise Rejected(_WHAT, f"endTime of {node.name} is {end}: a time after {first} expected")
    clock = (node.text("timestamps") or "producer").lower()
    if clock not in _CLOCKS:
        raise Rejected(_WHAT, f"timestamps of {node.name} is '{clock}': producer or server expected")
    return Span(first, end, _CLOCKS[clock])


def _moment(node: PipelineObject, field: str) -> UtcTime:
    """As the language writes times, as events do, with a fraction and a zone, or milliseconds since 1970."""
    text = required(node, field)
    if text.isdecimal():
        return datetime.fromtimestamp(0, UTC) + int(text) * _MILLI
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Rejected(_WHAT, f"{field} of {node.name} is '{text}': a time expected") from error
    whole = found.replace(microsecond=found.microsecond // 1000 * 1000)
    return whole.replace(tzinfo=UTC) if whole.tzinfo is None else whole.astimezone(UTC)


def _number(node: PipelineObject, text: str) -> str:
    if not (text.isdecimal() and text.isascii()) or len(text) > _LONGEST_NUMBER:
        raise Rejected(_WHAT, f"{node.name} names the fragment '{text[:80]}': a number of up to 128 digits expected")
    return text


def _whole(node: PipelineObject, field: str, default: int) -> int:
    text = node.text(field)
    if text is None:
        return default
    if not text.isdecimal():
        raise Rejected(_WHAT, f"{field} of {node.name} is '{text}': a whole number expected")
    return int(text)
