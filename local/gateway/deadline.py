"""How long the gateway waits for the application. What it gave up on goes on, as a function does."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises. Raises TimeoutError when it takes longer than `seconds`."""
    future: Future[T] = Future()
    # Of its own and not of a pool: a pool's threads are waited for when the process ends, a long poll's 20 seconds too.
    threading.Thread(target=_settle, args=(future, call), name="call", daemon=True).start()
    return future.result(seconds)


def _settle(future: "Future[T]", call: Callable[[], T]) -> None:
    try:
        found = call()
    except Exception as error:  # noqa: BLE001  raised again where the call was asked for
        future.set_exception(error)
    else:
        future.set_result(found)
