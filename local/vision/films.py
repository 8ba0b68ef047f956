"""Stored video: which of it Rekognition takes, what it tells of it, and a picture of it now and then.

Must not know what is looked for in the pictures.
Source: Rekognition developer guide, "Guidelines and quotas"; API reference, VideoMetadata
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import IO, Any

import av
import numpy as np

from local.vision.images import Picture

_LONGEST = timedelta(hours=6)
_FORMATS = frozenset({"mp4", "mov", "avi"})
_CODEC = "h264"
_FULL_RANGE = 2
"""FFmpeg's number of the colours that files of pictures have, too."""


class Unwatchable(Exception):
    """A video that is not taken; says why."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a video shows at a moment. `number` counts glimpses from 0."""

    number: int
    at_ms: int
    picture: Picture


class Film:
    """One open video."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self._track = _taken(container)

    @property
    def metadata(self) -> dict[str, Any]:
        """VideoMetadata."""
        return {
            "Codec": self._track.codec_context.name,
            "DurationMillis": round(_length(self._container, self._track) / timedelta(milliseconds=1)),
            "Format": self._container.format.long_name,
            "FrameRate": float(self._track.average_rate or 0),
            "FrameHeight": self._track.height,
            "FrameWidth": self._track.width,
            "ColorRange": "FULL" if self._track.codec_context.color_range == _FULL_RANGE else "LIMITED",
        }

    def glimpses(self, every: timedelta) -> Iterator[Glimpse]:
        """The first frame, and from there one each interval, while they are decoded. Raises Unwatchable."""
        number, due, begin = 0, timedelta(0), None
        for frame in self._frames():
            moment = (frame.pts or 0) * frame.time_base
            begin = moment if begin is None else begin
            at = _span(moment - begin)
            if at >= due:
                yield Glimpse(number, round(at / timedelta(milliseconds=1)), _picture(frame))
                number, due = number + 1, (at // every + 1) * every

    def _frames(self) -> Iterator[Any]:
        frames = self._container.decode(self._track)
        while True:
            try:
                frame = next(frames, None)
            except av.error.FFmpegError as error:
                raise Unwatchable(f"The video cannot be decoded: {error.strerror}") from error
            if frame is None:
                return
            yield frame


@contextmanager
def film(file: IO[bytes]) -> Iterator[Film]:
    """A file's video, to be read while this lasts. Raises Unwatchable."""
    try:
        container = av.open(file)
    except (av.error.FFmpegError, ValueError) as error:
        raise Unwatchable("Unsupported format: H.264 in an MP4, MOV or AVI file expected") from error
    with container:
        yield Film(container)


def _taken(container: Any) -> Any:
    if not _FORMATS & set(container.format.name.split(",")):
        raise Unwatchable(f"Unsupported format {container.format.name}: an MP4, MOV or AVI file expected")
    track = next(iter(container.streams.video), None)
    if track is None:
        raise Unwatchable("The file has no video")
    if track.codec_context.name != _CODEC:
        raise Unwatchable(f"Unsupported codec {track.codec_context.name}: H.264 expected")
    if _length(container, track) > _LONGEST:
        raise Unwatchable("The video is longer than 6 hours")
    track.codec_context.thread_count = 1  # as many videos are watched at once as there are threads for
    return track


def _length(container: Any, track: Any) -> timedelta:
    if track.duration is not None:
        return _span(track.duration * track.time_base)
    return timedelta(microseconds=container.duration or 0)


def _span(seconds: Fraction) -> timedelta:
    return timedelta(microseconds=round(seconds * 1_000_000))


def _picture(frame: Any) -> Picture:
    return np.ascontiguousarray(frame.to_ndarray(format="bgr24"), np.uint8)
