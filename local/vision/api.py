"""Rekognition's image operations over HTTP, JSON 1.1. Must not know how anything is seen."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from local.vision.answers import OPERATIONS, Reply
from local.vision.detectors import Pool
from local.vision.images import Refused, picture_of

_TARGET = "RekognitionService."
_NOT_HERE = frozenset(
    {
        "DetectText",
        "DetectModerationLabels",
        "DetectCustomLabels",
        "DetectProtectiveEquipment",
        "RecognizeCelebrities",
        "SearchFacesByImage",
        "CompareFaces",
        "IndexFaces",
    }
)
"""Operations that moto would answer with the same words whatever the image shows."""

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def with_rekognition(inner: Application, s3: Callable[[], Any]) -> Application:
    """`inner`, except that images are looked at. `s3` gives a client of the embedded storage."""
    pool = Pool()

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix(_TARGET)
        if operation not in OPERATIONS and operation not in _NOT_HERE:
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, reply = _answered(operation, json.loads(body or b"{}"), pool, s3)
        content = json.dumps(reply).encode()
        start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(content)))])
        return [content]

    return application


def _answered(operation: str, request: dict[str, Any], pool: Pool, s3: Callable[[], Any]) -> tuple[str, Reply]:
    try:
        return "200 OK", _answer(operation, request, pool, s3)
    except Refused as refused:
        return "400 Bad Request", {"__type": refused.code, "Message": str(refused), "message": str(refused)}


def _answer(operation: str, request: dict[str, Any], pool: Pool, s3: Callable[[], Any]) -> Reply:
    if operation in _NOT_HERE:
        known = " and ".join(OPERATIONS)
        told = f"{operation} is not available in the embedded run, which has no detector for it; {known} are"
        raise Refused("AccessDeniedException", told)
    picture = picture_of(request.get("Image") or {}, s3)
    with pool.one() as detectors:
        return OPERATIONS[operation](picture, request, detectors)
