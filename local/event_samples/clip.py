"""A camera's recording: a photograph that ships with scikit-image, panned over and encoded as H.264."""

from pathlib import Path

import av
import numpy as np
from skimage import data

RATE = 10
SECONDS_A_FRAGMENT = 2
WIDTH, HEIGHT = 320, 240
_TRAVEL = 240
"""Pixels from the top of the photograph, where the face is, down to where there is none."""


def record(file: Path, seconds: int) -> None:
    """Write an MP4 in which a face leaves the picture and comes back, a key frame every two seconds."""
    photograph = data.astronaut()  # type: ignore[no-untyped-call]  # scikit-image has no types
    count = seconds * RATE
    with av.open(str(file), "w") as target:
        track = target.add_stream("libx264", rate=RATE)
        track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track.options = {"g": str(RATE * SECONDS_A_FRAGMENT), "keyint_min": str(RATE * SECONDS_A_FRAGMENT)}
        for number in range(count):
            top = round(_TRAVEL * (1 - abs(2 * number / count - 1)))
            window = np.ascontiguousarray(photograph[top : top + HEIGHT, 90 : 90 + WIDTH])
            drawn = av.VideoFrame.from_ndarray(window, "rgb24").reformat(format="yuv420p")
            drawn.pts = number
            target.mux(track.encode(drawn))
        target.mux(track.encode(None))
