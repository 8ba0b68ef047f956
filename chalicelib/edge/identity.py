"""Who is calling, as API Gateway's IAM authorization says; in the embedded run its stand-in says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.service.access import Caller


@dataclass(frozen=True)
class Unidentified(Exception):
    """The gateway passed a request without saying whose it is."""

    def __str__(self) -> str:
        return "The caller is unknown: sign the request with AWS credentials"


def caller_of(context: Mapping[str, Any]) -> Caller:
    """The account and principal in a request context. Raises Unidentified when there is none."""
    identity = context.get("identity") or {}
    account = identity.get("accountId")
    if not account:
        raise Unidentified
    return Caller(str(account), str(identity.get("userArn") or identity.get("caller") or account))
