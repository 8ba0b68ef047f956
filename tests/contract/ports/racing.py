"""Several threads doing the same thing at the same time."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

T = TypeVar("T")

# moto 5.2.5 checks a DynamoDB condition and then writes, without a lock: two threads may both pass the condition.
WRITES_ATOMICALLY = pytest.mark.parametrize("store", ["memory", "file", "ministack"], indirect=True)


def race(runners: int, action: Callable[[int], T]) -> Sequence[T]:
    """Call `action` with 0, 1, … in as many threads, all released at once; return their answers in that order."""
    gate = threading.Barrier(runners)

    def run(number: int) -> T:
        gate.wait()
        return action(number)

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(run, range(runners)))
