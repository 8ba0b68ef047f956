"""What ought to happen, from the rules alone. Nothing here is read from the application or its table of operations."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from local.gateway.exchange import Incoming

ALLOWED = "ok"
ROLES = {
    "readers": {"read"},
    "writers": {"read", "write"},
    "operators": {"read", "operate"},
    "admins": {"read", "write", "operate"},
}
CHECKS = {"validate", "preview", "evaluate"}
OPERATES = {
    *("activate", "deactivate", "pause", "resume", "rerun", "cancel", "markFinished"),
    *("backfills", "redrive", "replay"),
}


class Door(Enum):
    """How a route finds out who calls."""

    OPEN = "open"
    SIGNATURE = "signature"
    TOKEN = "token"
    KEY = "API key"


class Proof(Enum):
    """What a caller brings along."""

    NONE = "none"
    SIGNATURE = "signature"
    TOKEN = "token"
    KEY = "API key"


@dataclass(frozen=True)
class Owner:
    """Whose a pipeline is."""

    name: str
    account: str
    group: str | None = None


@dataclass(frozen=True)
class Identity:
    """One kind of caller, as the rules see it, and how it sends a request.

    groups  None for callers who are confined to none
    roles   None for callers who need none
    verbs   methods that IAM policies let a signer call; None for all
    """

    name: str
    send: Callable[[str, str, bytes], Incoming]
    proof: Proof = Proof.NONE
    account: str = ""
    groups: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    scopes: frozenset[str] = frozenset()
    verbs: frozenset[str] | None = None


def door(path: str) -> Door:
    """By the path."""
    if path in ("/datapipeline", "/") or path.startswith("/iam/v1/"):
        return Door.SIGNATURE
    if path.startswith("/v1/ingest/"):
        return Door.KEY
    if path in ("/v1/health", "/v1/openapi.json") or path.startswith("/console"):
        return Door.OPEN
    return Door.TOKEN


def scope(method: str, path: str) -> str:
    """By method and last word: looking and checking, making and changing, or running."""
    last = path.rpartition("/")[2]
    if method == "GET" or last in CHECKS:
        return "read"
    return "operate" if last in OPERATES else "write"


def expected(method: str, path: str, caller: Identity, owner: Owner | None) -> str:
    """`ok`, or the status of the refusal. `owner` is None for a route that names no pipeline."""
    match door(path):
        case Door.OPEN:
            return ALLOWED
        case Door.KEY:
            return _tenancy(caller, owner) if caller.proof is Proof.KEY else "403"
        case Door.SIGNATURE:
            signed = caller.proof is Proof.SIGNATURE and (caller.verbs is None or method in caller.verbs)
            return _tenancy(caller, owner) if signed else "403"
        case Door.TOKEN:
            return _by_token(scope(method, path), caller, owner)


def _by_token(needed: str, caller: Identity, owner: Owner | None) -> str:
    if caller.proof is not Proof.TOKEN or needed not in caller.scopes:
        return "401"
    if caller.roles is not None and not any(needed in ROLES[role] for role in caller.roles):
        return "403"
    return _tenancy(caller, owner)


def _tenancy(caller: Identity, owner: Owner | None) -> str:
    return ALLOWED if owner is None or sees(caller, owner) else "404"


def sees(caller: Identity, owner: Owner) -> bool:
    """Whether the owner's pipelines exist for the caller."""
    if caller.account != owner.account:
        return False
    everything = caller.groups is None or "admins" in (caller.roles or ())
    return owner.group is None or everything or owner.group in (caller.groups or ())
