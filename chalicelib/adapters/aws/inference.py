"""ports/inference over boto3's sagemaker-runtime and rekognition clients. Owns their names and errors.

Clients must be made without retries of their own: how often a model is asked is counted, and paid for, above.
Source: SageMaker API reference, InvokeEndpoint; Rekognition developer guide, "Error handling".
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws.errors import port_error
from chalicelib.ports.errors import Full, Missing, PortError
from chalicelib.ports.inference import (
    LARGEST_VIDEO_ANSWER,
    Analysis,
    Answer,
    Endpoint,
    ItemRefused,
    ModelFailed,
    Promised,
    VideoAnalysis,
)
from chalicelib.ports.objects import Place, parse_place

_OF_THE_ITEM = frozenset(
    {
        "ValidationError",
        "ValidationException",
        "InvalidImageFormatException",
        "ImageTooLargeException",
        "InvalidS3ObjectException",
        "InvalidParameterException",
        "VideoTooLargeException",
        "IdempotentParameterMismatchException",
        "413",
    }
)
_ABSENT = frozenset({"ResourceNotReadyException"})
_UNKNOWN_ENDPOINT = "not found"
_METHODS = {
    "DetectLabels": "detect_labels",
    "DetectFaces": "detect_faces",
    "DetectText": "detect_text",
    "DetectModerationLabels": "detect_moderation_labels",
    "DetectCustomLabels": "detect_custom_labels",
    "DetectProtectiveEquipment": "detect_protective_equipment",
    "RecognizeCelebrities": "recognize_celebrities",
    "SearchFacesByImage": "search_faces_by_image",
}


_VIDEO_METHODS = {
    "LabelDetection": ("start_label_detection", "get_label_detection"),
    "FaceDetection": ("start_face_detection", "get_face_detection"),
    "TextDetection": ("start_text_detection", "get_text_detection"),
    "ContentModeration": ("start_content_moderation", "get_content_moderation"),
    "CelebrityRecognition": ("start_celebrity_recognition", "get_celebrity_recognition"),
    "FaceSearch": ("start_face_search", "get_face_search"),
    "SegmentDetection": ("start_segment_detection", "get_segment_detection"),
}
_PAGE = 1000
_FOUND = frozenset(
    {"Labels", "Faces", "TextDetections", "ModerationLabels", "Celebrities", "Persons", "Segments"},
)
"""What is paged; all else is the same on every page."""


class AwsInference:
    """One set of credentials. `clients` gives the client of a service in a region; None is the credentials' own."""

    def __init__(self, clients: Callable[[str, str | None], Any]) -> None:
        self._clients = clients

    def invoke(self, endpoint: Endpoint, content: bytes) -> Answer:
        """See ports/inference."""
        client = self._clients("sagemaker-runtime", endpoint.region)
        operation = f"invoke endpoint {endpoint.name}"
        reply = _asked(operation, client.invoke_endpoint, Body=content, **_request(endpoint))
        body = _asked(operation, reply["Body"].read)
        variant = reply.get("InvokedProductionVariant")
        return Answer(body, f"{endpoint.name}/{variant}" if variant else endpoint.name)

    def submit(self, endpoint: Endpoint, content: bytes | Place, name: str) -> Promised:
        """See ports/inference."""
        client = self._clients("sagemaker-runtime", endpoint.region)
        request = dict(_request(endpoint))
        for unknown in ("TargetModel", "TargetVariant", "InferenceComponentName"):
            request.pop(unknown, None)
        given = {"Body": content} if isinstance(content, bytes) else {"InputLocation": str(content)}
        operation = f"submit to endpoint {endpoint.name}"
        reply = _asked(operation, client.invoke_endpoint_async, InferenceId=name, **given, **request)
        failure = reply.get("FailureLocation")
        return Promised(parse_place(reply["OutputLocation"]), parse_place(failure) if failure else None)

    def analyse(self, analysis: Analysis, image: bytes | Place) -> Answer:
        """See ports/inference."""
        client = self._clients("rekognition", analysis.region)
        method = getattr(client, _METHODS[analysis.operation])
        reply = _asked(analysis.operation, method, Image=_image(image), **analysis.parameters)
        reply.pop("ResponseMetadata", None)
        return Answer(json.dumps(reply).encode(), f"rekognition:{analysis.operation}{_version(reply)}")

    def start(self, analysis: VideoAnalysis, video: Place, token: str, tag: str) -> str:
        """See ports/inference."""
        method = getattr(self._clients("rekognition", analysis.region), _VIDEO_METHODS[analysis.operation][0])
        request: dict[str, Any] = {"Video": _image(video), "ClientRequestToken": token, "JobTag": tag}
        if analysis.topic is not None and analysis.role is not None:
            request["NotificationChannel"] = {"SNSTopicArn": analysis.topic, "RoleArn": analysis.role}
        reply = _asked(f"Start{analysis.operation}", method, **request, **analysis.parameters)
        return str(reply["JobId"])

    def analysed(self, analysis: VideoAnalysis, job_id: str) -> Answer | None:
        """See ports/inference."""
        operation = f"Get{analysis.operation}"
        method = getattr(self._clients("rekognition", analysis.region), _VIDEO_METHODS[analysis.operation][1])
        whole: dict[str, Any] = {}
        size = 0
        for page in _pages(operation, method, job_id):
            if page.get("JobStatus") == "IN_PROGRESS":
                return None
            if page.get("JobStatus") == "FAILED":
                raise ItemRefused(operation, f"AnalysisFailed: {page.get('StatusMessage') or 'no reason was given'}")
            size += len(json.dumps([page.get(name) for name in _FOUND]))
            if size > LARGEST_VIDEO_ANSWER:
                raise ItemRefused(operation, f"AnswerTooLarge: job {job_id} found over {LARGEST_VIDEO_ANSWER} bytes")
            _merge(whole, page)
        return Answer(json.dumps(whole).encode(), f"rekognition:{analysis.operation}{_version(whole)}")


