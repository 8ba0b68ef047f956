"""Who may pass: the authorizer that a route names, applied to one request."""

from chalice.app import IAMAuthorizer, RouteEntry

from local.gateway.exchange import Answer, Incoming, refusal
from local.identity import Caller, caller_of


def authorized(route: RouteEntry, request: Incoming) -> Caller | Answer | None:
    """The caller; None where nobody signed and nobody had to; the refusal where somebody had to."""
    caller = caller_of(request.headers, dict(request.query))
    if isinstance(route.authorizer, IAMAuthorizer) and caller is None:
        return refusal(403, "Missing Authentication Token")
    return caller
