"""What was seen in a picture, in Rekognition's response shapes.

Source: Rekognition API reference, DetectFaces and DetectLabels
"""

import math
from collections.abc import Callable, Mapping, Sequence

from local.vision.detectors import Detectors, Face, Seen, brightness_of, sharpness_of
from local.vision.images import Picture, Refused, Reply, Request
from local.vision.texts import detect_text

LABEL_MODEL = "penstock-1.0"
_DEFAULT_CONFIDENCE = 55.0
_PARENTS = {"Face": ("Head", "Person"), "Person": ()}
_CATEGORIES = {"Face": "Person Description", "Person": "Person Description"}


def detect_faces(picture: Picture, _: Request, detectors: Detectors) -> Reply:
    """DetectFaces."""
    return {"FaceDetails": face_details(picture, detectors)}


def detect_labels(picture: Picture, request: Request, detectors: Detectors) -> Reply:
    """DetectLabels. General labels, and of the image's properties its quality."""
    features = request.get("Features") or ["GENERAL_LABELS"]
    reply: Reply = {"LabelModelVersion": LABEL_MODEL}
    if "GENERAL_LABELS" in features:
        least = _bounded(request, "MinConfidence", _DEFAULT_CONFIDENCE, 100)
        most = int(_bounded(request, "MaxLabels", 1000, math.inf))
        reply["Labels"] = labels(picture, request, detectors, least)[:most]
    if "IMAGE_PROPERTIES" in features:
        quality = {"Brightness": brightness_of(picture), "Sharpness": sharpness_of(picture)}
        reply["ImageProperties"] = {"Quality": quality | {"Contrast": min(100.0, float(picture.std()) / 1.28)}}
    return reply


Answer = Callable[[Picture, Request, Detectors], Reply]
OPERATIONS: Mapping[str, Answer] = {
    "DetectFaces": detect_faces,
    "DetectLabels": detect_labels,
    "DetectText": detect_text,
}
"""What is answered of an image; the service's other operations need detectors that nobody has without a download."""


def face_details(picture: Picture, detectors: Detectors) -> list[Reply]:
    """FaceDetail of each face, the largest first."""
    return [_face(face) for face in detectors.faces(picture)]


def labels(picture: Picture, request: Request, detectors: Detectors, least: float) -> list[Reply]:
    """Label of what is there with a confidence of at least `least` and wanted by the Settings, the surest first."""
    faces = [face.seen for face in detectors.faces(picture)]
    people = [*detectors.people(picture), *faces]
    seen: Mapping[str, Sequence[Seen]] = {"Face": faces, "Person": people}
    told = [_label(name, found) for name, found in seen.items() if found]
    kept = [label for label in told if label["Confidence"] >= least and _wanted(label, request)]
    return sorted(kept, key=lambda label: -label["Confidence"])


def _bounded(request: Request, name: str, otherwise: float, most: float) -> float:
    value = float(request.get(name, otherwise))
    if not 0 <= value <= most:
        raise Refused("InvalidParameterException", "Request has invalid parameters")
    return value


def _wanted(label: Reply, request: Request) -> bool:
    filters = (request.get("Settings") or {}).get("GeneralLabels") or {}
    (category,) = (item["Name"] for item in label["Categories"])
    if label["Name"] in filters.get("LabelExclusionFilters", ()):
        return False
    if category in filters.get("LabelCategoryExclusionFilters", ()):
        return False
    included = [*filters.get("LabelInclusionFilters", ()), *filters.get("LabelCategoryInclusionFilters", ())]
    return not included or label["Name"] in included or category in included


def _label(name: str, found: Sequence[Seen]) -> Reply:
    return {
        "Name": name,
        "Confidence": max(item.confidence for item in found),
        "Instances": [{"BoundingBox": _box(item), "Confidence": item.confidence} for item in found],
        "Parents": [{"Name": parent} for parent in _PARENTS[name]],
        "Aliases": [],
        "Categories": [{"Name": _CATEGORIES[name]}],
    }


def _face(face: Face) -> Reply:
    reply: Reply = {
        "BoundingBox": _box(face.seen),
        "Confidence": face.seen.confidence,
        "Quality": {"Brightness": face.brightness, "Sharpness": face.sharpness},
        "Landmarks": [],
    }
    if face.eyes is not None:
        left, right = face.eyes
        named = (("eyeLeft", left), ("eyeRight", right))
        reply["Landmarks"] = [{"Type": kind, "X": x, "Y": y} for kind, (x, y) in named]
        roll = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
        reply["Pose"] = {"Roll": roll, "Yaw": 0.0, "Pitch": 0.0}  # only frontal faces are found
    return reply


def _box(seen: Seen) -> Reply:
    left, top, width, height = seen.box
    return {"Left": left, "Top": top, "Width": width, "Height": height}
