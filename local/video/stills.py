"""GetImages: the picture that a stream showed at each moment of a grid.

Source: API reference, GetImages.
"""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from chalicelib.adapters.frames import PictureWriter, Shown, pictures
from chalicelib.ports.video import Sampling, Timestamps
from local.video.archive import Archive, Kept
from local.video.refusal import Refused

_PAGE = 25
_LONGEST_MS = 300_000
_DEFAULT_INTERVAL, _SHORTEST_INTERVAL = 3000, 200
_MILLI = timedelta(milliseconds=1)
Request = dict[str, Any]


def images(archive: Archive, request: Request) -> dict[str, Any]:
    """One page of at most 25 images. Raises Refused."""
    first, last = (float(request[name]) * 1000 for name in ("StartTimestamp", "EndTimestamp"))
    interval = request.get("SamplingInterval", _DEFAULT_INTERVAL)
    _check(first, last, interval, request)
    grid = [first + step * interval for step in range(int((last - first) // interval) + 1)]
    begin = int(request.get("NextToken") or 0)
    end = begin + min(_PAGE, int(request.get("MaxResults") or _PAGE))
    more = {"NextToken": str(end)} if end < len(grid) else {}
    scene = Scene(archive, Timestamps(request["ImageSelectorType"]), sampling_of(request))
    return {"Images": [_image(at, scene) for at in grid[begin:end]], **more}


def sampling_of(request: Request) -> Sampling:
    """How pictures are to be written, from a request or an image generation configuration."""
    quality = int(request.get("FormatConfig", {}).get("JPEGQuality", 80))
    width, height = request.get("WidthPixels"), request.get("HeightPixels")
    return Sampling(timedelta(0), request["Format"], quality, (width, height) if width and height else None)


def _check(first: float, last: float, interval: int, request: Request) -> None:
    if not 0 <= last - first <= _LONGEST_MS:
        raise Refused("InvalidArgumentException", "EndTimestamp must be 0 to 300 seconds after StartTimestamp")
    if interval < _SHORTEST_INTERVAL:
        raise Refused("InvalidArgumentException", f"SamplingInterval is {interval}, at least 200 expected")
    if ("WidthPixels" in request) != ("HeightPixels" in request):
        raise Refused("InvalidArgumentException", "WidthPixels and HeightPixels are given both or not at all")
    if request.get("Format") not in ("JPEG", "PNG"):
        raise Refused("InvalidArgumentException", f"Format is {request.get('Format')}, JPEG or PNG expected")


def _image(at: float, scene: "Scene") -> dict[str, Any]:
    content = scene.picture(at)
    if isinstance(content, str):
        return {"TimeStamp": at / 1000, "Error": content}
    return {"TimeStamp": at / 1000, "ImageContent": base64.b64encode(content).decode()}


class Scene:
    """Pictures at moments that only go forward: each fragment is decoded once, as far as it is needed."""

    def __init__(self, archive: Archive, by: Timestamps, sampling: Sampling) -> None:
        self._kept = sorted(archive.held(), key=lambda item: item.at(by))
        self._by = by
        self._writer = PictureWriter(sampling)
        self._open: Kept | None = None
        self._next: Callable[[timedelta], Shown | str | None] = lambda _: None

    def picture(self, at: float) -> bytes | str:
        """The file of the picture that is shown at a moment in milliseconds, or the code of an error."""
        fragment = next((item for item in reversed(self._kept) if item.at(self._by) <= at), None)
        if fragment is None or at >= fragment.at(self._by) + max(fragment.length_ms, 1):
            return "NO_MEDIA"
        if fragment is not self._open:
            self._open, self._next = fragment, _forward(pictures(fragment.content()))
        shown = self._next((at - fragment.at(self._by)) * _MILLI)
        return "MEDIA_ERROR" if shown is None or isinstance(shown, str) else self._writer.written(shown.picture)


def _forward(found: Iterator[Shown | str]) -> Callable[[timedelta], Shown | str | None]:
    """The last picture shown at or before an offset, or what went wrong before it; offsets may only grow."""
    latest: Shown | str | None = None
    ahead = next(found, None)

    def at(offset: timedelta) -> Shown | str | None:
        nonlocal latest, ahead
        while isinstance(ahead, Shown) and (latest is None or ahead.offset <= offset):
            latest, ahead = ahead, next(found, None)
        return ahead if isinstance(ahead, str) else latest

    return at
