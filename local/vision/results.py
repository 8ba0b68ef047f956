"""What stored video was found to show, in the order, the pages and the shapes in which it is asked for.

Source: Rekognition API reference, GetLabelDetection, GetFaceDetection and GetTextDetection
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from local.vision.answers import LABEL_MODEL
from local.vision.images import Refused, Reply, Request
from local.vision.jobs import Job, Outcome
from local.vision.texts import TEXT_MODEL

_LONGEST_PAGE = 1000
_LABELS, _FACES, _TEXTS = "StartLabelDetection", "StartFaceDetection", "StartTextDetection"
_LISTS = {_LABELS: "Labels", _FACES: "Faces", _TEXTS: "TextDetections"}
_KINDS = {_LABELS: "Label", _FACES: "Face", _TEXTS: "TextDetection"}
_MODELS = {_LABELS: {"LabelModelVersion": LABEL_MODEL}, _TEXTS: {"TextModelVersion": TEXT_MODEL}}


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something in the picture of that `number`: a Label, a FaceDetail or a TextDetection."""

    number: int
    at_ms: int
    what: Reply


def answer(job: Job, outcome: Outcome | None, request: Request) -> Reply:
    """The reply to a Get of a job. Raises Refused for a token that is not of it."""
    told = {name: job.request[name] for name in ("Video", "JobTag") if name in job.request}
    reply: Reply = {"JobId": job.id, **told, **_status(outcome)}
    found = outcome.found if outcome is not None else ()
    place, entries = job.id, _entries(_KINDS[job.operation], found)
    if job.operation == _LABELS:
        order = request.get("SortBy", "TIMESTAMP"), request.get("AggregateBy", "TIMESTAMPS")
        reply["GetRequestMetadata"] = {"SortBy": order[0], "AggregateBy": order[1]}
        place, entries = "/".join((job.id, *order)), _labels(found, *order)
    begin = _begin(request, place, len(entries))
    end = begin + min(request.get("MaxResults", _LONGEST_PAGE), _LONGEST_PAGE)
    reply |= _MODELS.get(job.operation, {}) | {_LISTS[job.operation]: entries[begin:end]}
    if end < len(entries):
        reply["NextToken"] = base64.b64encode(f"{place}/{end}".encode()).decode()
    return reply


def _status(outcome: Outcome | None) -> Reply:
    if outcome is None:
        return {"JobStatus": "IN_PROGRESS"}
    if outcome.failure:
        return {"JobStatus": "FAILED", "StatusMessage": outcome.failure}
    return {"JobStatus": "SUCCEEDED", "VideoMetadata": outcome.metadata}


def _labels(found: Sequence[Sighting], sort: str, aggregate: str) -> list[Reply]:
    entries = _segments(found) if aggregate == "SEGMENTS" else _entries(_KINDS[_LABELS], found)
    if sort == "NAME":
        return sorted(entries, key=lambda entry: (entry["Label"]["Name"], -entry["Label"]["Confidence"]))
    return entries


def _entries(kind: str, found: Sequence[Sighting]) -> list[Reply]:
    return [{"Timestamp": each.at_ms, kind: each.what} for each in found]


def _segments(found: Sequence[Sighting]) -> list[Reply]:
    """A label in pictures that follow each other is one segment; of its instances nothing is told."""
    by_name = sorted(found, key=lambda each: (each.what["Name"], each.number))
    placed = ((each.what["Name"], each.number - at, each) for at, each in enumerate(by_name))
    runs = [[each for *_, each in run] for _, run in groupby(placed, key=lambda item: item[:2])]
    return sorted((_segment(run) for run in runs), key=lambda entry: entry["Timestamp"])


def _segment(run: Sequence[Sighting]) -> Reply:
    begin, end = run[0].at_ms, run[-1].at_ms
    surest = max((each.what for each in run), key=lambda label: label["Confidence"])
    return {
        "Timestamp": begin,
        "StartTimestampMillis": begin,
        "EndTimestampMillis": end,
        "DurationMillis": end - begin,
        "Label": surest | {"Instances": []},
    }


def _begin(request: Request, place: str, count: int) -> int:
    token = request.get("NextToken", "")
    wrong = Refused("InvalidPaginationTokenException", "Invalid pagination token")
    if not token:
        return 0
    try:
        text = base64.b64decode(token, validate=True).decode()
    except ValueError as error:
        raise wrong from error
    named, _, begin = text.rpartition("/")
    if named != place or not begin.isdecimal() or int(begin) >= count:
        raise wrong
    return int(begin)
