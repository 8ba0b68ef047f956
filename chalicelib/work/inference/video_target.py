"""Rekognition's analyses of stored video, as an activity names them: begun for each object, collected when they end.

Source: Rekognition API reference, the operations' requests; developer guide, "Working with stored video analysis"
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta

from chalicelib.domain.completion import Elsewhere, job_key
from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.inference import Answer, Inference, ItemRefused, VideoAnalysis
from chalicelib.ports.objects import Objects, Place
from chalicelib.work.inference.analyses import Parameters
from chalicelib.work.inference.items import Item
from chalicelib.work.inference.targets import Later, Target, json_value

_WHAT = "plan inference"
_KEPT = timedelta(days=7)
"""How long results are kept."""


def video_target(activity: InferenceActivity, inference: Inference, objects: Objects, owner: str) -> Target:
    """What the activity asks. One job at a time is begun or looked at in a function: answers are large, and jobs few.

    Raises   Rejected when a field is missing
    """
    analysis = video_analysis(activity)

    def ask(item: Item) -> Answer:
        if not isinstance(item.content, Place):
            raise ItemRefused("ask", "NoVideo: an item of videoAnalysis is an object in S3")
        token = _token(owner, item.content, analysis, objects)
        job = inference.start(analysis, item.content, token, f"penstock/{owner}")
        return Answer(json.dumps(job).encode(), name)

    def look(promise: bytes) -> Answer | None:
        return inference.analysed(analysis, json.loads(promise))

    def job(promise: bytes) -> str:
        return job_key(Elsewhere.VIDEO_ANALYSIS, json.loads(promise))

    name = f"rekognition:{analysis.operation}"
    return Target(name, ask, json_value, Later(look, job, _KEPT, parallel=1))


def _token(owner: str, video: Place, analysis: VideoAnalysis, objects: Objects) -> str:
    """The same for the same question about the same bytes, in all attempts at one run; another in another run."""
    try:
        etag = objects.describe(video).etag
    except Missing as error:
        raise ItemRefused("ask", f"ItemMissing: {video} is no longer there") from error
    parts = (owner, str(video), etag, analysis.operation, dict(analysis.parameters), analysis.topic, analysis.role)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def video_analysis(activity: InferenceActivity) -> VideoAnalysis:
    """The operation with its parameters. Raises Rejected when one is missing."""
    operation, parameters = _OPERATIONS[activity.video_analysis or ""]
    given = {name: value for name, value in parameters(activity).items() if value is not None}
    return VideoAnalysis(operation, given, activity.region, activity.notification_topic, activity.notification_role)


def _least(activity: InferenceActivity) -> Parameters:
    return {"MinConfidence": activity.min_confidence}


def _faces(activity: InferenceActivity) -> Parameters:
    return {"FaceAttributes": activity.face_attributes}


def _text(activity: InferenceActivity) -> Parameters:
    if activity.min_confidence is None:
        return {}
    return {"Filters": {"WordFilter": {"MinConfidence": activity.min_confidence}}}


def _celebrities(_: InferenceActivity) -> Parameters:
    return {}


def _face_search(activity: InferenceActivity) -> Parameters:
    if activity.collection is None:
        raise Rejected(_WHAT, f"{activity.name} has no collection, which faceSearch needs")
    return {"CollectionId": activity.collection, "FaceMatchThreshold": activity.min_confidence}


def _segments(activity: InferenceActivity) -> Parameters:
    least = {"MinSegmentConfidence": max(50, activity.min_confidence)} if activity.min_confidence is not None else None
    filters = {"TechnicalCueFilter": least, "ShotFilter": least} if least is not None else None
    return {"SegmentTypes": ["TECHNICAL_CUE", "SHOT"], "Filters": filters}


_OPERATIONS: Mapping[str, tuple[str, Callable[[InferenceActivity], Parameters]]] = {
    "labels": ("LabelDetection", _least),
    "faces": ("FaceDetection", _faces),
    "text": ("TextDetection", _text),
    "moderation": ("ContentModeration", _least),
    "celebrities": ("CelebrityRecognition", _celebrities),
    "faceSearch": ("FaceSearch", _face_search),
    "segments": ("SegmentDetection", _segments),
}
