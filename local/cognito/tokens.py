"""The tokens of a user pool: RS256 by a key of the pool's own, with the claims that Cognito puts into them.

Source: Cognito Developer Guide, "Understanding the access token", "Understanding the identity (ID) token"
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the pool. `subject` never changes and is never given to another."""

    subject: str
    username: str
    email: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One signing-in, which all tokens that follow from it name.

    origin  ties an access token to its refresh token
    """

    origin: str
    signed_in: datetime
    nonce: str = ""


class Issuer:
    """A user pool as the issuer of tokens. Its key is made when it is first needed and lives as long as the process."""

    def __init__(self, url: str, arn: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.url = url
        self.arn = arn
        self._now = now

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(KEY_BITS, {"kid": uuid.uuid4().hex, "use": "sig", "alg": ALGORITHM})

    def public_keys(self) -> dict[str, Any]:
        """The JSON Web Key Set that others verify tokens with."""
        return {"keys": [self._key.as_dict(private=False)]}

    def access_token(
        self,
        client: str,
        scopes: Sequence[str],
        lasts: timedelta,
        person: Person | None = None,
        session: Session | None = None,
    ) -> str:
        """An access token: of a person, or of the client itself."""
        signed_in = session.signed_in if session else self._now()
        claims = {
            "sub": person.subject if person else client,
            "token_use": "access",
            "scope": " ".join(scopes),
            "auth_time": _seconds(signed_in),
            "version": 2,
            "client_id": client,
        }
        if person is not None:
            claims |= {"username": person.username} | _groups(person)
        return self.signed(claims | _origin(session), lasts)

    def id_token(self, client: str, person: Person, session: Session, lasts: timedelta) -> str:
        """An ID token: who somebody is. No API takes it for permission."""
        claims = {
            "sub": person.subject,
            "aud": client,
            "token_use": "id",
            "auth_time": _seconds(session.signed_in),
            "cognito:username": person.username,
        }
        more = {"email": person.email, "email_verified": True} if person.email else {}
        nonce = {"nonce": session.nonce} if session.nonce else {}
        return self.signed(claims | more | nonce | _groups(person) | _origin(session), lasts)

    def signed(self, claims: Mapping[str, Any], lasts: timedelta) -> str:
        """A token with these claims and the usual ones: issuer, times, and an id of its own."""
        now = self._now()
        usual = {"iss": self.url, "iat": _seconds(now), "exp": _seconds(now + lasts), "jti": str(uuid.uuid4())}
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid}, usual | dict(claims), self._key)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _groups(person: Person) -> dict[str, Any]:
    return {"cognito:groups": list(person.groups)} if person.groups else {}


def _origin(session: Session | None) -> dict[str, str]:
    return {"origin_jti": session.origin} if session else {}
