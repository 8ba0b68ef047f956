"""What a model saw and where: every label of an answer with its box, for people to look at. Pure.

Source: Rekognition API reference, the operations' responses; boxes are ratios of the picture's width and height
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.inference.matches import is_of_video, matches_of

_FACE = "Face"


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, from its left upper corner; 0 to 1 of its width and height, a little beyond at its edges."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """One label; `confidence` in the model's own unit, None when it does not say; `box` None for the whole picture."""

    label: str
    confidence: float | None
    box: Box | None = None


_Entry = Mapping[str, object]


def sightings_of(output: object) -> tuple[Sighting, ...]:
    """Everything that an answer names, in its order.

    Answers of other models than Rekognition's have no boxes. Of a video every label is there once, where it is surest:
    there is no picture to draw thousands of boxes in.
    """
    if isinstance(output, dict) and not is_of_video(output):
        known = [(read, _entries(output, name)) for name, read in _LISTS.items() if isinstance(output.get(name), list)]
        if known:
            return tuple(seen for read, entries in known for entry in entries for seen in read(entry, output))
    return tuple(Sighting(match.label, match.confidence) for match in matches_of(output, (), None))


def _label(entry: _Entry, _: _Entry) -> Iterator[Sighting]:
    name, sure = str(entry.get("Name", "")), _number(entry.get("Confidence"))
    boxed = [each for each in _entries(entry, "Instances") if _box(each.get("BoundingBox")) is not None]
    for each in boxed:
        yield Sighting(name, _number(each.get("Confidence")) or sure, _box(each.get("BoundingBox")))
    if not boxed:
        yield Sighting(name, sure, _box(_member(entry, "Geometry").get("BoundingBox")))


def _text(entry: _Entry, _: _Entry) -> Iterator[Sighting]:
    box = _box(_member(entry, "Geometry").get("BoundingBox"))
    if entry.get("Type") != "WORD":  # words stand in lines, which are there too
        yield Sighting(str(entry.get("DetectedText", "")), _number(entry.get("Confidence")), box)


def _face(entry: _Entry, _: _Entry) -> Iterator[Sighting]:
    yield Sighting(_FACE, _number(entry.get("Confidence")), _box(entry.get("BoundingBox")))


def _celebrity(entry: _Entry, _: _Entry) -> Iterator[Sighting]:
    box = _box(_member(entry, "Face").get("BoundingBox"))
    yield Sighting(str(entry.get("Name", "")), _number(entry.get("MatchConfidence")), box)


def _known_face(entry: _Entry, answer: _Entry) -> Iterator[Sighting]:
    face = _member(entry, "Face")
    label = face.get("ExternalImageId") or face.get("FaceId") or _FACE
    yield Sighting(str(label), _number(entry.get("Similarity")), _box(answer.get("SearchedFaceBoundingBox")))


def _person(entry: _Entry, _: _Entry) -> Iterator[Sighting]:
    for part in _entries(entry, "BodyParts"):
        for found in _entries(part, "EquipmentDetections"):
            sure = _number(found.get("Confidence"))
            yield Sighting(str(found.get("Type", "")), sure, _box(found.get("BoundingBox")))


def _box(found: object) -> Box | None:
    if not isinstance(found, dict):
        return None
    sides = [_number(found.get(name)) for name in ("Left", "Top", "Width", "Height")]
    left, top, width, height = (0.0 if side is None else side for side in sides)
    return None if None in sides else Box(left, top, width, height)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _member(holder: _Entry, name: str) -> _Entry:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _entries(holder: _Entry, name: str) -> Sequence[_Entry]:
    found = holder.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


_LISTS: Mapping[str, Callable[[_Entry, _Entry], Iterator[Sighting]]] = {
    "Labels": _label,
    "FaceDetails": _face,
    "TextDetections": _text,
    "ModerationLabels": _label,
    "CustomLabels": _label,
    "CelebrityFaces": _celebrity,
    "FaceMatches": _known_face,
    "Persons": _person,
}
