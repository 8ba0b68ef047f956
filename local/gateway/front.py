"""The order of things at the gateway: route, limits, authorization, invocation."""

from chalice.app import Chalice
from chalice.local import LocalChalice

from local.gateway.authorize import Guard
from local.gateway.exchange import Answer, Incoming, Refusal, refusal
from local.gateway.proxy import proxy_event, rendered
from local.gateway.routes import match_route
from local.invoke import Context

LARGEST_BODY = 10 * 1024 * 1024
GATEWAY_SECONDS = 29
API_KEY = "penstock-local"
"""The one key that the embedded run's usage plan knows."""


class Gateway:
    """The application behind HTTP semantics, without the sockets."""

    def __init__(self, app: Chalice, guard: Guard | None = None) -> None:
        # Chalice keeps the current request on the app object; this class of its own keeps it per thread.
        app.__class__ = LocalChalice
        self._app = app
        self._guard = guard or Guard()
        self._patterns = tuple(app.routes)

    def answer(self, request: Incoming) -> Answer:
        """Route, authorize, invoke and render."""
        route = match_route(self._patterns, request.path)
        methods = self._app.routes.get(route.resource, {}) if route else {}
        if route is None or request.method not in methods:
            return refusal(403, "Missing Authentication Token")
        if len(request.body) > LARGEST_BODY:
            return refusal(413, "Request Too Long")
        admitted = self._guard.admitted(methods[request.method], request)
        if isinstance(admitted, Refusal):
            return admitted.answer()
        if methods[request.method].api_key_required and request.headers.get("x-api-key") != API_KEY:
            return refusal(403, "Forbidden")
        event = proxy_event(request, route, admitted, self._is_binary(request.headers.get("content-type", "")))
        return rendered(self._app(event, Context("api_handler", GATEWAY_SECONDS)))

    def _is_binary(self, content_type: str) -> bool:
        return content_type.split(";", maxsplit=1)[0].strip() in self._app.api.binary_types
