"""A video file cut into fragments, as a camera's producer sends them. Must not know where they are sent.

Nothing is encoded again: fragments are the file's own H.264, cut at key frames.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import av

from chalicelib.transfer.formats.matroska import TAGS, elements

SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 20.0
_LIVE = {"live": "1", "cluster_size_limit": str(1 << 30), "cluster_time_limit": "60000"}


class NotPlayable(Exception):
    """A file that no fragments can be made of; says why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One fragment: a Matroska file, and when it begins and ends in the video."""

    content: bytes
    begin: float
    end: float


def recorded(file: Path, shortest: float = SHORTEST_SECONDS) -> Iterator[Recorded]:
    """The fragments of a file's H.264 track, each from a key frame on, of at least `shortest` seconds but the last.

    Raises   NotPlayable
    """
    with _opened(file) as source:
        track = _track(source, file)
        packets: list[Any] = []
        for packet in source.demux(track):
            if packet.pts is None:  # the one that says the end
                continue
            if packets and packet.is_keyframe and _seconds(packets[0], packet) >= shortest:
                yield _fragment(track, packets)
                packets = []
            packets.append(packet)
        if packets:
            yield _fragment(track, packets)


def _opened(file: Path) -> Any:
    try:
        return av.open(str(file))
    except (av.error.FFmpegError, OSError) as error:
        raise NotPlayable(f"{file} cannot be read as video: {error}") from error


def _track(source: Any, file: Path) -> Any:
    track = next(iter(source.streams.video), None)
    if track is None or track.codec_context.name != "h264":
        found = "no video" if track is None else track.codec_context.name
        raise NotPlayable(f"{file} has {found}: an H.264 track expected")
    return track


def _seconds(first: Any, last: Any) -> float:
    return float((last.pts - first.pts) * first.time_base)


def _fragment(track: Any, packets: list[Any]) -> Recorded:
    buffer = BytesIO()
    begin = packets[0].pts * packets[0].time_base
    last = max(packets, key=lambda packet: packet.pts)
    end = (last.pts + (last.duration or 0)) * last.time_base
    with av.open(buffer, "w", format="matroska", options=_LIVE) as target:
        copy = target.add_stream_from_template(track)
        for packet in packets:
            packet.stream = copy
            target.mux(packet)
    return Recorded(_untagged(buffer.getvalue()), float(begin), float(end))


def _untagged(content: bytes) -> bytes:
    """Without what the muxer says of itself: a fragment's tags are its producer's."""
    return b"".join(element.raw for element in elements([content]) if element.name != TAGS)
