"""Media of fragments as bytes: Matroska with the service's tags, MP4 clips, and what PutMedia brings.

Source: API reference, GetMedia, GetMediaForFragmentList, GetClip, PutMedia.
"""

import importlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any

from chalicelib.ports.video import Timestamps
from chalicelib.transfer.formats.matroska import Malformed
from local.video.archive import Archive, Kept
from local.video.matter import Piece, bare, pieces_of, tagged
from local.video.refusal import Refused

_MOST_LISTED, _CLIP_FRAGMENTS, _CLIP_BYTES = 1000, 200, 100 * 1024 * 1024
_MOST_TAGS, _LONGEST_NAME, _LONGEST_VALUE, _MOST_BYTES = 10, 128, 256, 50 * 1024 * 1024
_OWN = "AWS_KINESISVIDEO_"
_EVENTS = frozenset(f"{_OWN}{name}" for name in ("NOTIFICATION", "IMAGE_GENERATION", "IMAGE_PREFIX"))
_LOST, _INVALID_MEDIA, _TOO_LARGE, _INVALID_TAGS = "4000", "4006", "4001", "4012"
Request = dict[str, Any]


def listed(archive: Archive, request: Request) -> dict[str, Any]:
    """ListFragments: pages whose fragments are in no useful order."""
    selector = request.get("FragmentSelector")
    if not selector and not request.get("NextToken"):
        raise Refused("InvalidArgumentException", "FragmentSelector is required without NextToken")
    found = sorted(_selected(archive, selector) if selector else archive.held(), key=lambda item: item.number[::-1])
    first, size = int(request.get("NextToken") or 0), int(request.get("MaxResults") or _MOST_LISTED)
    more = {"NextToken": str(first + size)} if first + size < len(found) else {}
    return {"Fragments": [_described(item) for item in found[first : first + size]], **more}


def of_list(archive: Archive, request: Request) -> Iterator[bytes]:
    """GetMediaForFragmentList: fragments in the order asked for, until one is not there."""
    held = {item.number: item for item in archive.held()}
    for number in request["Fragments"]:
        item = held.get(number)
        if item is None:
            fault = {f"{_OWN}EXCEPTION_ERROR_CODE": _LOST, f"{_OWN}EXCEPTION_MESSAGE": f"Fragment {number} not found"}
            yield bare(fault)
            return
        own = {
            f"{_OWN}FRAGMENT_NUMBER": number,
            f"{_OWN}SERVER_SIDE_TIMESTAMP": f"{item.server_ms / 1000:.3f}",
            f"{_OWN}PRODUCER_SIDE_TIMESTAMP": f"{item.producer_ms / 1000:.3f}",
        }
        yield tagged(item.content(), {**item.tags, **own})


def from_start(archive: Archive, request: Request, patience: float) -> Iterator[bytes]:
    """GetMedia: from the selected start on, and then what comes, until nothing has come for `patience` seconds."""
    behind = _start(archive, request["StartSelector"])
    while (item := archive.after(behind, patience)) is not None:
        behind = int(item.number)
        own = {
            f"{_OWN}FRAGMENT_NUMBER": item.number,
            f"{_OWN}SERVER_TIMESTAMP": f"{item.server_ms / 1000:.3f}",
            f"{_OWN}PRODUCER_TIMESTAMP": f"{item.producer_ms / 1000:.3f}",
            f"{_OWN}MILLIS_BEHIND_NOW": str(max(0, int(time.time() * 1000 - item.server_ms))),
            f"{_OWN}CONTINUATION_TOKEN": item.number,
        }
        yield tagged(item.content(), {**item.tags, **own})


def clip(archive: Archive, request: Request) -> bytes:
    """GetClip: an MP4 file of the fragments that begin in the range, up to 200 of them or 100 MB."""
    chosen = request["ClipFragmentSelector"]
    kind = {"FragmentSelectorType": chosen["FragmentSelectorType"], "TimestampRange": chosen["TimestampRange"]}
    found = _selected(archive, kind)[:_CLIP_FRAGMENTS]
    if not found:
        raise Refused("ResourceNotFoundException", "No fragments found in the stream for the request")
    return _mp4(found)


