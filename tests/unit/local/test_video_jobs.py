"""Which analyses of stored video are begun, and what is known of them until they end."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from local.vision.images import Refused
from local.vision.jobs import MOST_AT_ONCE, Job, Jobs, Outcome


class Gate:
    """Analyses that wait until they may end; `ended` counts those that have been told of."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.ended = threading.Semaphore(0)
        self.jobs = Jobs(self._analyse, lambda *_: self.ended.release())

    def _analyse(self, job: Job, stopped: threading.Event) -> Outcome:
        if not stopped.is_set():
            self.may_end.wait()
        return Outcome(found=[job.request["name"]])

    def open(self, count: int) -> None:
        """Let them end, and wait for so many."""
        self.may_end.set()
        for _ in range(count):
            self.ended.acquire()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.may_end.set()


def test_no_more_are_begun_at_once_than_the_service_allows(gate: Gate) -> None:
    begun = [gate.jobs.started("Start", {"name": number}) for number in range(MOST_AT_ONCE)]
    assert len(set(begun)) == MOST_AT_ONCE
    with pytest.raises(Refused) as refused:
        gate.jobs.started("Start", {"name": "late"})
    assert refused.value.code == "LimitExceededException"
    gate.open(MOST_AT_ONCE)
    assert gate.jobs.started("Start", {"name": "late"})


def test_the_token_of_a_job_is_no_new_one_even_when_there_are_too_many(gate: Gate) -> None:
    first = gate.jobs.started("Start", {"name": 0, "ClientRequestToken": "a"})
    for number in range(MOST_AT_ONCE - 1):
        gate.jobs.started("Start", {"name": number})
    assert gate.jobs.started("Start", {"name": 0, "ClientRequestToken": "a"}) == first


def test_a_job_has_no_outcome_until_it_ends(gate: Gate) -> None:
    job = gate.jobs.started("Start", {"name": "door"})
    assert gate.jobs.found("Start", job)[1] is None
    gate.open(1)
    assert gate.jobs.found("Start", job)[1] == Outcome(found=["door"])


def test_an_analysis_that_breaks_is_over_all_the_same(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: SimpleQueue[type[BaseException]] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", lambda told: broken.put(told.exc_type))
    gate.may_end.set()
    job = gate.jobs.started("Start", {})  # it has no name
    assert broken.get() is KeyError
    _, outcome = gate.jobs.found("Start", job)
    assert outcome == Outcome("Internal server error")


def test_what_goes_on_is_broken_off_and_what_waits_its_turn_does_not_hold_up_the_end() -> None:
    def until_stopped(_: Job, stopped: threading.Event) -> Outcome:
        stopped.wait()
        return Outcome("broken off")

    jobs = Jobs(until_stopped, lambda *_: None)
    begun = [jobs.started("Start", {"name": number}) for number in range(5)]
    jobs.stop()
    assert [jobs.found("Start", job)[1] for job in begun] == [Outcome("broken off")] * 5
