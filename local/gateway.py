"""API Gateway in front of the application: HTTP in, a REST-API proxy event to the Chalice app, its answer out.

A thread per connection, so that a long poll holds up nobody. Imitated: route matching, IAM authorization (see
identity.py), the API key, the 10 MB limit and the answers for unknown routes. Knows no operation of the service.
"""

import base64
import json
import logging
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from chalice.app import Chalice, IAMAuthorizer
from chalice.local import LocalChalice

from local.identity import Caller, caller_of
from local.invoke import Context

LOG = logging.getLogger(__name__)
LARGEST_BODY = 10 * 1024 * 1024
GATEWAY_SECONDS = 29
API_KEY = "penstock-local"
"""The one key that the embedded run's usage plan knows."""
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request; header names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Route:
    """A resource of the API that a path matches."""

    resource: str
    parameters: Mapping[str, str]


def match_route(patterns: tuple[str, ...], path: str) -> Route | None:
    """The first of `patterns` that `path` matches; literal segments win over `{name}` ones."""
    parts = path.strip("/").split("/")
    for pattern in sorted(patterns, key=lambda item: item.count("{")):
        captured = _captured(pattern.strip("/").split("/"), parts)
        if captured is not None:
            return Route(pattern, captured)
    return None


def _captured(wanted: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(wanted) != len(parts):
        return None
    captured = {}
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith("{"):
            captured[want[1:-1]] = unquote(part)
        elif want != part:
            return None
    return captured


def proxy_event(request: Incoming, route: Route, caller: Caller | None, binary: bool) -> Event:
    """The event that API Gateway makes of a request (REST API, Lambda proxy integration)."""
    multi: dict[str, list[str]] = {}
    for key, value in request.query:
        multi.setdefault(key, []).append(value)
    identity = {"sourceIp": "127.0.0.1", "userAgent": request.headers.get("user-agent", "")}
    return {
        "resource": route.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": {key: [value] for key, value in request.headers.items()},
        "queryStringParameters": {key: values[-1] for key, values in multi.items()} or None,
        "multiValueQueryStringParameters": multi or None,
        "pathParameters": dict(route.parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": route.resource,
            "httpMethod": request.method,
            "path": request.path,
            "stage": "local",
            "requestId": str(uuid.uuid4()),
            "accountId": caller.account if caller else None,
            "identity": identity | (caller.identity() if caller else {}),
        },
        "body": base64.b64encode(request.body).decode() if binary else request.body.decode("utf-8", "replace") or None,
        "isBase64Encoded": binary,
    }


class Gateway:
    """The application behind HTTP semantics, without the sockets."""

    def __init__(self, app: Chalice) -> None:
        # Chalice keeps the current request on the app object; this class of its own keeps it per thread.
        app.__class__ = LocalChalice
        self._app = app
        self._patterns = tuple(app.routes)

    def answer(self, request: Incoming) -> Answer:
        """Route, authorize, invoke and render."""
        route = match_route(self._patterns, request.path)
        methods = self._app.routes.get(route.resource, {}) if route else {}
        if route is None or request.method not in methods:
            return refusal(403, "Missing Authentication Token")
        if len(request.body) > LARGEST_BODY:
            return refusal(413, "Request Too Long")
        caller = caller_of(request.headers, dict(request.query))
        if isinstance(methods[request.method].authorizer, IAMAuthorizer) and caller is None:
            return refusal(403, "Missing Authentication Token")
        if methods[request.method].api_key_required and request.headers.get("x-api-key") != API_KEY:
            return refusal(403, "Forbidden")
        event = proxy_event(request, route, caller, self._is_binary(request.headers.get("content-type", "")))
        return rendered(self._app(event, Context("api_handler", GATEWAY_SECONDS)))

    def _is_binary(self, content_type: str) -> bool:
        return content_type.split(";", maxsplit=1)[0].strip() in self._app.api.binary_types


class Answering(Protocol):
    """Whatever stands behind a server."""

    def answer(self, request: Incoming) -> Answer:
        """The answer to one request."""


def refusal(status: int, message: str) -> Answer:
    """An answer that the gateway gives without asking the application."""
    return Answer(status, (("Content-Type", "application/json"),), json.dumps({"message": message}).encode())


def rendered(result: Mapping[str, Any]) -> Answer:
    """The HTTP response of a proxy integration's result."""
    body = result.get("body") or ""
    content = base64.b64decode(body) if result.get("isBase64Encoded") else str(body).encode()
    headers = [(key, str(value)) for key, value in (result.get("headers") or {}).items()]
    for key, values in (result.get("multiValueHeaders") or {}).items():
        headers.extend((key, str(value)) for value in values)
    return Answer(int(result["statusCode"]), tuple(headers), content)


class _Connection(BaseHTTPRequestHandler):
    """Reads requests off one connection. The server carries the gateway."""

    protocol_version = "HTTP/1.1"
    server: "HttpServer"

    def _serve(self) -> None:
        address = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        request = Incoming(
            method=self.command,
            path=unquote(address.path),
            query=tuple(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(size),
        )
        answer = self.server.gateway.answer(request)
        try:
            self._send(answer)
        except ConnectionError:
            # A runner that is ended in the middle of its long poll does not wait for the answer.
            LOG.info("client went away path=%s", request.path)
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 (http.server's names)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is http.server's)
        LOG.info("http %s", format % args)


class HttpServer(ThreadingHTTPServer):
    """Binds at construction, so that its address is known before the application exists; serves after `serve`."""

    daemon_threads = True
    request_queue_size = 128
    gateway: Answering

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Connection)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def serve(self, gateway: Answering) -> None:
        """Answer requests on threads of its own until `shutdown`."""
        self.gateway = gateway
        threading.Thread(target=self.serve_forever, name="gateway", daemon=True).start()
