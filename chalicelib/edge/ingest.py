"""`POST /v1/ingest/{pipeline}`: a call becomes an event. Owns the limits and the answers; the gateway checks the key.

202  taken in; the body has the event's id, and `duplicate` says whether its key was used before
400  the body is no UTF-8 text, no JSON although it says so, or the idempotency key is unusable
404  no active pipeline of this id has an HttpTrigger, or the key is none of those that may call it
413  the body is larger than an event may be
503  not taken in now: send it again with the same idempotency key
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalice.app import Chalice, Request, Response

from chalicelib.domain.errors import whereabouts
from chalicelib.domain.trigger.arrival import Arrival, Holder, event_key, http_call
from chalicelib.domain.values import PipelineId
from chalicelib.edge.json_text import NotJson, parsed
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import PortError
from chalicelib.service.intake import LARGEST_FIELDS_BYTES, size_of, take

LARGEST_BODY_BYTES = 128 * 1024
LONGEST_KEY = 256
SECRET_HEADERS = frozenset({"authorization", "cookie", "x-api-key", "x-amz-security-token"})
"""Never stored with an event."""

_LOG = logging.getLogger(__name__)


class Refused(Exception):
    """What the caller has to change: status, code, the field, and what was expected of it."""

    def __init__(self, status: int, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field


def ingest(app: Chalice, pipeline: str, ports: Ports) -> Response:
    """Take the app's current request in as an event of the pipeline."""
    request = app.current_request
    if request is None:
        raise RuntimeError("ingest is for routes: there is no request outside one")
    try:
        arrival = _arrival(request, PipelineId(pipeline), ports)
    except Refused as refused:
        return _refusal(refused, request)
    return _taken(arrival, request, ports)


def _taken(arrival: Arrival, request: Request, ports: Ports) -> Response:
    try:
        taken = take([arrival], ports)
    except PortError as error:
        _LOG.warning("ingest.failed", extra={"source": arrival.source, **whereabouts(error)})
        refused = Refused(503, "Unavailable", "", "The event was not taken in; send it again, with its key")
        return _refusal(refused, request)
    if taken.unwanted:
        message = "Expected the id of an active pipeline with an HttpTrigger that this key may call"
        return _refusal(Refused(404, "NotListening", "pipeline", message), request)
    return _answer(202, {"event": event_key(arrival.identity), "duplicate": taken.known > 0})


def _arrival(request: Request, pipeline: PipelineId, ports: Ports) -> Arrival:
    body = request.raw_body
    raw = body if isinstance(body, bytes) else str(body).encode()
    if len(raw) > LARGEST_BODY_BYTES:
        message = f"Expected at most {LARGEST_BODY_BYTES} bytes, got {len(raw)}; put more into S3 and send its address"
        raise Refused(413, "TooLarge", "body", message)
    text = _text(raw)
    if "json" in request.headers.get("content-type", "").lower():
        _check_json(text)
    key = request.headers.get("idempotency-key", "")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Refused(400, "InvalidKey", "Idempotency-Key", f"Expected up to {LONGEST_KEY} printable ASCII characters")
    identity = key or str(request.context.get("requestId", "")) or ports.ids.fresh()
    arrival = http_call(pipeline, text, _kept(request.headers), identity, ports.clock.now())
    _check_size(size_of(arrival.fields))
    return replace(arrival, holder=_holder(request.context))


def _holder(context: Mapping[str, Any]) -> Holder:
    identity = context.get("identity") or {}
    return Holder(str(context.get("accountId") or ""), str(identity.get("apiKeyId") or ""))


def _check_size(kept_bytes: int) -> None:
    """Quotes and control characters take more room in the store than in the body."""
    if kept_bytes > LARGEST_FIELDS_BYTES:
        message = f"Expected body and headers that take {LARGEST_FIELDS_BYTES} bytes as JSON, these take {kept_bytes}"
        raise Refused(413, "TooLarge", "body", message)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Refused(400, "InvalidBody", "body", f"Expected text in UTF-8; byte {error.start} is none") from error


def _check_json(text: str) -> None:
    try:
        parsed(text)
    except NotJson as error:
        raise Refused(400, "InvalidBody", "body", f"Expected JSON, as Content-Type says: {error}") from error


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}


def _refusal(refused: Refused, request: Request) -> Response:
    """The REST API's shape of errors."""
    error = {"code": refused.code, "message": str(refused)} | ({"field": refused.field} if refused.field else {})
    return _answer(refused.status, {"error": error | {"requestId": str(request.context.get("requestId", ""))}})


def _answer(status: int, body: Mapping[str, object]) -> Response:
    return Response(json.dumps(body), {"Content-Type": "application/json"}, status)
