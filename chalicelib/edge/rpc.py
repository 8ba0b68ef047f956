"""The wire API: AWS JSON 1.1 in, AWS JSON 1.1 out. The only place where an error becomes HTTP.

`X-Amz-Target` names the operation after its last dot (older clients send another prefix). Errors are
`{"__type": …, "message": …}` with 400, or 500 when the fault is ours; those are logged without the payload.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice, Request, Response

from chalicelib.domain.errors import (
    DataPipelineError,
    ExpressionError,
    Forbidden,
    InvalidDefinition,
    InvalidRequest,
    NotPossible,
    PipelineDeleted,
    PipelineNotFound,
    TaskNotFound,
    whereabouts,
)
from chalicelib.edge.identity import Unidentified, caller_of
from chalicelib.edge.json_text import NotJson, kind, parsed
from chalicelib.edge.operations import OPERATIONS
from chalicelib.edge.requests import decode
from chalicelib.ports import trail
from chalicelib.ports.bundle import Ports

CONTENT_TYPE = "application/x-amz-json-1.1"
_LONGEST_ID = 128  # of a line: what is sent as one may be anything
_LOG = logging.getLogger(__name__)
ERRORS: Mapping[type[Exception], tuple[str, int]] = {
    InvalidRequest: ("InvalidRequestException", 400),
    InvalidDefinition: ("InvalidRequestException", 400),
    NotPossible: ("InvalidRequestException", 400),
    ExpressionError: ("InvalidRequestException", 400),
    PipelineNotFound: ("PipelineNotFoundException", 400),
    PipelineDeleted: ("PipelineDeletedException", 400),
    TaskNotFound: ("TaskNotFoundException", 400),
    Forbidden: ("AccessDeniedException", 403),
    Unidentified: ("AccessDeniedException", 403),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply before it is HTTP."""

    status: int
    body: Mapping[str, Any]


def answer(app: Chalice, ports: Ports) -> Response:
    """Run the app's current request. Whatever was sent, the answer is the operation's reply or a modelled error."""
    request = app.current_request
    if request is None:
        raise RuntimeError("answer is for routes: there is no request outside one")
    request_id = trail.current().correlation or ports.ids.fresh().lower()
    found = _guarded(request, ports, request_id)
    headers: dict[str, str | list[str]] = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": request_id}
    return Response(json.dumps(found.body, ensure_ascii=False), headers, found.status)


def _guarded(request: Request, ports: Ports, request_id: str) -> Answer:
    try:
        return _called(request, ports)
    except Exception as error:  # noqa: BLE001  the one place where anything unexpected becomes an internal error
        return _failed(error, str(request.headers.get("x-amz-target")), request_id)


def _called(request: Request, ports: Ports) -> Answer:
    caller = caller_of(request.context)
    name = _operation(request.headers.get("x-amz-target"))
    body = _body(request)
    operation = OPERATIONS[name]
    request = decode(name, body)
    trail.note({"account": caller.account, **_about(request)})
    reply = operation.render(operation.run(request, caller, ports))
    trail.note(_about(reply))
    return Answer(200, reply)


def _about(what: Any) -> dict[str, str]:
    """The pipeline of a request or a reply, where it is of one."""
    found = what.get("pipelineId") if isinstance(what, Mapping) else getattr(what, "pipeline_id", None)
    return {"pipeline": str(found)[:_LONGEST_ID]} if found else {}


def _operation(target: str | None) -> str:
    name = (target or "").rpartition(".")[2]
    if name in OPERATIONS:
        return name
    given = f"{target[:128]!r} names no operation" if target else "is missing"
    raise InvalidRequest(
        f"Header X-Amz-Target {given}; send DataPipeline.<Operation> with one of {', '.join(OPERATIONS)}"
    )


def _body(request: Request) -> Mapping[str, Any]:
    given = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if given != CONTENT_TYPE:
        raise InvalidRequest(f"Header Content-Type is {given[:128]!r}; send {CONTENT_TYPE}")
    body = _parsed(request)
    if not isinstance(body, dict):
        raise InvalidRequest(f"The body is not a JSON object; send the operation's members in one, got {kind(body)}")
    return body


def _parsed(request: Request) -> Any:
    try:
        return parsed(request.raw_body or "{}")
    except NotJson as error:
        raise InvalidRequest(f"The body is not JSON in UTF-8 ({error}); send a JSON object") from error


def _failed(error: Exception, target: str, request_id: str) -> Answer:
    known = ERRORS.get(type(error))
    if known is not None:
        return Answer(known[1], {"__type": known[0], "message": str(error)})
    # Where it happened, and of what kind it is; the exception's own text may quote the request.
    _LOG.error("rpc.failed", extra={"target": target[:128], "answered": request_id, **whereabouts(error)})
    retry = " It may pass: try again." if isinstance(error, DataPipelineError) else ""
    return Answer(500, {"__type": "InternalServiceError", "message": f"Internal error, request {request_id}.{retry}"})
