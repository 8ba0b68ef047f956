"""Periods and intervals, with the calendar's traps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Interval, Schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("15 minutes", Period(15, Unit.MINUTE)),
        ("1 hours", Period(1, Unit.HOUR)),
        ("1 Day", Period(1, Unit.DAY)),
        ("2 WEEKS", Period(2, Unit.WEEK)),
        (" 3 months ", Period(3, Unit.MONTH)),
        ("1 year", Period(1, Unit.YEAR)),
        ("1day", Period(1, Unit.DAY)),
    ],
)
def test_periods_are_read_in_any_case_and_number(text: str, period: Period) -> None:
    assert Period.parse(text) == period


@pytest.mark.parametrize(
    "text", ["", "15", "minutes", "0 days", "-1 day", "1.5 hours", "15 Period", "1 fortnight", "٣ days"]
)
def test_anything_else_is_refused_with_what_was_given(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


def test_months_keep_their_day_and_never_drift() -> None:
    monthly = Schedule(at("2026-01-31"), Period(1, Unit.MONTH))
    starts = [monthly.interval(index).start for index in range(4)]
    assert starts == [at("2026-01-31"), at("2026-02-28"), at("2026-03-31"), at("2026-04-30")]
    assert monthly.interval(1) == Interval(at("2026-02-28"), at("2026-03-31"))


def test_a_leap_day_comes_back_every_fourth_year() -> None:
    yearly = Schedule(at("2024-02-29"), Period(1, Unit.YEAR))
    assert [yearly.interval(index).start for index in (1, 4)] == [at("2025-02-28"), at("2028-02-29")]


def test_the_first_hourly_interval_of_a_month_ends_at_one() -> None:
    hourly = Schedule(at("2012-09-01"), Period(1, Unit.HOUR), end=at("2012-10-01"))
    assert hourly.interval(0).end == at("2012-09-01T01:00:00")
    assert hourly.has(719)
    assert not hourly.has(720)


def test_occurrences_bound_a_schedule() -> None:
    three = Schedule(at("2026-01-01"), Period(1, Unit.DAY), occurrences=3)
    assert [three.has(index) for index in (-1, 0, 2, 3)] == [False, True, True, False]


def test_a_schedule_ends_with_the_calendar() -> None:
    long = Schedule(at("9990-01-01"), Period(1, Unit.YEAR))
    assert long.has(9)
    assert not long.has(10_000)


def test_a_day_meets_its_24_hours_and_an_hour_its_day() -> None:
    hourly, daily = Schedule(at("2026-01-01"), Period(1, Unit.HOUR)), Schedule(at("2026-01-01"), Period(1, Unit.DAY))
    assert hourly.meeting(daily.interval(2)) == range(48, 72)
    assert daily.meeting(hourly.interval(50)) == range(2, 3)


def test_intervals_before_a_schedule_or_after_its_end_meet_nothing() -> None:
    late = Schedule(at("2026-02-01"), Period(1, Unit.DAY), occurrences=1)
    daily = Schedule(at("2026-01-01"), Period(1, Unit.DAY))
    assert list(late.meeting(daily.interval(0))) == []
    assert list(late.meeting(daily.interval(32))) == []
    assert list(late.meeting(daily.interval(31))) == [0]


periods = st.builds(Period, st.integers(1, 40), st.sampled_from([unit for unit in Unit if unit is not Unit.SECOND]))
starts = st.integers(0, 50 * 365 * 86_400).map(lambda seconds: at("1990-01-01") + timedelta(seconds=seconds))


@given(starts, periods, st.integers(0, 150))
def test_every_moment_of_an_interval_is_found_in_it(start: datetime, period: Period, index: int) -> None:
    schedule = Schedule(start, period)
    interval = schedule.interval(index)
    assert interval.start < interval.end
    assert schedule.index_at(interval.start) == index
    assert schedule.index_at(interval.end - timedelta(seconds=1)) == index
    assert schedule.index_at(interval.end) == index + 1


@given(starts, periods, periods, st.integers(0, 50))
def test_what_meets_an_interval_covers_it_without_gaps(
    start: datetime, mine: Period, theirs: Period, index: int
) -> None:
    interval = Schedule(start, mine).interval(index)
    other = Schedule(start, theirs)
    found = list(other.meeting(Interval(interval.start, min(interval.end, interval.start + timedelta(days=40)))))
    assert found == list(range(found[0], found[-1] + 1))
    assert other.interval(found[0]).start <= interval.start < other.interval(found[0]).end


@given(periods)
def test_a_period_reads_back_as_it_is_written(period: Period) -> None:
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize("text", ["15 minutes", "1 day", "1 month", "7 years", "9000 years"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59.900000", "9999-12-31", "9990-02-28T12:00:00"])
def test_the_interval_of_a_moment_near_the_end_of_the_calendar_is_found(text: str, moment: str) -> None:
    schedule = Schedule(at("2026-01-31"), Period.parse(text))
    index = schedule.index_at(at(moment))
    assert schedule.period.after(schedule.start, index) <= at(moment)
    found = schedule.find(index)
    assert found is None or found.end > at(moment)
    assert list(schedule.meeting(Interval(at(moment), at(moment)))) in ([], [index])
