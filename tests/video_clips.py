"""Real H.264: a photograph that ships with scikit-image, panned over and encoded by libx264."""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from skimage import data

RATE = 10
GROUP = 20
"""Frames from one key frame to the next: fragments of two seconds."""


def panned(count: int, width: int = 320, height: int = 240) -> Iterator[Any]:
    """Frames of a window that moves down over the picture, back to its beginning after 40."""
    picture = data.astronaut()
    for number in range(count):
        top = 6 * (number % 40)
        yield av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[top : top + height, 90 : 90 + width]), "rgb24")


def write_clip(file: Path, seconds: int, codec: str = "libx264", **options: str) -> Path:
    """A video of so many seconds."""
    with av.open(str(file), "w") as target:
        track = target.add_stream(codec, rate=RATE)
        track.width, track.height, track.pix_fmt = 320, 240, "yuv420p"
        track.options = {"g": str(GROUP), "keyint_min": str(GROUP), "sc_threshold": "0", **options}
        for number, frame in enumerate(panned(seconds * RATE)):
            drawn = frame.reformat(format="yuv420p")
            drawn.pts = number
            target.mux(track.encode(drawn))
        target.mux(track.encode(None))
    return file


@cache
def clip_bytes(seconds: int) -> bytes:
    """An MP4 file, made once a process."""
    with tempfile.TemporaryDirectory() as directory:
        return write_clip(Path(directory) / "clip.mp4", seconds).read_bytes()
