"""What can be seen without a download: OpenCV's bundled cascades, and its bundled detector of people.

They are of 2001 and 2005, and what they find is less than what Rekognition finds: upright frontal faces, eyes within
them, standing people. What they do not look for, nobody here does.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, LifoQueue

import cv2
import numpy as np

from local.vision.images import Picture

_LONGEST_SIDE = 800
"""Pixels: larger pictures are looked at in this size; a face of 40 pixels in full HD is then still found."""

_SMALLEST = 16
_BUNDLED = Path(cv2.__file__).parent / "data"
_PERSON_LEAST = 1.0
_FACE, _EYE = "haarcascade_frontalface_alt2.xml", "haarcascade_eye.xml"


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing in a picture. The box is left, top, width and height as shares of the picture; confidence is 0 to 100."""

    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Face:
    """A face, and the middles of its eyes, the one at the left of the picture first, when both were found."""

    seen: Seen
    eyes: tuple[tuple[float, float], tuple[float, float]] | None
    brightness: float
    sharpness: float


class Detectors:
    """One set, for one thread at a time."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._faces, self._eyes = (cv2.CascadeClassifier(str(_BUNDLED / name)) for name in (_FACE, _EYE))
        self._people = cv2.HOGDescriptor()
        self._people.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))

    def faces(self, picture: Picture) -> list[Face]:
        """Upright frontal faces, the largest first."""
        grey = _grey(picture)
        found = _cascade(self._faces, grey, 1.1, 4)
        faces = [self._face(grey, box, weight) for box, weight in found]
        return sorted(faces, key=lambda face: -face.seen.box[2] * face.seen.box[3])

    def people(self, picture: Picture) -> list[Seen]:
        """Standing people, whole."""
        grey = _grey(picture)
        if grey.shape[0] < 128 or grey.shape[1] < 64:
            return []
        boxes, weights = self._people.detectMultiScale(grey, winStride=(8, 8), padding=(8, 8), scale=1.05)
        pairs = zip(boxes, np.ravel(weights), strict=True)
        return [
            _seen(grey, tuple(map(int, box)), _sure(float(weight), 0.7))
            for box, weight in pairs
            if weight >= _PERSON_LEAST
        ]

    def _face(self, grey: Picture, box: "_Box", weight: float) -> Face:
        left, top, width, height = box
        inside = grey[top : top + height, left : left + width]
        eyes = _cascade(self._eyes, np.ascontiguousarray(inside[: height * 2 // 3]), 1.1, 5)
        middles = sorted((left + x + w / 2, top + y + h / 2) for (x, y, w, h), _ in eyes)
        pair = (_share(grey, middles[0]), _share(grey, middles[-1])) if len(middles) == 2 else None
        return Face(_seen(grey, box, _sure(weight, 12.0)), pair, brightness_of(inside), sharpness_of(inside))


class Pool:
    """Sets of detectors, as many as are used at once: loading one takes longer than using it."""

    def __init__(self) -> None:
        self._idle: LifoQueue[Detectors] = LifoQueue()
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[Detectors]:
        """A set of one's own for a while."""
        detectors = self._taken()
        try:
            yield detectors
        finally:
            self._idle.put(detectors)

    def _taken(self) -> Detectors:
        try:
            return self._idle.get_nowait()
        except Empty:
            with self._lock:
                return Detectors()


def brightness_of(part: Picture) -> float:
    """Mean, 0 to 100."""
    return float(part.mean()) / 255 * 100


def sharpness_of(part: Picture) -> float:
    """How much neighbouring pixels differ, 0 to 100."""
    return 100 * (1 - math.exp(-float(cv2.Laplacian(part, cv2.CV_64F).var()) / 500))


_Box = tuple[int, ...]


def _cascade(
    classifier: cv2.CascadeClassifier, grey: Picture, step: float, neighbours: int
) -> list[tuple[_Box, float]]:
    boxes, _, weights = classifier.detectMultiScale3(
        grey, step, neighbours, minSize=(_SMALLEST, _SMALLEST), outputRejectLevels=True
    )
    return [(tuple(map(int, box)), float(weight)) for box, weight in zip(boxes, np.ravel(weights), strict=True)]


def _grey(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    shrink = _LONGEST_SIDE / max(height, width)
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def _seen(grey: Picture, box: _Box, confidence: float) -> Seen:
    left, top, width, height = box
    rows, columns = grey.shape[:2]
    return Seen((left / columns, top / rows, width / columns, height / rows), confidence)


def _share(grey: Picture, point: tuple[float, float]) -> tuple[float, float]:
    rows, columns = grey.shape[:2]
    return point[0] / columns, point[1] / rows


def _sure(weight: float, half: float) -> float:
    """A detector's weight as a confidence: 50 where it hardly holds, nearer 100 with every `half` more."""
    return 100 - 50 * math.pow(0.5, max(weight, 0.0) / half)
