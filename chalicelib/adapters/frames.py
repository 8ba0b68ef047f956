"""Frames of a fragment by PyAV. Owns decoding and writing pictures; must not know where fragments come from.

PyAV is large: it is imported when the first fragment is decoded, and only functions that decode carry it.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import Any, TypeVar

from chalicelib.ports.errors import Rejected
from chalicelib.ports.video import Frame, Media, Sampling
from chalicelib.transfer.formats.matroska import Malformed, documents

_T = TypeVar("_T")
_CODECS = {"JPEG": ("mjpeg", "yuvj420p"), "PNG": ("png", "rgb24")}
_TICK = Fraction(1, 1000)
_COARSEST, _FINEST = 31, 2
_BROKEN = "MEDIA_ERROR"


def decoded(media: Media, sampling: Sampling) -> Iterator[Frame]:
    """See Videos.frames."""
    writer = PictureWriter(sampling)
    due = timedelta(0)
    for shown in pictures(media.content):
        if isinstance(shown, str):
            yield Frame(media.producer_at + due, b"", f"{_BROKEN}: {shown}", media.number, due)
        elif shown.offset >= due:
            yield _frame(media, shown, writer)
            due = _next(shown.offset, sampling.every)


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded picture and when it is shown, from the fragment's first."""

    picture: Any
    offset: timedelta


def _frame(media: Media, shown: Shown, writer: "PictureWriter") -> Frame:
    at = media.producer_at + shown.offset
    if shown.picture.is_corrupt:
        return Frame(at, b"", f"{_BROKEN}: the frame is damaged", media.number, shown.offset)
    return Frame(at, writer.written(shown.picture), "", media.number, shown.offset)


def _next(offset: timedelta, every: timedelta) -> timedelta:
    """When the next frame is due; each that was recorded, without an interval."""
    return (offset // every + 1) * every if every else offset + timedelta(milliseconds=1)


def pictures(content: bytes) -> Iterator[Shown | str]:
    """Every picture in order of showing; what is wrong with the fragment, as a text, in its place."""
    av = _av()
    container = _tried(lambda: av.open(BytesIO(content), format="matroska"))
    if isinstance(container, str):
        yield f"cannot be opened: {container}"
        return
    with closing(container):
        yield from _of_container(container)
    if not _whole(content):
        yield "the fragment breaks off"


def _of_container(container: Any) -> Iterator[Shown | str]:
    if not container.streams.video:
        yield "has no video track"
        return
    packets = container.demux(video=0)
    packet = _tried(lambda: next(packets, None))
    if packet is None or isinstance(packet, str) or not packet.size:
        yield f"has no frame{': ' + packet if isinstance(packet, str) else ''}"
        return
    if not packet.is_keyframe:
        yield "does not begin with a key frame"
        return
    yield from _of_packets(packet, packets)


def _of_packets(packet: Any, packets: Iterator[Any]) -> Iterator[Shown | str]:
    begin: Fraction | None = None
    while packet is not None:
        pictures = _tried(packet.decode)
        if isinstance(pictures, str):
            yield f"cannot be decoded: {pictures}"
            return
        for picture in pictures:
            at = (picture.pts or 0) * picture.time_base
            begin = at if begin is None else begin
            yield Shown(picture, timedelta(milliseconds=round((at - begin) * 1000)))
        following = _tried(lambda: next(packets, None))
        if isinstance(following, str):
            yield f"cannot be read on: {following}"
            return
        packet = following


class PictureWriter:
    """Writes pictures as files of one format and size."""

    def __init__(self, sampling: Sampling) -> None:
        if sampling.format not in _CODECS:
            raise Rejected("write frames", f"format {sampling.format} given, JPEG or PNG expected")
        self._sampling = sampling
        self._codec, self._pixels = _CODECS[sampling.format]
        self._encoders: dict[tuple[int, int], Any] = {}
        self._count = 0

    def written(self, picture: Any) -> bytes:
        """A PyAV picture as a file's bytes."""
        width, height = self._sampling.size or (picture.width, picture.height)
        # "JPEG" is the full range of brightness, which is what files have; video's is narrower.
        drawn = picture.reformat(width, height, self._pixels, dst_color_range="JPEG")
        drawn.pts, drawn.time_base, drawn.pict_type = self._count, _TICK, 0
        self._count += 1
        return b"".join(bytes(packet) for packet in self._encoder(width, height).encode(drawn))

    def _encoder(self, width: int, height: int) -> Any:
        if (width, height) not in self._encoders:
            encoder = _av().CodecContext.create(self._codec, "w")
            encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, self._pixels, _TICK
            encoder.thread_count = 1  # so that each picture comes out as it is put in
            if self._sampling.format == "JPEG":
                encoder.qmin = encoder.qmax = _coarseness(self._sampling.quality)
            self._encoders[width, height] = encoder
        return self._encoders[width, height]


def _coarseness(quality: int) -> int:
    """The encoder's scale, 31 to 2, for a quality of 1 to 100."""
    return round(_COARSEST - (_COARSEST - _FINEST) * (min(max(quality, 1), 100) - 1) / 99)


def _whole(content: bytes) -> bool:
    try:
        return all(document.whole for document in documents([content]))
    except Malformed:
        return False


def _tried(act: Callable[[], _T]) -> _T | str:
    """What `act` gives, or what FFmpeg says is wrong."""
    try:
        return act()
    except _av().error.FFmpegError as error:
        return str(error)


@cache
def _av() -> Any:
    try:
        av = importlib.import_module("av")
    except ImportError as error:
        raise Rejected("decode video", "no decoder here: use a function that carries PyAV, or stills") from error
    av.logging.set_level(av.logging.PANIC)  # what is wrong with a fragment is told by its frames
    return av
