"""Bearer tokens: is the token one of the pool's, is it still good, and does it permit what the route asks?

API Gateway takes an access token where a route names scopes, and an ID token where it names none. Any one of the named
scopes is enough. Whatever is wrong, the answer is 401. That a refresh token was revoked is not asked, as on AWS: an
access token is good until it ends.
Source: API Gateway Developer Guide, "Control access to REST APIs using Amazon Cognito user pools as an authorizer"
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from local.gateway.exchange import Refusal

ALGORITHMS = ["RS256"]


class Pool(Protocol):
    """A user pool as the gateway knows it: the issuer's name and public keys."""

    @property
    def url(self) -> str:
        """What `iss` has to be."""

    def public_keys(self) -> Mapping[str, Any]:
        """Its JSON Web Key Set."""


Pools = Callable[[str], Pool | None]
"""The pool of an ARN."""


@dataclass(unsafe_hash=True)
class BadToken(Exception):
    """Nobody passes with this token."""

    message: str = "Unauthorized"

    def refusal(self) -> Refusal:
        """How the gateway says so."""
        return Refusal(401, "UNAUTHORIZED", self.message, "UnauthorizedException")


def claims_of(header: str, arns: Sequence[str], scopes: Sequence[str], pools: Pools, now: datetime) -> dict[str, str]:
    """The claims of the token in an Authorization header, as the application is told them. Raises BadToken."""
    token = header.removeprefix("Bearer ").strip()
    claims = _verified(token, [pool for pool in map(pools, arns) if pool is not None])
    if float(claims["exp"]) <= now.timestamp():
        raise BadToken("The incoming token has expired")
    if claims.get("token_use") != ("access" if scopes else "id"):
        raise BadToken
    if scopes and not set(scopes) & set(str(claims.get("scope", "")).split()):
        raise BadToken
    return {name: _told(name, value) for name, value in claims.items()}


def _verified(token: str, pools: Sequence[Pool]) -> Mapping[str, Any]:
    for pool in pools:
        claims = _claims(token, pool)
        if claims is not None and claims.get("iss") == pool.url and isinstance(claims.get("exp"), int | float):
            return claims
    raise BadToken


def _claims(token: str, pool: Pool) -> Mapping[str, Any] | None:
    """What the pool signed; None when it did not."""
    keys = KeySet.import_key_set(pool.public_keys())  # type: ignore[arg-type]  # its type names every member of a key
    try:
        return jwt.decode(token, keys, ALGORITHMS).claims
    except (JoseError, ValueError):
        return None


def _told(name: str, value: Any) -> str:
    """Lists are joined by commas and times written out, as API Gateway does."""
    if name in ("exp", "iat"):
        return f"{datetime.fromtimestamp(value, UTC):%a %b %d %H:%M:%S UTC %Y}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
