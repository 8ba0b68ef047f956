"""Somebody at a browser and a program at the token endpoint, without sockets."""

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import boto3

from local.cognito.directory import Directory
from local.cognito.door import Door
from local.cognito.pool import PASSWORD, UserPool, create
from local.gateway.exchange import Answer, Incoming

BACK = "http://localhost:1/console"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Signer:
    """A user pool with its door, and what is asked of it."""

    cognito: Any
    pool: UserPool
    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        directory = Directory(self.cognito, self.pool.id)
        self.door = Door("http://sign-in.invalid", self.pool.arn, directory, lambda: self.time)

    def later(self, **length: float) -> None:
        """Let time pass."""
        self.time += timedelta(**length)

    def get(self, target: str, **headers: str) -> Answer:
        address = urlsplit(target)
        return self.door.answer(Incoming("GET", address.path, tuple(parse_qsl(address.query)), headers, b""))

    def post(self, target: str, form: dict[str, str], **headers: str) -> Answer:
        address = urlsplit(target)
        body = urlencode(form).encode()
        return self.door.answer(Incoming("POST", address.path, tuple(parse_qsl(address.query)), FORM | headers, body))

    def asking(self, **other: str) -> str:
        """The query of an authorization request."""
        given = {
            "client_id": self.pool.console,
            "response_type": "code",
            "redirect_uri": BACK,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "s-1",
        }
        return urlencode({name: value for name, value in (given | other).items() if value})

    def login(self, username: str = "writer", password: str = PASSWORD, **other: str) -> Answer:
        """Name and password, typed in."""
        return self.post(f"/login?{self.asking(**other)}", {"username": username, "password": password})

    def code(self, **given: str) -> str:
        """The code that signing in leads to."""
        return led(self.login(**given))["code"]

    def exchange(self, code: str, **other: str) -> Answer:
        """A code for tokens."""
        given = {"grant_type": "authorization_code", "client_id": self.pool.console, "code": code}
        return self.post("/oauth2/token", given | {"redirect_uri": BACK, "code_verifier": VERIFIER} | other)

    def tokens(self, **given: str) -> dict[str, Any]:
        """The tokens of somebody who signed in."""
        return told(self.exchange(self.code(**given)))

    def refresh(self, token: str, **other: str) -> Answer:
        given = {"grant_type": "refresh_token", "client_id": self.pool.console, "refresh_token": token}
        return self.post("/oauth2/token", given | other)

    def machine(self, secret: str | None = None, **form: str) -> Answer:
        """A program asks for itself."""
        words = f"{self.pool.machine}:{self.pool.machine_secret if secret is None else secret}".encode()
        basic = f"Basic {base64.b64encode(words).decode()}"
        return self.post("/oauth2/token", {"grant_type": "client_credentials"} | form, authorization=basic)


def made() -> Signer:
    """One with a pool of its own. Within mock_aws."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    cognito = boto3.client("cognito-idp", region_name="us-east-1", **keys)
    return Signer(cognito, create(cognito, "test", [BACK]))


def led(answer: Answer) -> dict[str, str]:
    """The query of the address that a browser is sent to."""
    assert answer.status == 302, answer.body
    return {name: values[0] for name, values in parse_qs(urlsplit(dict(answer.headers)["Location"]).query).items()}


def told(answer: Answer) -> dict[str, Any]:
    """A JSON answer."""
    found: dict[str, Any] = json.loads(answer.body)
    return found


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def shown(answer: Answer) -> str:
    """A page's text."""
    return re.sub(r"<style>.*</style>", "", answer.body.decode(), flags=re.DOTALL)
