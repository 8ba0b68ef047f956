"""Gives DynamoDB's requests their turn, one after the other.

moto checks the condition of a write and then writes, without a lock: of two threads both may pass it, so that
one task is claimed twice. DynamoDB itself decides every conditional write alone.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_TARGET = "DynamoDB_"


def one_at_a_time(inner: Application) -> Application:
    """`inner`, with at most one request of DynamoDB's in it; other services' requests do not wait."""
    turn = threading.Lock()

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not str(environ.get("HTTP_X_AMZ_TARGET", "")).startswith(_TARGET):
            return inner(environ, start_response)
        with turn:
            return list(inner(environ, start_response))

    return application
