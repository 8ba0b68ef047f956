"""One HTTP request and its response, as every part of the gateway sees them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode

LARGEST_BODY = 10 * 1024 * 1024
"""Of a request, packed or not. Source: Amazon API Gateway quotas, "Payload size"."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request; header names in lower case.

    path, query  decoded
    target       path and query as they were sent, which is what a signature covers; made from the decoded ones when
                 nobody sent them
    unread       the body was announced as larger than LARGEST_BODY, and nobody read it
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""
    unread: bool = False

    @property
    def sent(self) -> tuple[str, str]:
        """Path and query as they were sent."""
        if not self.target:
            return quote(self.path), urlencode(self.query, quote_via=quote)
        path, _, query = self.target.partition("?")
        return path, query


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the gateway answers without asking the application.

    response  API Gateway's type of the response: a stage may give each type a body of its own
    error     x-amzn-ErrorType, by which AWS clients know the error
    """

    status: int
    response: str
    message: str
    error: str = ""

    def answer(self) -> Answer:
        """The response as it is unless a stage says otherwise."""
        plain = refusal(self.status, self.message)
        named = (("x-amzn-ErrorType", self.error),) if self.error else ()
        return Answer(plain.status, (*plain.headers, *named), plain.body)


class Answering(Protocol):
    """Whatever stands behind a server."""

    def answer(self, request: Incoming) -> Answer:
        """The answer to one request."""


def refusal(status: int, message: str) -> Answer:
    """An answer that the gateway gives without asking the application."""
    return Answer(status, (("Content-Type", "application/json"),), json.dumps({"message": message}).encode())
