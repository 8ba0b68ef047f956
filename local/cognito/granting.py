"""The token endpoint: codes, refresh tokens and client credentials become tokens, once and by whom they are for.

Stricter than Cognito in one thing: a client without a secret needs PKCE.
Source: Cognito Developer Guide, "Token endpoint", "Revoke endpoint", "UserInfo endpoint"
"""

import base64
import binascii
import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

from local.cognito.asking import Asking
from local.cognito.directory import Client, Directory
from local.cognito.tokens import Issuer, Person, Session
from local.cognito.vault import Vault
from local.gateway.tokens import BadToken, claims_of

CODE_LASTS = timedelta(minutes=5)
OPENID = ("openid", "email", "profile", "phone", "aws.cognito.signin.user.admin")
"""Scopes about a person, which a machine has no use for."""
Fields = Mapping[str, str]
Told = dict[str, Any]


@dataclass(unsafe_hash=True)
class Failed(Exception):
    """An error of OAuth 2.0."""

    error: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person permitted a client."""

    client: str
    username: str
    scopes: tuple[str, ...]
    session: Session
    address: str = ""
    challenge: str = ""


class Granting:
    """The grants of one user pool."""

    def __init__(self, directory: Directory, issuer: Issuer, now: Callable[[], datetime]) -> None:
        self._directory = directory
        self._issuer = issuer
        self._now = now
        self._codes: Vault[Granted] = Vault(now)
        self._refreshes: Vault[Granted] = Vault(now)
        self._revoked: set[str] = set()

    def code(self, asking: Asking, username: str, signed_in: datetime) -> str:
        """A code for what was asked, to be exchanged once within five minutes."""
        session = Session(str(uuid.uuid4()), signed_in, asking.nonce)
        granted = Granted(asking.client.id, username, asking.scopes, session, asking.address, asking.challenge)
        return self._codes.keep(granted, CODE_LASTS)

    def tokens(self, form: Fields, authorization: str) -> Told:
        """Answer the token endpoint. Raises Failed."""
        client = self._client(form, authorization)
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(client, form)
            case "refresh_token":
                return self._by_refresh(client, form)
            case "client_credentials":
                return self._by_credentials(client, form)
            case None:
                raise Failed("invalid_request")
            case _:
                raise Failed("unsupported_grant_type")

    def revoke(self, form: Fields, authorization: str) -> None:
        """Forget a refresh token; its access tokens tell nothing more here, and stay good elsewhere. Raises Failed."""
        client = self._client(form, authorization)
        token = form.get("token", "")
        if token.count(".") == 2:
            raise Failed("unsupported_token_type")
        granted = self._refreshes.find(token)
        if granted is not None and granted.client == client.id:
            self._refreshes.take(token)
            self._revoked.add(granted.session.origin)

    def about(self, authorization: str) -> Told:
        """Answer the userInfo endpoint. Raises Failed."""
        pools = {self._issuer.arn: self._issuer}.get
        try:
            claims = claims_of(authorization, [self._issuer.arn], ["openid"], pools, self._now())
        except BadToken as error:
            raise Failed("invalid_token", 401) from error
        person = self._directory.person(claims.get("username", ""))
        if person is None or claims.get("origin_jti") in self._revoked:
            raise Failed("invalid_token", 401)
        email = {"email": person.email, "email_verified": "true"} if person.email else {}
        return {"sub": person.subject, "username": person.username, **email}

    def _client(self, form: Fields, authorization: str) -> Client:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization:
            client_id, secret = _basic(authorization)
        client = self._directory.client(client_id)
        if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise Failed("invalid_client")
        return client

    def _by_code(self, client: Client, form: Fields) -> Told:
        granted = self._codes.take(form.get("code", ""))
        if granted is None or granted.client != client.id or granted.address != form.get("redirect_uri"):
            raise Failed("invalid_grant")
        if granted.challenge and not _proves(form.get("code_verifier", ""), granted.challenge):
            raise Failed("invalid_grant")
        return self._personal(client, granted) | {"refresh_token": self._refreshes.keep(granted, client.refresh_lasts)}

    def _by_refresh(self, client: Client, form: Fields) -> Told:
        granted = self._refreshes.find(form.get("refresh_token", ""))
        if granted is None or granted.client != client.id:
            raise Failed("invalid_grant")
        return self._personal(client, granted)

    def _by_credentials(self, client: Client, form: Fields) -> Told:
        if "client_credentials" not in client.flows:
            raise Failed("unauthorized_client")
        permitted = tuple(scope for scope in client.scopes if scope not in OPENID)
        scopes = tuple(form.get("scope", "").split()) or permitted
        if not set(scopes) <= set(permitted):
            raise Failed("invalid_scope")
        return self._told(client, self._issuer.access_token(client.id, scopes, client.access_lasts))

    def _personal(self, client: Client, granted: Granted) -> Told:
        person = self._directory.person(granted.username)
        if person is None:
            raise Failed("invalid_grant")
        access = self._issuer.access_token(client.id, granted.scopes, client.access_lasts, person, granted.session)
        return self._told(client, access) | self._identity(client, granted, person)

    def _identity(self, client: Client, granted: Granted, person: Person) -> Told:
        if "openid" not in granted.scopes:
            return {}
        return {"id_token": self._issuer.id_token(client.id, person, granted.session, client.id_lasts)}

    def _told(self, client: Client, access: str) -> Told:
        return {
            "access_token": access,
            "expires_in": int(client.access_lasts.total_seconds()),
            "token_type": "Bearer",
        }


def _basic(authorization: str) -> tuple[str, str]:
    try:
        words = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Failed("invalid_client") from error
    client_id, _, secret = words.partition(":")
    return unquote(client_id), unquote(secret)


def _proves(verifier: str, challenge: str) -> bool:
    made = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(made, challenge)
