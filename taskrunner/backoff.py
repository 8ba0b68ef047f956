"""Waiting longer after each failure, and never longer than somebody wants to stop."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from typing import TypeVar

from chalicelib.ports.errors import PortError

T = TypeVar("T")
_FIRST = timedelta(seconds=1)
_LONGEST = timedelta(seconds=60)


def pauses(random_part: Callable[[], float] = random.random) -> Iterator[timedelta]:
    """Pauses that double from one second to a minute, each shortened by up to a half so that runners do not align."""
    pause = _FIRST
    while True:
        yield pause * (1 - random_part() / 2)
        pause = min(pause * 2, _LONGEST)


def persist(act: Callable[[], T], tries: int, give_up: Event, wait: Callable[[float], object] | None = None) -> T:
    """Call until it succeeds, pausing after failures that may pass.

    Raises   the last failure after `tries`, at once one that will not pass, or when `give_up` is set
    """
    pause = wait or give_up.wait
    for number, length in enumerate(pauses(), 1):
        try:
            return act()
        except PortError as error:
            if not error.retryable or number >= tries or give_up.is_set():
                raise
        pause(length.total_seconds())
    raise AssertionError("pauses never end")
