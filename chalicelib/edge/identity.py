"""Who is calling and what they may do, as the gateway's authorizers say. Embedded, stand-ins say the same.

IAM     `requestContext.identity`: the signature's account, which may do everything its IAM policies let through
Cognito `requestContext.authorizer.claims` of an access token, of a person or of a machine (client credentials)

Cognito gives any signed-in person every scope that the client may ask for. What a person may do is therefore what the
token's scopes and the person's role groups both allow; a machine's scopes are fixed at its client and need no group:

1. `readers` read, `writers` read and write, `operators` read and operate, `admins` do everything.
2. A person in none of these groups may do nothing.
3. Every other group confines what its members see (service/access.py). A machine is of the groups `<name>` that its
   client's scopes `penstock-groups/<name>` name.

Source: Cognito Developer Guide, "Understanding the access token"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from chalicelib.domain.errors import Forbidden
from chalicelib.service.access import ADMINS, Caller

RESOURCE_SERVER = "penstock"
GROUP_SERVER = "penstock-groups"


class Scope(Enum):
    """What an operation asks of its caller, as it stands in access tokens."""

    READ = f"{RESOURCE_SERVER}/read"
    WRITE = f"{RESOURCE_SERVER}/write"
    OPERATE = f"{RESOURCE_SERVER}/operate"


ROLES: Mapping[str, frozenset[Scope]] = {
    "readers": frozenset({Scope.READ}),
    "writers": frozenset({Scope.READ, Scope.WRITE}),
    "operators": frozenset({Scope.READ, Scope.OPERATE}),
    ADMINS: frozenset(Scope),
}
"""Groups of the user pool that say what their members may do."""


@dataclass(frozen=True)
class Unidentified(Exception):
    """The gateway passed a request without saying whose it is."""

    reason: str = "The caller is unknown: sign the request with AWS credentials"

    def __str__(self) -> str:
        return self.reason


def caller_of(context: Mapping[str, Any]) -> Caller:
    """Account, principal and groups in a request context. Raises Unidentified when there is none."""
    claims = _claims(context)
    if claims is not None:
        return _token_holder(claims, context)
    identity = context.get("identity") or {}
    account = identity.get("accountId")
    if not account:
        raise Unidentified
    return Caller(str(account), str(identity.get("userArn") or identity.get("caller") or account))


def require(scope: Scope, context: Mapping[str, Any]) -> None:
    """Refuse a token holder who may not do what `scope` names; IAM callers pass, their policies were evaluated before.

    Raises   Forbidden that names the scope or the group that is missing
    """
    claims = _claims(context)
    if claims is None:
        return
    if scope.value not in _scopes(claims):
        raise Forbidden(f"The access token lacks the scope {scope.value}")
    if not _is_machine(claims) and not any(scope in ROLES.get(group, ()) for group in _groups(claims)):
        named = ", ".join(role for role, scopes in ROLES.items() if scope in scopes)
        raise Forbidden(f"{scope.value} is for members of one of the groups {named}")


def _token_holder(claims: Mapping[str, Any], context: Mapping[str, Any]) -> Caller:
    account, user = context.get("accountId"), claims.get("username") or _machine(claims) or claims.get("sub")
    if claims.get("token_use") != "access":
        raise Unidentified("Send the access token: an ID token says who somebody is, not what they may do")
    if not account or not user:
        raise Unidentified("The access token names nobody")
    confined = _machine_groups(claims) if _is_machine(claims) else _groups(claims)
    return Caller(str(account), str(user), confined - (ROLES.keys() - {ADMINS}))


def _claims(context: Mapping[str, Any]) -> Mapping[str, Any] | None:
    claims = (context.get("authorizer") or {}).get("claims")
    return claims if isinstance(claims, Mapping) else None


def _is_machine(claims: Mapping[str, Any]) -> bool:
    """Tokens of client credentials name no user; their subject is the client."""
    return not claims.get("username") and bool(claims.get("sub")) and claims["sub"] == claims.get("client_id")


def _machine(claims: Mapping[str, Any]) -> str | None:
    """What a machine is called wherever a person's name may stand; its token has no name of it, but the client's id."""
    return f"client {claims['client_id']}" if _is_machine(claims) else None


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(claims.get("scope") or "").split())


def _groups(claims: Mapping[str, Any]) -> frozenset[str]:
    """API Gateway joins a claim that is a list by commas, so a group's name must not have one."""
    found = claims.get("cognito:groups") or ()
    return frozenset(found.split(",") if isinstance(found, str) else map(str, found))


def _machine_groups(claims: Mapping[str, Any]) -> frozenset[str]:
    prefix = f"{GROUP_SERVER}/"
    return frozenset(scope.removeprefix(prefix) for scope in _scopes(claims) if scope.startswith(prefix))
