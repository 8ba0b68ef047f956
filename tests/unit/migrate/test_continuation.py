"""Where pipelines go on: one start for all where that will do, else one for each."""

from datetime import timedelta

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import parse_time
from penstock_migrate.continuation import Continuation, continuation_of, continued, still_needed
from penstock_migrate.observe import Seen, observed
from penstock_migrate.progress import Ran, Stop, progress_of, standing_of
from tests.unit.run.world import DAILY, HOURLY, START, activity, plan_of, resource

ENDED = Schedule(START, Period(1, Unit.HOUR), occurrences=3)


def at(hours: int):
    return START + timedelta(hours=hours)


def seen(name: str, hours: int, status: str, **more: object) -> Seen:
    return Seen(f"@{name}_{at(hours):%Y-%m-%dT%H:%M:%S}", name, at(hours), status, **more)


def test_components_that_stopped_together_go_on_together():
    plan = plan_of(activity("A", schedule=HOURLY), activity("B", schedule=HOURLY))
    assert continuation_of(plan, {"A": Ran(5), "B": Ran(5)}) == Continuation(at(5))


def test_a_coarse_schedule_may_go_on_with_a_fine_one():
    plan = plan_of(activity("A", schedule=HOURLY), activity("B", schedule=DAILY))
    assert continuation_of(plan, {"A": Ran(23), "B": Ran(1)}) == Continuation(at(23))


def test_components_that_stopped_apart_go_on_apart():
    plan = plan_of(activity("A", schedule=HOURLY), activity("B", schedule=DAILY))
    found = continuation_of(plan, {"A": Ran(30), "B": Ran(1)})
    assert found == Continuation(at(24), {"A": (at(30),), "B": (at(24),)})


def test_what_was_left_in_the_middle_is_named_and_at_the_end_simply_follows():
    plan = plan_of(activity("A", schedule=HOURLY))
    assert continuation_of(plan, {"A": Ran(5, left=(1, 3, 4))}) == Continuation(at(3), {"A": (at(1), at(3))})
    assert continuation_of(plan, {"A": Ran(5, left=(4,))}) == Continuation(at(4))


def test_failures_are_repeated_only_when_asked_for():
    plan = plan_of(activity("A", schedule=HOURLY))
    ran = {"A": Ran(5, failed=(1,))}
    assert continuation_of(plan, ran) == Continuation(at(5))
    assert continuation_of(plan, ran, rerun=True).components == {"A": (at(1), at(5))}


def test_a_schedule_that_is_over_needs_no_activation_unless_something_was_left():
    plan = plan_of(activity("A", schedule=ENDED))
    assert continuation_of(plan, {"A": Ran(3)}).over
    assert continuation_of(plan, {"A": Ran(3, left=(0,))}).components == {"A": (at(0), at(3))}


def test_months_that_begin_on_the_31st_keep_their_day():
    start = parse_time("2026-01-31T00:00:00")
    plan = plan_of(activity("A", schedule=Schedule(start, Period(1, Unit.MONTH))))
    assert continuation_of(plan, {"A": Ran(1)}) == Continuation(parse_time("2026-02-28T00:00:00"))


def test_a_machine_goes_on_with_the_first_that_needs_it():
    box = resource("Box", schedule=DAILY)
    plan = plan_of(box, activity("A", schedule=HOURLY, resource="Box"))
    assert continuation_of(plan, {"Box": Ran(2), "A": Ran(30)}).components["Box"] == (at(24),)


@pytest.mark.parametrize(
    ("status", "ended", "expected"),
    [
        ("FAILED", at(3), "failed"),
        ("CASCADE_FAILED", at(3), "failed"),
        ("CANCELED", at(3), "failed"),
        ("CANCELED", at(9), "left"),
        ("RUNNING", None, "running"),
        ("WAITING_ON_DEPENDENCIES", None, "left"),
    ],
)
def test_an_instance_is_sorted_by_what_ended_it(status, ended, expected):
    plan = plan_of(activity("A", schedule=HOURLY))
    item = seen("A", 1, status, ended=ended)
    found = standing_of(plan, observed([], [item]), Stop(at(8)))
    assert getattr(found, expected) == (item,)


def test_what_waits_behind_a_failure_belongs_to_it():
    plan = plan_of(activity("A", schedule=HOURLY), activity("B", schedule=HOURLY), activity("C", schedule=HOURLY))
    failed = seen("A", 1, "FAILED", ended=at(2))
    behind = seen("B", 1, "WAITING_ON_DEPENDENCIES", waiting_on=(failed.id,))
    further = seen("C", 1, "WAITING_ON_DEPENDENCIES", waiting_on=(behind.id,))
    found = standing_of(plan, observed([], [further, behind, failed]), Stop())
    assert (found.failed, set(found.held)) == ((failed,), {behind, further})


def test_what_was_alive_before_the_stop_was_not_canceled_by_somebody():
    plan = plan_of(activity("A", schedule=HOURLY))
    item = seen("A", 1, "CANCELED", ended=at(3))
    progress = progress_of(plan, observed([item.id], [item]), Stop(at(8), frozenset({item.id})))
    assert progress == {"A": Ran(2, left=(1,))}


def test_a_failure_that_a_coarser_interval_still_needs_is_told():
    plan = plan_of(activity("A", schedule=HOURLY), activity("B", "A", schedule=DAILY))
    assert list(still_needed(plan, {"A": Ran(30, failed=(2, 26)), "B": Ran(1)})) == [("A", at(26), "B")]


def test_a_start_by_first_activation_is_fixed():
    definition = from_file({"objects": [{"id": "S", "type": "Schedule", "startAt": "FIRST_ACTIVATION_DATE_TIME"}]})
    found = continued(definition, Continuation(), START).by_id()["S"]
    assert (found.text("startAt"), found.text("startDateTime")) == (None, "2026-01-01T00:00:00")


def test_ids_of_runs_that_events_started_tell_their_second():
    found = observed(["@A_2026-01-01T05:00:00.250", "odd"], [])
    assert dict(found.newest) == {"A": at(5)}
