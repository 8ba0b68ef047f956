"""A route's request as a Call: path, query and body checked against what the operation declares.

The checks come in this order: body size, content type, path, query, body. The first fault is the answer's `field`;
the others are counted in its message.
"""

import json
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any
from urllib.parse import unquote

from chalice.app import Request

from chalicelib.edge.json_text import NotJson, parsed
from chalicelib.edge.rest.check import Fault, Names, faults
from chalicelib.edge.rest.contract import Call, Operation, Query, Refused, invalid
from chalicelib.edge.shapes import FORBIDDEN
from chalicelib.service.access import Caller

LARGEST_BODY_BYTES = 6_000_000
"""Lambda takes no larger event, and API Gateway answers 413 before it; this answers for those that just fit."""

LONGEST_ID = 1024
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")
_SPELLED = {"true": True, "false": False}


def decode(operation: Operation, request: Request, caller: Caller, request_id: str, names: Names) -> Call:
    """The call. Raises Refused (400, 404, 413, 415) naming what is wrong."""
    raw = _sized(request.raw_body)
    path = _path(operation, request.uri_params or {})
    query = _query(operation, request.query_params)
    filters = {name: value for name, value in query.items() if name not in ("cursor", "limit")}
    return Call(
        path=path,
        query=query,
        body=_body(operation, raw, request.headers.get("content-type", ""), names),
        headers={name.lower(): value for name, value in request.headers.items()},
        caller=caller,
        request_id=request_id,
        listing=json.dumps([operation.id, caller.account, path, filters], sort_keys=True),
        base=_base(request.context),
        prefix=str(request.context.get("resourcePath", "")).removesuffix(operation.path),
    )


def _base(context: Mapping[str, Any]) -> str:
    """What stands before the route in the path that was asked for."""
    resource, asked = str(context.get("resourcePath", "")), str(context.get("path", ""))
    return asked.removesuffix(resource) if asked.endswith(resource) else ""


def _sized(body: str | bytes) -> bytes:
    raw = body if isinstance(body, bytes) else str(body or "").encode("utf-8", "surrogatepass")
    if len(raw) > LARGEST_BODY_BYTES:
        expected = f"at most {LARGEST_BODY_BYTES} bytes"
        raise Refused(413, "TooLarge", f"The body has {len(raw)} bytes", field="body", expected=expected)
    return raw


def _path(operation: Operation, given: Mapping[str, str]) -> Mapping[str, str]:
    """Decoded names; API Gateway passes a path's escapes on as they were sent. Any text that may be an id is a name."""
    path = {name: unquote(given[name]) for name in operation.parameters}
    for name, value in path.items():
        if not 1 <= len(value) <= LONGEST_ID or FORBIDDEN.search(value):
            raise Refused(404, "NotFound", f"{name}: there is nothing of this name", field=name)
    return path


def _query(operation: Operation, given: Any) -> Mapping[str, Any]:
    known = {query.name: query for query in operation.query}
    sent: dict[str, list[str]] = {name: given.getlist(name) for name in given} if given else {}
    for name in sent:
        if name not in known:
            listed = f"one of {', '.join(known)}" if known else "no query parameters"
            raise invalid(name[:128], "is not a query parameter here", listed)
    return {name: _parameter(query, sent.get(name, [])) for name, query in known.items()}


def _parameter(query: Query, sent: list[str]) -> Any:
    if query.many:
        return tuple(_value(query, text) for text in sent)
    if len(sent) > 1:
        raise invalid(query.name, f"is given {len(sent)} times", "it once")
    if sent:
        return _value(query, sent[0])
    if query.required:
        raise invalid(query.name, "is missing", "it, since it is required")
    return query.schema.get("default")


def _value(query: Query, text: str) -> Any:
    value = _read(query.schema.get("type"), text)
    _refuse(faults(query.schema, value, {}, query.name))
    return value


def _read(kind: Any, text: str) -> Any:
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text) and isfinite(float(text)):
        return float(text)
    return _SPELLED.get(text, text) if kind == "boolean" else text


def _body(operation: Operation, raw: bytes, content_type: str, names: Names) -> Any:
    if operation.request is None:
        if raw:
            raise invalid("body", "is not asked for", "none")
        return None
    if not raw and operation.bodiless:
        return {}
    given = content_type.partition(";")[0].strip().lower()
    if given != "application/json":
        message = f"Content-Type is {given[:128]!r}"
        raise Refused(415, "UnsupportedMediaType", message, field="Content-Type", expected="application/json")
    value = _parsed(raw)
    _refuse(faults(operation.request, value, names, ""))
    return value


def _parsed(raw: bytes) -> Any:
    try:
        return parsed(raw)
    except NotJson as error:
        raise invalid("body", f"is not JSON in UTF-8 ({error})", "JSON") from error


def _refuse(found: Iterable[Fault]) -> None:
    listed = list(found)
    if listed:
        first, others = listed[0], len(listed) - 1
        message = first.message + (f" (and {others} more faults)" if others else "")
        raise invalid(first.field or "body", message, first.expected)
