"""What the embedded Rekognition reads."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from local.vision.images import Picture, Refused
from local.vision.texts import detect_text

HEIGHT, WIDTH = 300, 640


@pytest.fixture(scope="module")
def sign() -> Picture:
    """Two lines of print, of three words and of two."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cv2.putText(picture, "Gate 7 closed", (40, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3)
    cv2.putText(picture, "PENSTOCK 2026", (40, 220), cv2.FONT_HERSHEY_DUPLEX, 1.8, (200, 30, 30), 3)
    return picture


def read(picture: Picture, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = detect_text(picture, asked(**filters), None)["TextDetections"]
    return found


def asked(**filters: Any) -> dict[str, Any]:
    return {"Image": {"Bytes": "eA=="}, "Filters": filters}


def texts(found: list[dict[str, Any]], kind: str) -> list[str]:
    return [item["DetectedText"] for item in found if item["Type"] == kind]


def test_lines_are_told_and_then_their_words_where_they_are(sign: Picture) -> None:
    found = read(sign)
    assert texts(found, "LINE") == ["Gate 7 closed", "PENSTOCK 2026"]
    assert texts(found, "WORD") == ["Gate", "7", "closed", "PENSTOCK", "2026"]
    assert [item["Id"] for item in found] == list(range(7))
    assert [item.get("ParentId") for item in found] == [None, None, 0, 0, 0, 1, 1]
    assert all(90 < item["Confidence"] <= 100 for item in found)
    boxes = [item["Geometry"]["BoundingBox"] for item in found]
    assert boxes[0]["Top"] * HEIGHT == pytest.approx(60, abs=15)
    assert boxes[0]["Left"] * WIDTH == pytest.approx(40, abs=15)
    assert all(left["Left"] + left["Width"] < right["Left"] + 0.02 for left, right in pairwise(boxes[2:5]))
    assert all(len(item["Geometry"]["Polygon"]) == 4 for item in found)


def test_only_words_of_a_size_and_in_a_region_are_told_if_so_asked(sign: Picture) -> None:
    lower = {"BoundingBox": {"Left": 0, "Top": 0.5, "Width": 1, "Height": 0.5}}
    assert texts(read(sign, RegionsOfInterest=[lower]), "LINE") == ["PENSTOCK 2026"]
    left = {"Polygon": [{"X": 0, "Y": 0}, {"X": 0.25, "Y": 0}, {"X": 0.25, "Y": 0.5}, {"X": 0, "Y": 0.5}]}
    (line, word) = read(sign, RegionsOfInterest=[left])
    assert (line["DetectedText"], word["DetectedText"]) == ("Gate", "Gate")
    assert line["Geometry"]["BoundingBox"]["Width"] < 0.25
    assert texts(read(sign, WordFilter={"MinBoundingBoxWidth": 0.4}), "WORD") == ["PENSTOCK"]
    assert read(sign, WordFilter={"MinBoundingBoxHeight": 0.9}) == []


def test_a_picture_without_words_has_none() -> None:
    assert read(np.full((200, 200, 3), 128, np.uint8)) == []


def test_filters_beyond_the_services_limits_are_refused(sign: Picture) -> None:
    region = {"BoundingBox": {"Left": 0, "Top": 0, "Width": 1, "Height": 1}}
    for wrong in ({"WordFilter": {"MinConfidence": 101}}, {"RegionsOfInterest": [region] * 11}):
        with pytest.raises(Refused) as refused:
            detect_text(sign, asked(**wrong), None)
        assert refused.value.code == "InvalidParameterException"
