"""What of a model's answer is a match: a label that was looked for, and sure enough. Pure.

Source: Rekognition API reference, the operations' responses; what SageMaker's own containers answer
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_FACE, _SHOT = "Face", "Shot"
_LABELS = ("label", "predicted_label", "class", "category")
_SCORES = ("score", "confidence", "probability", "prediction")


@dataclass(frozen=True, slots=True)
class Match:
    """A label, and how sure the model is of it, in the model's own unit; None when it does not say."""

    label: str
    confidence: float | None


def matches_of(output: object, labels: Sequence[str], least: float | None) -> tuple[Match, ...]:
    """The surest match of each label, in order of the answer.

    labels  looked for, in any case; empty for any
    least   confidence at least; with one, an answer that tells none is no match
    """
    wanted = {label.lower() for label in labels}
    best: dict[str, Match] = {}
    for match in _candidates(output):
        named = not wanted or match.label.lower() in wanted
        if named and _is_sure(match, least) and _beats(match, best.get(match.label)):
            best[match.label] = match
    return tuple(best.values())


def is_of_video(output: Mapping[str, object]) -> bool:
    """Whether it is an answer about stored video: what is seen has its moment around it."""
    return "VideoMetadata" in output


def _is_sure(match: Match, least: float | None) -> bool:
    return least is None or (match.confidence is not None and match.confidence >= least)


def _beats(match: Match, other: Match | None) -> bool:
    return other is None or (match.confidence or 0) > (other.confidence or 0)


def _candidates(output: object) -> Iterator[Match]:
    """Rekognition's lists by their names; else one answer or several of a SageMaker container."""
    if isinstance(output, dict):
        lists = _VIDEO_LISTS if is_of_video(output) else _LISTS
        known = [(read, output[name]) for name, read in lists.items() if isinstance(output.get(name), list)]
        for read, entries in known:
            yield from (match for entry in entries if isinstance(entry, dict) for match in read(entry))
        if not known:
            yield from _own(output)
    elif isinstance(output, list):
        for entry in output:
            yield from _candidates(entry)
    else:
        yield from _plain(output)


def _own(answer: Mapping[str, object]) -> Iterator[Match]:
    predictions = answer.get("predictions")
    if isinstance(predictions, list):
        yield from _candidates(predictions)
        return
    label = next((answer[name] for name in _LABELS if isinstance(answer.get(name), str)), None)
    score = next((_number(answer[name]) for name in _SCORES if name in answer), None)
    if label is not None or score is not None:
        yield Match(str(label or ""), score)


def _plain(answer: object) -> Iterator[Match]:
    """A bare number is a score, a bare text a label; a text may hold a number, or both, as CSV does."""
    score = _number(answer)
    if score is not None:
        yield Match("", score)
    elif isinstance(answer, str):
        label, _, rest = answer.partition(",")
        yield Match(label.strip(), _number(rest.strip()))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _named(name: str, confidence: str) -> Callable[[Mapping[str, object]], Iterator[Match]]:
    def read(entry: Mapping[str, object]) -> Iterator[Match]:
        yield Match(str(entry.get(name, "")), _number(entry.get(confidence)))

    return read


def _face(entry: Mapping[str, object]) -> Iterator[Match]:
    yield Match(_FACE, _number(entry.get("Confidence")))


def _known_face(entry: Mapping[str, object]) -> Iterator[Match]:
    face = entry.get("Face")
    if isinstance(face, dict):
        label = face.get("ExternalImageId") or face.get("FaceId") or _FACE
        yield Match(str(label), _number(entry.get("Similarity")))


def _equipment(person: Mapping[str, object]) -> Iterator[Match]:
    for part in _entries(person, "BodyParts"):
        for found in _entries(part, "EquipmentDetections"):
            yield Match(str(found.get("Type", "")), _number(found.get("Confidence")))


def _timed(
    name: str, read: Callable[[Mapping[str, object]], Iterator[Match]]
) -> Callable[[Mapping[str, object]], Iterator[Match]]:
    def read_timed(entry: Mapping[str, object]) -> Iterator[Match]:
        seen = entry.get(name)
        if isinstance(seen, dict):
            yield from read(seen)

    return read_timed


def _known_faces(entry: Mapping[str, object]) -> Iterator[Match]:
    for found in _entries(entry, "FaceMatches"):
        yield from _known_face(found)


def _segment(entry: Mapping[str, object]) -> Iterator[Match]:
    cue, shot = entry.get("TechnicalCueSegment"), entry.get("ShotSegment")
    if isinstance(cue, dict):
        yield Match(str(cue.get("Type", "")), _number(cue.get("Confidence")))
    elif isinstance(shot, dict):
        yield Match(_SHOT, _number(shot.get("Confidence")))


def _entries(holder: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    found = holder.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


_LISTS: Mapping[str, Callable[[Mapping[str, object]], Iterator[Match]]] = {
    "Labels": _named("Name", "Confidence"),
    "FaceDetails": _face,
    "TextDetections": _named("DetectedText", "Confidence"),
    "ModerationLabels": _named("Name", "Confidence"),
    "CustomLabels": _named("Name", "Confidence"),
    "CelebrityFaces": _named("Name", "MatchConfidence"),
    "FaceMatches": _known_face,
    "Persons": _equipment,
}

_VIDEO_LISTS: Mapping[str, Callable[[Mapping[str, object]], Iterator[Match]]] = {
    "Labels": _timed("Label", _named("Name", "Confidence")),
    "Faces": _timed("Face", _face),
    "TextDetections": _timed("TextDetection", _named("DetectedText", "Confidence")),
    "ModerationLabels": _timed("ModerationLabel", _named("Name", "Confidence")),
    "Celebrities": _timed("Celebrity", _named("Name", "Confidence")),
    "Persons": _known_faces,
    "Segments": _segment,
}
