"""Rates and patience, with a clock that only passes while somebody waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ports.errors import Denied, PortError, Throttled, Unavailable
from chalicelib.transfer.rate import Patience, Timer, TokenBucket, share_of

UNITS = st.floats(0, 500, allow_nan=False)


class Time:
    def __init__(self) -> None:
        self.now = 1000.0
        self.timer = Timer(lambda: self.now, self.pause)

    def pause(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@given(st.floats(0.25, 10_000), st.lists(UNITS, max_size=50))
def test_no_more_units_are_used_than_the_rate_allows(rate: float, wanted: list[float]) -> None:
    time = Time()
    bucket = TokenBucket(rate, time.timer)
    began, used = time.now, 0.0
    for units in wanted:
        assert bucket.wait(lambda: False)
        # Before each request, what was used fits the time that passed and the second that may be saved up.
        assert used <= rate * (time.now - began + 1.0) * 1.0001
        bucket.take(units)
        used += units


@given(st.floats(1, 10_000), st.lists(UNITS, min_size=1, max_size=50))
def test_nobody_waits_longer_than_what_is_owed(rate: float, wanted: list[float]) -> None:
    time = Time()
    bucket = TokenBucket(rate, time.timer)
    began = time.now
    for units in wanted:
        bucket.wait(lambda: False)
        bucket.take(units)
    assert time.now - began <= sum(wanted) / rate * 1.0001 + 0.01


def test_what_has_no_bound_never_waits() -> None:
    time = Time()
    bucket = TokenBucket(None, time.timer)
    bucket.take(1e9)
    assert bucket.wait(lambda: False)
    assert time.now == 1000.0


def test_waiting_ends_soon_when_it_is_time_to_stop() -> None:
    time = Time()
    bucket = TokenBucket(1.0, time.timer)
    bucket.take(1000.0)
    assert not bucket.wait(lambda: time.now > 1005)
    assert time.now < 1007


def patience(time: Time, stopped: bool = False) -> Patience:
    return Patience(time.timer, lambda: stopped, lambda _: None)


def exhaust(waiting: Patience, error: PortError, time: Time, pauses: list[float]) -> None:
    while True:
        before = time.now
        assert waiting.goes_on(error)
        pauses.append(time.now - before)


@pytest.mark.parametrize("error", [Throttled("read", "busy"), Unavailable("read", "away")])
def test_patience_grows_and_ends_after_ten_minutes(error: PortError) -> None:
    time = Time()
    pauses: list[float] = []
    with pytest.raises(type(error)):
        exhaust(patience(time), error, time, pauses)
    assert 600 <= time.now - 1000 <= 610
    assert pauses[:3] == pytest.approx([0.05, 0.1, 0.2])
    assert max(pauses) <= 10.001


def test_what_waiting_cannot_help_is_raised_at_once() -> None:
    time = Time()
    with pytest.raises(Denied):
        patience(time).goes_on(Denied("read", "no"))
    assert time.now == 1000.0


def test_patience_stops_when_it_is_time() -> None:
    assert not patience(Time(), stopped=True).goes_on(Throttled("read", "busy"))


@pytest.mark.parametrize(
    ("units", "ratio", "sharers", "rate"),
    [(100, 0.25, 1, 25), (100, 0.25, 5, 5), (2, 0.1, 1, 1), (None, 0.5, 10, 2000)],
)
def test_a_share_is_of_the_capacity_and_never_below_one_unit_for_all(
    units: float | None, ratio: float, sharers: int, rate: float
) -> None:
    assert share_of(units, ratio, sharers, 40_000) == rate