def put(archive: Archive, incoming: Iterable[bytes], begin_ms: float, kept: Callable[[Kept], None]) -> Iterator[bytes]:
    """PutMedia: keep the fragments as they come, and acknowledge each.

    begin_ms  of the producer's clock, added to times in the media; 0 when those are absolute
    kept      told of each that is kept
    """
    pieces = pieces_of(incoming)
    while True:
        try:
            piece = next(pieces, None)
        except Malformed as error:
            yield _fault(_INVALID_MEDIA, str(error))
            return
        if piece is None:
            return
        yield from _put(archive, piece, begin_ms, kept)


def _put(archive: Archive, piece: Piece, begin_ms: float, kept: Callable[[Kept], None]) -> Iterator[bytes]:
    said = _refusal(piece)
    if said is not None:
        yield _fault(*said)
        return
    times = (begin_ms + piece.begin_ms, time.time() * 1000, piece.length_ms)
    item = archive.put(piece.content, times, piece.tags)
    for event in ("BUFFERING", "RECEIVED", "PERSISTED"):
        yield _line({"EventType": event, "FragmentTimecode": int(piece.begin_ms), "FragmentNumber": item.number})
    kept(item)


def _refusal(piece: Piece) -> tuple[str, str] | None:
    if len(piece.content) > _MOST_BYTES:
        return _TOO_LARGE, "MAX_FRAGMENT_SIZE_REACHED"
    given = piece.tags
    wrong = [name for name in given if name.startswith("AWS") and name not in _EVENTS]
    long = [name for name in given if len(name.encode()) > _LONGEST_NAME or len(given[name].encode()) > _LONGEST_VALUE]
    return (_INVALID_TAGS, "INVALID_FRAGMENT_METADATA") if wrong or long or len(given) > _MOST_TAGS else None


def _fault(code: str, said: str) -> bytes:
    return _line({"EventType": "ERROR", "ErrorId": int(code), "ErrorCode": said})


def _line(said: Mapping[str, object]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _selected(archive: Archive, selector: Mapping[str, Any]) -> Sequence[Kept]:
    span = selector["TimestampRange"]
    first, last = float(span["StartTimestamp"]) * 1000, float(span["EndTimestamp"]) * 1000
    return archive.between(first, last, Timestamps(selector["FragmentSelectorType"]))


def _described(item: Kept) -> dict[str, Any]:
    return {
        "FragmentNumber": item.number,
        "FragmentSizeInBytes": item.size,
        "ProducerTimestamp": item.producer_ms / 1000,
        "ServerTimestamp": item.server_ms / 1000,
        "FragmentLengthInMilliseconds": round(item.length_ms),
    }


def _start(archive: Archive, selector: Mapping[str, Any]) -> int:
    """The number of the fragment before the first one."""
    held = archive.held()
    last = int(held[-1].number) if held else 0
    match selector["StartSelectorType"]:
        case "NOW":
            return last
        case "EARLIEST":
            return 0
        case "FRAGMENT_NUMBER":
            return int(selector["AfterFragmentNumber"])
        case "CONTINUATION_TOKEN":
            return int(selector["ContinuationToken"])
        case kind:
            by, moment = Timestamps(kind), float(selector["StartTimestamp"]) * 1000
            found = next((item for item in held if item.at(by) >= moment), None)
            return int(found.number) - 1 if found else last


def _mp4(fragments: Sequence[Kept]) -> bytes:
    av = importlib.import_module("av")
    buffer = BytesIO()
    size = 0
    with av.open(buffer, "w", format="mp4") as target:
        track = None
        for fragment in fragments:
            with av.open(fragment.file) as source:
                track = track or target.add_stream_from_template(source.streams.video[0])
                _copy(source, target, track, timedelta(milliseconds=fragment.producer_ms - fragments[0].producer_ms))
            size += fragment.size
            if size >= _CLIP_BYTES:
                break
    return buffer.getvalue()


def _copy(source: Any, target: Any, track: Any, offset: timedelta) -> None:
    """Matroska has no decoding times, MP4 must: they are the presentation times in order, early enough for all."""
    packets = [packet for packet in source.demux(video=0) if packet.pts is not None]
    shown = sorted(packet.pts for packet in packets)
    late = max((at - packet.pts for at, packet in zip(shown, packets, strict=True)), default=0)
    for at, packet in zip(shown, packets, strict=True):
        shift = round(offset.total_seconds() / packet.time_base) - shown[0]
        packet.pts, packet.dts, packet.stream = packet.pts + shift, at - late + shift, track
        target.mux(packet)
