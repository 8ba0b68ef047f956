"""The four video APIs over HTTP: control, archived media, media, PutMedia. Must not know what the operations do."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.video import media, stills
from local.video.archive import Archive, Kept
from local.video.refusal import Refused
from local.video.streams import Streams

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Request = dict[str, Any]
_JSON, _MATROSKA = "application/json", "video/webm"
_PIECE = 16 * 1024
PATIENCE_SECONDS = 10.0


class VideoApi:
    """The operations over one set of streams.

    kept      told of every fragment that PutMedia keeps, with its stream
    patience  seconds after which GetMedia ends when nothing comes
    """

    def __init__(
        self,
        endpoint: str,
        directory: Path,
        kept: Callable[[Archive, Kept], None],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._streams = Streams(endpoint, directory)
        self._kept = kept
        self._patience = patience
        found, retained = self._streams.found, self._streams.retained
        self._told: Mapping[str, Callable[[Request], Mapping[str, Any]]] = {
            **self._streams.operations,
            "listFragments": lambda request: media.listed(found(request), request),
            "getImages": lambda request: stills.images(retained(request), request),
        }
        self._shown: Mapping[str, tuple[str, Callable[[Request], Iterable[bytes]]]] = {
            "getMediaForFragmentList": (_MATROSKA, lambda request: media.of_list(found(request), request)),
            "getMedia": (_MATROSKA, lambda request: media.from_start(found(request), request, self._patience)),
            "getClip": ("video/mp4", lambda request: [media.clip(retained(request), request)]),
        }

    def knows(self, operation: str) -> bool:
        """Whether it is one of these APIs'."""
        return operation in self._told or operation in self._shown or operation == "putMedia"

    def answer(self, operation: str, environ: Environ) -> tuple[str, Iterable[bytes]]:
        """Content type and content. Raises Refused."""
        if operation == "putMedia":
            return _JSON, self._put(environ)
        request = json.loads(_body(environ) or b"{}")
        if operation in self._told:
            return _JSON, [json.dumps(self._told[operation](request)).encode()]
        kind, show = self._shown[operation]
        return kind, show(request)

    def _put(self, environ: Environ) -> Iterable[bytes]:
        name, arn = environ.get("HTTP_X_AMZN_STREAM_NAME"), environ.get("HTTP_X_AMZN_STREAM_ARN")
        archive = self._streams.found({"StreamName": name, "StreamARN": arn})
        relative = environ.get("HTTP_X_AMZN_FRAGMENT_TIMECODE_TYPE") == "RELATIVE"
        begin = float(environ.get("HTTP_X_AMZN_PRODUCER_START_TIMESTAMP") or time.time())
        return media.put(
            archive, _pieces(environ), begin * 1000 if relative else 0, lambda item: self._kept(archive, item)
        )


def with_video(inner: Application, api: VideoApi) -> Application:
    """`inner`, except that the video APIs' operations are answered by `api`."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        operation = str(environ.get("PATH_INFO", ""))[1:]
        if environ.get("REQUEST_METHOD") != "POST" or not api.knows(operation):
            return inner(environ, start_response)
        try:
            kind, content = api.answer(operation, environ)
        except Refused as refused:
            return _refused(refused, start_response)
        start_response("200 OK", [("Content-Type", kind)])
        return content

    return application


def _refused(refused: Refused, start_response: StartResponse) -> Iterable[bytes]:
    status = "404 Not Found" if refused.code == "ResourceNotFoundException" else "400 Bad Request"
    content = json.dumps({"Message": str(refused)}).encode()
    sized = ("Content-Length", str(len(content)))
    start_response(status, [("Content-Type", _JSON), ("x-amzn-ErrorType", refused.code), sized])
    return [content]


def _body(environ: Environ) -> bytes:
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def _pieces(environ: Environ) -> Iterator[bytes]:
    """A body as it comes: of a length that is told, or in chunks without one."""
    source = environ["wsgi.input"]
    left = int(environ["CONTENT_LENGTH"]) if environ.get("CONTENT_LENGTH") else None
    while left is None or left > 0:
        piece = source.read(_PIECE if left is None else min(_PIECE, left))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece
