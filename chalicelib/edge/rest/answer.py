"""One request of one operation: who calls, may they, what do they ask, run it, render it. Nothing escapes as HTTP."""

import json
from dataclasses import replace

from chalice.app import Chalice, Request, Response

from chalicelib.edge.identity import caller_of, require
from chalicelib.edge.rest.contract import Operation, Reply
from chalicelib.edge.rest.decode import decode
from chalicelib.edge.rest.errors import failed
from chalicelib.edge.rest.idempotency import key_of, once
from chalicelib.edge.rest.table import SCHEMAS
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller

NOBODY = Caller("", "")
"""Who calls a public operation: nobody whose name matters."""


def answer(app: Chalice, operation: Operation, ports: Ports) -> Response:
    """Run the app's current request as `operation`. Whatever was sent, the answer is its reply or an error."""
    request = app.current_request
    if request is None:
        raise RuntimeError("answer is for routes: there is no request outside one")
    request_id = str(request.context.get("requestId") or ports.ids.fresh().lower())
    return _rendered(operation, _guarded(operation, request, ports, request_id), request_id)


def _guarded(operation: Operation, request: Request, ports: Ports, request_id: str) -> Reply:
    try:
        return _called(operation, request, ports, request_id)
    except Exception as error:  # noqa: BLE001  the one place where anything unexpected becomes an internal error
        return failed(error, operation.id, request_id)


def _called(operation: Operation, request: Request, ports: Ports, request_id: str) -> Reply:
    caller = NOBODY if operation.scope is None else caller_of(request.context)
    if operation.scope is not None:
        # the gateway's authorizer checked it; this holds where a stage was set up without one
        require(operation.scope, request.context)
    call = decode(operation, request, caller, request_id, SCHEMAS)
    keyed = replace(call, key=key_of(operation, call))
    return once(keyed, ports, lambda: operation.run(keyed, ports))


def _rendered(operation: Operation, reply: Reply, request_id: str) -> Response:
    headers: dict[str, str | list[str]] = {"x-amzn-RequestId": request_id, **reply.headers}
    status = reply.status or operation.status
    if reply.body is None:
        return Response("", headers, status)
    headers = {"Content-Type": "application/json", **headers}
    return Response(json.dumps(reply.body, ensure_ascii=False, separators=(",", ":")), headers, status)
