"""The order of things at the gateway, for one request after another.

1. Path and method: 404 and 405, preflights.            6. Compressed bodies are unpacked: 415.
2. Size: 413.                                           7. Required parameters and bodies: 400.
3. The authorizer: 401 and 403.                         8. Kept answers.
4. The API key: 403.                                    9. The application, within 29 seconds: 502 and 504.
5. Rates and quotas: 429.                              10. Compression, and the access log's line.

Rules 4, 5, 7, 8 and 10 are the stage's (rules.py), the third the guard's (authorize.py).
"""

import uuid
from dataclasses import dataclass, replace
from functools import partial

from chalice.app import Chalice
from chalice.local import LocalChalice

from deploy.gateway.mocks import ELSEWHERE
from deploy.methods import Method
from local.gateway.access_lines import Handled, line_of
from local.gateway.authorize import Admission, Guard
from local.gateway.deadline import within
from local.gateway.encoding import NotUnpacked, Unpacked, packed, unpacked
from local.gateway.exchange import LARGEST_BODY, Answer, Incoming, Refusal
from local.gateway.kept import Wish, key_of, warned
from local.gateway.proxy import payload_bytes, proxy_event, rendered
from local.gateway.routes import Route, match_route
from local.gateway.rules import Rules, mock_refusal, rules_of
from local.invoke import Context

LARGEST_PAYLOAD = 6 * 1024 * 1024
"""Of a function's event and of its answer. Source: Lambda quotas"""
GATEWAY_SECONDS = 29
NO_KEY = Refusal(403, "INVALID_API_KEY", "Forbidden", "ForbiddenException")
TOO_LARGE = Refusal(413, "REQUEST_TOO_LARGE", "Request Too Long")
NOT_READ = Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
TOO_LATE = Refusal(504, "INTEGRATION_TIMEOUT", "Endpoint request timed out")
NO_ANSWER = Refusal(502, "INTEGRATION_FAILURE", "Internal server error")
NOT_FRESH = Refusal(403, "ACCESS_DENIED", "Access Denied")


@dataclass(frozen=True, slots=True)
class Passing:
    """A request that found its method."""

    request: Incoming
    route: Route
    method: Method
    admitted: Admission
    request_id: str


class Gateway:
    """The application behind HTTP semantics, without the sockets."""

    def __init__(
        self,
        app: Chalice,
        guard: Guard | None = None,
        rules: Rules | None = None,
        seconds: float = GATEWAY_SECONDS,
    ) -> None:
        # Chalice keeps the current request on the app object; this class of its own keeps it per thread.
        app.__class__ = LocalChalice
        self._app = app
        self._guard = guard or Guard()
        self._rules = rules or rules_of(app)
        self._seconds = seconds
        self._patterns = tuple(app.routes)

    def answer(self, request: Incoming) -> Answer:
        """Whatever API Gateway would answer with this stage."""
        request_id, began = str(uuid.uuid4()), self._rules.now()
        route = match_route(self._patterns, request.sent[0])
        found = self._routed(request, route, request_id)
        plain = self._rules.refused(found, request_id) if isinstance(found, Refusal) else found
        accepted = request.headers.get("accept-encoding", "")
        answer = packed(plain, accepted, self._rules.stage.minimum_compression_bytes)
        if self._rules.stage.logs.access:
            resource = route.resource if route else ELSEWHERE
            refusal = found.response if isinstance(found, Refusal) else "-"
            handled = Handled(request_id, resource, began, self._rules.now(), refusal)
            self._rules.record(line_of(request, answer, handled))
        return answer

    def _routed(self, request: Incoming, route: Route | None, request_id: str) -> Answer | Refusal:
        if route is None:
            return mock_refusal(404, "NotFound", "There is no such path", request_id)
        method = self._rules.methods.get((route.resource, request.method))
        if method is not None:
            return self._admitted(request, route, method, request_id)
        verbs = self._rules.verbs(route.resource)
        origin = request.headers.get("origin", "")
        answer = self._rules.preflight(route.resource, origin) if request.method == "OPTIONS" else None
        expected = f"Expected {' or '.join(verbs)}"
        return answer or mock_refusal(405, "MethodNotAllowed", expected, request_id, Allow=", ".join(verbs))

    def _admitted(self, request: Incoming, route: Route, method: Method, request_id: str) -> Answer | Refusal:
        if request.unread or len(request.body) > LARGEST_BODY:
            return TOO_LARGE
        admitted = self._guard.admitted(self._app.routes[route.resource][request.method], request)
        if isinstance(admitted, Refusal):
            return admitted
        key = self._rules.keys.get(request.headers.get("x-api-key", "")) if method.key_required else None
        if method.key_required and key is None:
            return NO_KEY
        refused = self._rules.rates.refusal(method, key, self._rules.now())
        if refused is not None:
            return Refusal(429, refused, "Too Many Requests", "TooManyRequestsException")
        return self._read(Passing(request, route, method, _with_key(admitted, key), request_id))

    def _read(self, passing: Passing) -> Answer | Refusal:
        try:
            request = unpacked(passing.request, LARGEST_BODY)
        except NotUnpacked:
            return NOT_READ
        except Unpacked:
            return TOO_LARGE
        fault = self._rules.models.fault(passing.method, request)
        if fault is not None:
            return Refusal(400, *fault)
        read = replace(passing, request=request)
        return self._kept(read) if self._rules.answers.keeps(passing.method) else self._invoked(read)

    def _kept(self, passing: Passing) -> Answer | Refusal:
        answers, now = self._rules.answers, self._rules.now()
        wish, key = answers.wish(passing.request), key_of(passing.method, passing.route, passing.request)
        if wish is Wish.REFUSED:
            return NOT_FRESH
        found = None if wish is Wish.GRANTED else answers.find(key, now)
        answer = found or self._invoked(passing)
        if isinstance(answer, Refusal):
            return answer
        if found is None:
            answers.keep(key, passing.method, answer, now)
        return warned(answer) if wish is Wish.WARNED else answer

    def _invoked(self, passing: Passing) -> Answer | Refusal:
        request = passing.request
        binary = self._is_binary(request.headers.get("content-type", ""))
        event = proxy_event(request, passing.route, passing.admitted, binary, passing.request_id)
        if payload_bytes(event) > LARGEST_PAYLOAD:
            return TOO_LARGE
        try:
            result = within(self._seconds, partial(self._app, event, Context("api_handler", GATEWAY_SECONDS)))
        except TimeoutError:
            return TOO_LATE
        answer = rendered(result)
        return NO_ANSWER if len(answer.body) > LARGEST_PAYLOAD else answer

    def _is_binary(self, content_type: str) -> bool:
        return content_type.split(";", maxsplit=1)[0].strip() in self._app.api.binary_types


def _with_key(admitted: Admission, key: str | None) -> Admission:
    """What the application learns of the key: its id, which here is its name."""
    return admitted if key is None else replace(admitted, identity={**admitted.identity, "apiKeyId": key})