def _pages(operation: str, method: Callable[..., Any], job_id: str) -> Iterator[Mapping[str, Any]]:
    """All pages of a job's results."""
    more: Mapping[str, str] = {}
    while True:
        page = _page(operation, method, JobId=job_id, MaxResults=_PAGE, **more)
        yield page
        if "NextToken" not in page:
            return
        more = {"NextToken": page["NextToken"]}


def _page(operation: str, method: Callable[..., Any], **request: Any) -> Any:
    try:
        return _asked(operation, method, **request)
    except Missing as error:
        raise ItemRefused(operation, error.reason) from error


def _merge(whole: dict[str, Any], page: Mapping[str, Any]) -> None:
    """Take a page's findings behind those of the pages before."""
    for name, value in page.items():
        if name in _FOUND:
            whole.setdefault(name, []).extend(value)
        elif name not in {"JobStatus", "NextToken", "ResponseMetadata"}:
            whole[name] = value


def _request(endpoint: Endpoint) -> Mapping[str, str]:
    given = {
        "EndpointName": endpoint.name,
        "ContentType": endpoint.content_type,
        "Accept": endpoint.accept,
        "TargetModel": endpoint.model,
        "TargetVariant": endpoint.variant,
        "InferenceComponentName": endpoint.component,
        "CustomAttributes": endpoint.attributes,
    }
    return {key: value for key, value in given.items() if value is not None}


def _image(image: bytes | Place) -> Mapping[str, Any]:
    if isinstance(image, bytes):
        return {"Bytes": image}
    return {"S3Object": {"Bucket": image.bucket, "Name": image.key}}


def _version(reply: Mapping[str, Any]) -> str:
    """Several operations tell their model's version, each under a name of its own."""
    found = next((str(value) for key, value in reply.items() if key.endswith("ModelVersion")), "")
    return f"/{found}" if found else ""


def _asked(operation: str, function: Callable[..., Any], **arguments: Any) -> Any:
    try:
        return function(**arguments)
    except (ClientError, BotoCoreError) as error:
        raise _error(operation, error) from error


def _error(operation: str, error: ClientError | BotoCoreError) -> PortError:
    found = port_error(operation, error)
    if not isinstance(error, ClientError):
        return found
    detail = error.response.get("Error", {})
    code, message = str(detail.get("Code", "")), str(detail.get("Message", ""))
    if code in _ABSENT or (code.startswith("Validation") and _UNKNOWN_ENDPOINT in message):
        return Missing(operation, found.reason)
    if code == "LimitExceededException":
        return Full(operation, found.reason)
    if code == "ModelError":
        return _model_error(operation, error.response.get("OriginalStatusCode"), found.reason)
    return ItemRefused(operation, found.reason) if code in _OF_THE_ITEM else found


def _model_error(operation: str, status: object, reason: str) -> PortError:
    """A container that answers 4xx says that it will not have the item, as HTTP means it."""
    return (
        ItemRefused(operation, reason)
        if isinstance(status, int) and 400 <= status < 500
        else ModelFailed(operation, reason)
    )
