"""Requests as the AWS SDKs sign them, for the gateway in process."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.gateway.exchange import Incoming

HOST = "penstock.invalid"


def signed(
    method: str,
    target: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    key: str = "123456789012",
    secret: str | None = None,
    token: str | None = None,
    service: str = "execute-api",
    at: timedelta = timedelta(0),
) -> Incoming:
    """A request to `target` (path and query, encoded) signed in its headers, `at` from now."""
    request = AWSRequest(method, f"http://{HOST}{target}", dict(headers or {}), body)
    signer = botocore.auth.SigV4Auth(Credentials(key, secret or key, token), service, "us-east-1")
    _sign_at(signer, request, at)
    return sent(request)


def presigned(
    target: str, *, key: str = "me", secret: str | None = None, at: timedelta = timedelta(0), seconds: int = 60
) -> Incoming:
    """A GET that carries its signature, good for so many seconds, in its query."""
    request = AWSRequest("GET", f"http://{HOST}{target}", {}, b"")
    signer = botocore.auth.SigV4QueryAuth(Credentials(key, secret or key), "execute-api", "us-east-1", expires=seconds)
    _sign_at(signer, request, at)
    return sent(request)


def sent(request: AWSRequest) -> Incoming:
    """The request as it arrives."""
    prepared = request.prepare()
    address = urlsplit(prepared.url)
    headers = {name.lower(): text(value) for name, value in prepared.headers.items()} | {"host": address.netloc}
    target = f"{address.path}?{address.query}" if address.query else address.path
    body = prepared.body if isinstance(prepared.body, bytes) else (prepared.body or "").encode()
    pairs = tuple((unquote(name), unquote(value)) for name, _, value in _parts(address.query))
    return Incoming(prepared.method, unquote(address.path), pairs, headers, body, target)


def text(value: str | bytes) -> str:
    """A header as text."""
    return value if isinstance(value, str) else value.decode("latin-1")


def _parts(query: str) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in query.split("&") if part]


def _sign_at(signer: Any, request: AWSRequest, at: timedelta) -> None:
    request.context["timestamp"] = f"{datetime.now(UTC) + at:%Y%m%dT%H%M%SZ}"
    signer._modify_request_before_signing(request)  # what add_auth does, except that that takes its own time
    canonical = signer.canonical_request(request)
    signer._inject_signature_to_request(request, signer.signature(signer.string_to_sign(request, canonical), request))
