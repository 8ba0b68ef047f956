"""Every error of the REST API in its one shape: `{"error": {code, message, field?, expected?, requestId}}`.

The table says which of the service's errors is which answer; what is not in it is our fault, 500, and logged.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.errors import (
    DataPipelineError,
    ExpressionError,
    Forbidden,
    InvalidDefinition,
    InvalidRequest,
    NotPossible,
    ObjectNotFound,
    PipelineDeleted,
    PipelineNotFound,
    Stale,
    TaskNotFound,
    whereabouts,
)
from chalicelib.edge.identity import Unidentified
from chalicelib.edge.rest.check import UNKEPT
from chalicelib.edge.rest.contract import Refused, Reply
from chalicelib.ports.errors import Conflict, Rejected, Throttled, Unavailable

_LOG = logging.getLogger(__name__)
_FIELD = re.compile(r"([A-Za-z][\w.\[\]-]*): ")
"""How the service's sentences begin when they are about one member."""
_CODE = re.compile(r"([A-Z][A-Z_]+): (.*)", re.DOTALL)
LONGEST_MESSAGE = 2000
ERRORS: Mapping[type[Exception], tuple[int, str]] = {
    InvalidRequest: (400, "InvalidRequest"),
    ExpressionError: (400, "InvalidExpression"),
    Rejected: (400, "InvalidRequest"),
    Unidentified: (401, "Unauthenticated"),
    Forbidden: (403, "Forbidden"),
    PipelineNotFound: (404, "PipelineNotFound"),
    PipelineDeleted: (404, "PipelineDeleted"),
    TaskNotFound: (404, "TaskNotFound"),
    ObjectNotFound: (404, "NotFound"),
    NotPossible: (409, "NotPossible"),
    Conflict: (409, "Conflict"),
    Stale: (412, "PreconditionFailed"),
    Throttled: (429, "TooManyRequests"),
    Unavailable: (503, "Unavailable"),
}


def failed(error: Exception, operation: str, request_id: str) -> Reply:
    """The answer to a call that raised `error`."""
    if isinstance(error, Refused):
        return _refusal(error, request_id)
    if isinstance(error, InvalidDefinition):
        return _definition(error, request_id)
    known = ERRORS.get(type(error))
    if known is not None:
        found = _FIELD.match(str(error)) if known[0] == 400 else None
        return _shaped(known[0], known[1], str(error), request_id, field=found.group(1) if found else "")
    return _fault(error, operation, request_id)


def findings(sentences: Mapping[str, Sequence[str]], severity: str) -> list[dict[str, str]]:
    """What was found in a definition, in the shape Finding. A sentence of the service begins with its code."""
    return [_finding(owner, sentence, severity) for owner, found in sentences.items() for sentence in found]


def _finding(owner: str, sentence: str, severity: str) -> dict[str, str]:
    coded = _CODE.fullmatch(sentence)
    code, message = coded.groups() if coded else ("", sentence)
    return {"objectId": owner, "severity": severity} | ({"code": code} if code else {}) | {"message": message}


def _definition(error: InvalidDefinition, request_id: str) -> Reply:
    status = 409 if error.stored else 400
    reply = _shaped(status, "InvalidDefinition", str(error)[:LONGEST_MESSAGE], request_id, field="definition")
    reply.body["error"]["findings"] = findings(error.errors, "error")
    return reply


def _refusal(refused: Refused, request_id: str) -> Reply:
    found = {"field": refused.field, "expected": refused.expected}
    return _shaped(refused.status, refused.code, str(refused), request_id, **found)


def _fault(error: Exception, operation: str, request_id: str) -> Reply:
    # Where it happened, and of what kind it is; the exception's own text may quote the request.
    _LOG.error("rest.failed", extra={"operation": operation, "answered": request_id, **whereabouts(error)})
    retry = " It may pass: try again." if isinstance(error, DataPipelineError) else ""
    return _shaped(500, "InternalError", f"Internal error, request {request_id}.{retry}", request_id)


def _shaped(status: int, code: str, message: str, request_id: str, **more: str) -> Reply:
    texts = {"message": message} | {name: text for name, text in more.items() if text}
    error: dict[str, Any] = {"code": code} | {name: UNKEPT.sub("?", text) for name, text in texts.items()}
    return Reply({"error": error | {"requestId": request_id}}, status=status)
