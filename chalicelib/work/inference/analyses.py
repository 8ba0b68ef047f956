"""Rekognition's image operations as an activity names them. Must not know where images come from.

Source: Rekognition API reference, the operations' requests
"""

from collections.abc import Callable, Mapping

from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.ports.errors import Rejected
from chalicelib.ports.inference import Analysis

_WHAT = "plan inference"
Parameters = Mapping[str, object | None]


def analysis_of(activity: InferenceActivity) -> Analysis:
    """The operation with its parameters. Raises Rejected when one is missing."""
    operation, parameters = _OPERATIONS[activity.analysis or ""]
    given = {name: value for name, value in parameters(activity).items() if value is not None}
    return Analysis(operation, given, activity.region)


def _labels(activity: InferenceActivity) -> Parameters:
    return {"MaxLabels": activity.maximum_labels, "MinConfidence": activity.min_confidence}


def _faces(activity: InferenceActivity) -> Parameters:
    return {"Attributes": [activity.face_attributes] if activity.face_attributes else None}


def _text(activity: InferenceActivity) -> Parameters:
    if activity.min_confidence is None:
        return {}
    return {"Filters": {"WordFilter": {"MinConfidence": activity.min_confidence}}}


def _moderation(activity: InferenceActivity) -> Parameters:
    return {"MinConfidence": activity.min_confidence, "ProjectVersion": activity.project_version}


def _custom_labels(activity: InferenceActivity) -> Parameters:
    return {
        "ProjectVersionArn": _required(activity, activity.project_version, "projectVersion"),
        "MaxResults": activity.maximum_labels,
        "MinConfidence": activity.min_confidence,
    }


def _protective_equipment(activity: InferenceActivity) -> Parameters:
    if not activity.labels:
        return {}
    least = activity.min_confidence if activity.min_confidence is not None else 50
    return {"SummarizationAttributes": {"MinConfidence": least, "RequiredEquipmentTypes": list(activity.labels)}}


def _celebrities(_: InferenceActivity) -> Parameters:
    return {}


def _face_search(activity: InferenceActivity) -> Parameters:
    return {
        "CollectionId": _required(activity, activity.collection, "collection"),
        "MaxFaces": activity.maximum_labels,
        "FaceMatchThreshold": activity.min_confidence,
    }


_OPERATIONS: Mapping[str, tuple[str, Callable[[InferenceActivity], Parameters]]] = {
    "labels": ("DetectLabels", _labels),
    "faces": ("DetectFaces", _faces),
    "text": ("DetectText", _text),
    "moderation": ("DetectModerationLabels", _moderation),
    "customLabels": ("DetectCustomLabels", _custom_labels),
    "protectiveEquipment": ("DetectProtectiveEquipment", _protective_equipment),
    "celebrities": ("RecognizeCelebrities", _celebrities),
    "faceSearch": ("SearchFacesByImage", _face_search),
}


def _required(activity: InferenceActivity, value: str | None, field: str) -> str:
    if value is None:
        raise Rejected(_WHAT, f"{activity.name} has no {field}, which {activity.analysis} needs")
    return value
