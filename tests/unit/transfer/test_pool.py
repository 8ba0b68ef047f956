"""The bounded pool."""

from collections.abc import Iterator
from threading import Lock

import pytest

from chalicelib.transfer.pool import run_all


def test_every_item_is_done_once() -> None:
    assert sorted(run_all(lambda n: n * 2, range(100), 4, lambda: False)) == list(range(0, 200, 2))


def test_no_more_are_under_way_than_allowed() -> None:
    lock, busy, most = Lock(), [0], [0]

    def act(_: int) -> None:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        with lock:
            busy[0] -= 1

    list(run_all(act, range(200), 3, lambda: False))
    assert most[0] <= 3


def test_items_are_read_as_they_are_needed() -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    results = run_all(lambda n: n, items(), 2, lambda: False)
    next(results)
    assert len(read) <= 4
    results.close()


def test_the_first_error_ends_it() -> None:
    begun: list[int] = []

    def act(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError(number)

    with pytest.raises(ValueError, match="3"):
        list(run_all(act, range(1000), 2, lambda: False))
    assert len(begun) < 10


def test_nothing_is_begun_after_a_stop() -> None:
    begun: list[int] = []
    list(run_all(begun.append, range(1000), 2, lambda: len(begun) >= 10))
    assert 10 <= len(begun) <= 12
