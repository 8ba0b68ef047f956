"""What a client asks of the authorization endpoint: is it allowed to, and where does the answer go?

Source: Cognito Developer Guide, "Authorize endpoint"; RFC 6749 section 4.1, RFC 7636
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from local.cognito.directory import Client

Fields = Mapping[str, str]
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(unsafe_hash=True)
class NotTold(Exception):
    """The client or its address is unknown, so the answer goes nowhere but to the person before the page."""

    reason: str


@dataclass(unsafe_hash=True)
class Declined(Exception):
    """The client is told why, by way of its address."""

    address: str
    error: str
    reason: str
    state: str = ""

    def location(self) -> str:
        """Where the browser is sent."""
        return led_to(self.address, {"error": self.error, "error_description": self.reason, "state": self.state})


@dataclass(frozen=True, slots=True)
class Asking:
    """One request for a code."""

    client: Client
    address: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    nonce: str


def asked(fields: Fields, find: Callable[[str], Client | None]) -> Asking:
    """The request in a query. Raises NotTold, Declined."""
    client = find(fields.get("client_id", ""))
    if client is None:
        raise NotTold("There is no client of this client_id.")
    address, state = fields.get("redirect_uri", ""), fields.get("state", "")
    if address not in client.back_to:
        raise NotTold("The redirect_uri is none of the client's callback URLs.")
    if fields.get("response_type") != "code" or "code" not in client.flows:
        raise Declined(address, "unsupported_response_type", "Expected response_type=code and a client for it", state)
    challenge = fields.get("code_challenge", "")
    if challenge and fields.get("code_challenge_method") != "S256":
        raise Declined(address, "invalid_request", "Expected code_challenge_method=S256", state)
    if (challenge or not client.secret) and not _CHALLENGE.fullmatch(challenge):
        raise Declined(
            address, "invalid_request", "Expected a code_challenge: a client without a secret needs it", state
        )
    scopes = tuple(fields.get("scope", "").split()) or client.scopes
    if not set(scopes) <= set(client.scopes):
        raise Declined(address, "invalid_scope", "Expected scopes that the client may ask for", state)
    return Asking(client, address, scopes, state, challenge, fields.get("nonce", ""))


def led_to(address: str, more: Fields) -> str:
    """An address with more in its query; empty values are left out."""
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode({name: value for name, value in more.items() if value})}"
