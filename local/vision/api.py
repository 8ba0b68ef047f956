"""Rekognition over HTTP, JSON 1.1. Must not know how anything is seen."""

import atexit
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.vision import answers, stored
from local.vision.detectors import Pool
from local.vision.images import Refused, Reply, Request, picture_of
from local.vision.stored import StoredVideo

_TARGET = "RekognitionService."
Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Answer = Callable[[Request], Reply]


def with_rekognition(inner: Application, clients: Callable[[str], Any]) -> Application:
    """`inner`, except that images and videos are looked at. `clients` of the embedded storage and topics.

    Nothing of Rekognition's is left to moto, whose words are the same whatever an image shows.
    """
    operations = _operations(clients)

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        if not target.startswith(_TARGET):
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, reply = _answered(operations, target.removeprefix(_TARGET), json.loads(body or b"{}"))
        content = json.dumps(reply).encode()
        start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(content)))])
        return [content]

    return application


def _operations(clients: Callable[[str], Any]) -> Mapping[str, Answer]:
    pool = Pool()
    videos = StoredVideo(clients, pool)
    atexit.register(videos.stop)

    def seen(look: answers.Answer) -> Answer:
        def looked(request: Request) -> Reply:
            picture = picture_of(request.get("Image") or {}, lambda: clients("s3"))
            with pool.one() as detectors:
                return look(picture, request, detectors)

        return looked

    def of_video(operation: str) -> Answer:
        return lambda request: videos.answer(operation, request)

    images = {operation: seen(look) for operation, look in answers.OPERATIONS.items()}
    return images | {operation: of_video(operation) for operation in stored.OPERATIONS}


def _answered(operations: Mapping[str, Answer], operation: str, request: Request) -> tuple[str, Reply]:
    try:
        return "200 OK", operations.get(operation, _absent(operation, operations))(request)
    except Refused as refused:
        return "400 Bad Request", {"__type": refused.code, "Message": str(refused), "message": str(refused)}


def _absent(operation: str, known: Iterable[str]) -> Answer:
    def refuse(_: Request) -> Reply:
        told = f"{operation} is not available in the embedded run, which has no detector for it; here are"
        raise Refused("AccessDeniedException", f"{told} {', '.join(known)}")

    return refuse
