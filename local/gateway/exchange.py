"""One HTTP request and its response, as every part of the gateway sees them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request; header names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Answering(Protocol):
    """Whatever stands behind a server."""

    def answer(self, request: Incoming) -> Answer:
        """The answer to one request."""


def refusal(status: int, message: str) -> Answer:
    """An answer that the gateway gives without asking the application."""
    return Answer(status, (("Content-Type", "application/json"),), json.dumps({"message": message}).encode())
