"""Who may pass: the authorizer that a route names, applied to one request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalice.app import CognitoUserPoolAuthorizer, IAMAuthorizer, RouteEntry

from local.gateway.exchange import Incoming, Refusal
from local.gateway.policies import ACTION, permitted, route_arn
from local.gateway.signature import BadSignature, verified
from local.gateway.tokens import BadToken, Pools, claims_of
from local.identity import EmbeddedKeys, Keys

UNSIGNED = Refusal(
    403, "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token", "MissingAuthenticationTokenException"
)


@dataclass(frozen=True, slots=True)
class Admission:
    """What the gateway found out about a caller; nothing on a route that asks nobody.

    identity    the caller's part of `requestContext.identity`
    authorizer  `requestContext.authorizer`
    """

    identity: Mapping[str, str] = field(default_factory=dict)
    authorizer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """The authorizers of the API, with what they know."""

    keys: Keys = field(default_factory=EmbeddedKeys)
    pools: Pools = lambda _: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def admitted(self, route: RouteEntry, request: Incoming) -> Admission | Refusal:
        """Apply the route's authorizer. A route without one lets everybody pass, whatever they sent."""
        if isinstance(route.authorizer, IAMAuthorizer):
            return self._signed(request)
        if isinstance(route.authorizer, CognitoUserPoolAuthorizer):
            return self._bearing(route.authorizer, request)
        return Admission()

    def _signed(self, request: Incoming) -> Admission | Refusal:
        try:
            key = verified(request, self.keys, self.now())
        except BadSignature as error:
            return error.refusal()
        if key is None:
            return UNSIGNED
        resource = route_arn(request.method, request.path)
        if key.policies is not None and not permitted(key.policies, resource):
            said = f"User: {key.arn} is not authorized to perform: {ACTION} on resource: {resource}"
            return Refusal(403, "ACCESS_DENIED", said, "AccessDeniedException")
        return Admission(key.identity())

    def _bearing(self, authorizer: CognitoUserPoolAuthorizer, request: Incoming) -> Admission | Refusal:
        pools = authorizer.to_swagger()["x-amazon-apigateway-authorizer"]["providerARNs"]
        header = request.headers.get("authorization", "")
        try:
            claims = claims_of(header, pools, authorizer.scopes, self.pools, self.now())
        except BadToken as error:
            return error.refusal()
        return Admission(authorizer={"claims": claims})
