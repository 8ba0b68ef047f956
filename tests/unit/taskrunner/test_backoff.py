"""Pauses between tries."""

from itertools import islice
from threading import Event

import pytest

from chalicelib.ports.errors import Denied, Throttled
from taskrunner.backoff import pauses, persist


class Flaky:
    """Throttled so many times, then fine."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0
        self.waits: list[float] = []

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise Throttled("call", "slow down")
        return "done"


def test_pauses_double_up_to_a_minute() -> None:
    seconds = [pause.total_seconds() for pause in islice(pauses(lambda: 0.0), 8)]
    assert seconds == [1, 2, 4, 8, 16, 32, 60, 60]


def test_pauses_are_shortened_by_chance_by_up_to_a_half() -> None:
    seconds = [pause.total_seconds() for pause in islice(pauses(lambda: 1.0), 3)]
    assert seconds == [0.5, 1, 2]


def test_what_may_pass_is_tried_again() -> None:
    flaky = Flaky(2)
    assert persist(flaky, 3, Event(), flaky.waits.append) == "done"
    assert len(flaky.waits) == 2


def test_the_last_failure_is_told() -> None:
    flaky = Flaky(9)
    with pytest.raises(Throttled):
        persist(flaky, 3, Event(), flaky.waits.append)
    assert flaky.calls == 3


def test_what_will_not_pass_is_told_at_once() -> None:
    def refused() -> str:
        raise Denied("call", "no")

    with pytest.raises(Denied):
        persist(refused, 3, Event(), lambda _: None)
