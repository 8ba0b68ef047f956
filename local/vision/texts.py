"""What is written in a picture, in Rekognition's response shapes.

Source: Rekognition API reference, DetectText, DetectionFilter and RegionOfInterest
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from local.vision.constraints import check
from local.vision.images import Picture, Reply, Request
from local.vision.reading import Corners, Line, Writing, lines

TEXT_MODEL = "penstock-1.0"
_MOST_WORDS = 100


def detect_text(picture: Picture, request: Request, _: object) -> Reply:
    """DetectText."""
    check("DetectText", request)
    return {"TextDetections": text_detections(picture, request.get("Filters", {})), "TextModelVersion": TEXT_MODEL}


def text_detections(picture: Picture, filters: Request) -> list[Reply]:
    """TextDetection of each line, and then of each word; a hundred words at most."""
    wanted = _wanted(filters)
    kept = [(line, [word for word in line.words if wanted(word)]) for line in lines(picture)]
    shown = [(line, words) for line, words in kept if words]
    told = [_detection("LINE", number, _shortened(line, words)) for number, (line, words) in enumerate(shown)]
    of_lines = [(number, word) for number, (_, words) in enumerate(shown) for word in words][:_MOST_WORDS]
    for parent, word in of_lines:
        told.append(_detection("WORD", len(told), word) | {"ParentId": parent})
    return told


def _wanted(filters: Request) -> Callable[[Writing], bool]:
    sizes = filters.get("WordFilter", {})
    regions = [_corners(region) for region in filters.get("RegionsOfInterest", ())]

    def wanted(word: Writing) -> bool:
        _, _, width, height = _box(word.corners)
        return (
            word.confidence >= sizes.get("MinConfidence", 0)
            and width >= sizes.get("MinBoundingBoxWidth", 0)
            and height >= sizes.get("MinBoundingBoxHeight", 0)
            and (not regions or any(_inside(word, region) for region in regions))
        )

    return wanted


def _corners(region: Request) -> Corners:
    if "Polygon" in region:
        return tuple((point.get("X", 0.0), point.get("Y", 0.0)) for point in region["Polygon"])
    box = region.get("BoundingBox", {})
    left, top = box.get("Left", 0.0), box.get("Top", 0.0)
    right, bottom = left + box.get("Width", 0.0), top + box.get("Height", 0.0)
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _inside(word: Writing, region: Corners) -> bool:
    """Whether its middle is."""
    left, top, width, height = _box(word.corners)
    outline = np.asarray(region, np.float32)
    return len(region) > 2 and cv2.pointPolygonTest(outline, (left + width / 2, top + height / 2), False) >= 0


def _shortened(line: Line, words: Sequence[Writing]) -> Writing:
    """A line of some of its words only."""
    if len(words) == len(line.words):
        return line.whole
    left, top, width, height = _box(tuple(corner for word in words for corner in word.corners))
    right, bottom = left + width, top + height
    around = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Writing(" ".join(word.text for word in words), min(word.confidence for word in words), around)


def _detection(kind: str, number: int, found: Writing) -> Reply:
    left, top, width, height = _box(found.corners)
    return {
        "DetectedText": found.text,
        "Type": kind,
        "Id": number,
        "Confidence": found.confidence,
        "Geometry": {
            "BoundingBox": {"Left": left, "Top": top, "Width": width, "Height": height},
            "Polygon": [{"X": x, "Y": y} for x, y in found.corners],
        },
    }


def _box(corners: Corners) -> tuple[float, float, float, float]:
    """Left, top, width and height."""
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across) - min(across), max(down) - min(down)
