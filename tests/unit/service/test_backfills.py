"""Backfills from the caller's side: preview, cost, order, progress."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import InvalidRequest, NotPossible, PipelineNotFound
from chalicelib.domain.run.events import TaskStatus
from chalicelib.domain.run.skipped import Why
from chalicelib.domain.run.status import Command
from chalicelib.service.access import Caller
from chalicelib.service.activation import DeactivatePipeline, deactivate_pipeline
from chalicelib.service.backfills import (
    Backfill,
    order_backfill,
    preview_backfill,
    still_to_begin,
    stop_backfill,
)
from chalicelib.service.steering import OrderComponents, order_components
from tests.unit.service.plant import ALICE, Plant, hourly

HOUR = timedelta(hours=1)
START = datetime(2025, 12, 31, 20, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def plant() -> Plant:
    """Hourly from 20:00 on, activated at midnight with the hours before skipped; the run of midnight failed."""
    plant = Plant()
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.put(hourly("2025-12-31T20:00:00", 24))
    plant.activate(NOW)
    return plant


def backfill(plant: Plant, low: datetime, high: datetime, *components: str, downstream: bool = False) -> Backfill:
    return Backfill(plant.pipeline, low, high, components, downstream)


def test_a_preview_tells_what_would_run_and_how_it_stands_and_runs_nothing(plant: Plant) -> None:
    preview = preview_backfill(backfill(plant, START - 2 * HOUR, NOW + HOUR), ALICE, plant.ports)
    found = {each.component: each for each in preview.planned}
    assert set(found) == {"In", "Out", "End", "First", "Second"}
    assert (found["First"].intervals, found["First"].first, found["First"].last) == (7, START - 2 * HOUR, NOW)
    assert found["First"].standings == {"NEVER_RAN": 2, "SKIPPED": 4, "FAILED": 1}
    assert found["In"].standings == {"NEVER_RAN": 2, "SKIPPED": 4, "FINISHED": 1}
    assert preview.instances == 35
    plant.later(timedelta(minutes=5))
    assert plant.state.ordered == {}


def test_a_preview_tells_what_it_skips_and_why(plant: Plant) -> None:
    def skipped(low: datetime, high: datetime) -> dict[Why, int]:
        preview = preview_backfill(backfill(plant, low, high, "Second"), ALICE, plant.ports)
        return {each.why: each.intervals for each in preview.left_out if each.component == "Second"}

    assert skipped(START - 2 * HOUR, NOW) == {}
    assert skipped(NOW, NOW + 3 * HOUR) == {Why.NOT_DUE: 2}
    assert skipped(NOW + 20 * HOUR, NOW + 30 * HOUR) == {Why.AFTER_END: 10}
    assert skipped(START, NOW + 30 * HOUR) == {Why.NOT_DUE: 19, Why.AFTER_END: 10}
    assert skipped(START - 9 * HOUR, START - 8 * HOUR) == {}
    plant.held.add("Second")
    order_backfill(backfill(plant, START, NOW, "Second"), ALICE, plant.ports)
    plant.settle()
    assert skipped(START, NOW) == {Why.ORDERED: 4}
    plant.later(timedelta(minutes=5))
    found = skipped(START, NOW)
    assert found[Why.LIVE] >= 1
    assert found[Why.LIVE] + found.get(Why.ORDERED, 0) == 4


def test_named_components_bring_what_they_write_and_if_asked_what_follows(plant: Plant) -> None:
    alone = preview_backfill(backfill(plant, START, NOW, "First"), ALICE, plant.ports)
    assert {each.component for each in alone.planned} == {"First", "Out"}
    more = preview_backfill(backfill(plant, START, NOW, "First", downstream=True), ALICE, plant.ports)
    assert {each.component for each in more.planned} == {"First", "Out", "Second", "End"}


def test_the_cost_is_told_in_parts_that_add_up_and_say_where_they_come_from(plant: Plant) -> None:
    found = preview_backfill(backfill(plant, START, NOW, "First"), ALICE, plant.ports).estimate
    assert found.usd == pytest.approx(sum(part.quantity * part.unit_price for part in found.parts))
    basis = {part.what: part.basis for part in found.parts}
    assert basis["Lambda time of First"] == "assumed: it never ended well so far"
    assert basis["DynamoDB writes"] == "counted per instance by bench writes"
    assert found.seconds is None
    plant.held.add("First")
    plant.later(HOUR)
    plant.later(timedelta(minutes=10))
    plant.end(plant.tasks[-1])
    plant.settle()
    known = preview_backfill(backfill(plant, START, NOW, "First"), ALICE, plant.ports).estimate
    (work,) = [part for part in known.parts if part.what == "Lambda time of First"]
    assert (work.quantity, work.basis) == (4 * 600, "mean of 1 attempts")
    assert known.seconds == 600


def test_an_order_runs_what_was_previewed_and_progress_says_how_far_it_is(plant: Plant) -> None:
    plant.held.add("First")
    preview = order_backfill(backfill(plant, START - 2 * HOUR, NOW), ALICE, plant.ports)
    plant.settle()
    plant.later(timedelta(seconds=5), step=timedelta(seconds=1))
    left = {each.component: each for each in still_to_begin(plant.pipeline, ALICE, plant.ports)}
    assert (left["First"].intervals, left["First"].last) == (1, NOW - HOUR)
    plant.held.clear()
    for task in list(plant.tasks):
        plant.end(task)
    plant.later(timedelta(minutes=2), step=timedelta(seconds=1))
    assert still_to_begin(plant.pipeline, ALICE, plant.ports) == []
    hours = [f"{START + number * HOUR:%Y-%m-%dT%H:%M:%S}" for number in range(-2, 4)]
    ids = [f"@{each.component}_{hour}" for each in preview.planned for hour in hours]
    assert set(plant.statuses(ids).values()) == {"FINISHED"}
    assert len(plant.statuses(ids)) == 30


def test_an_order_under_one_key_is_one_order(plant: Plant) -> None:
    for _ in range(2):
        order_backfill(backfill(plant, START, NOW), ALICE, plant.ports, "k1")
        plant.later(timedelta(minutes=6), step=timedelta(seconds=30))
    attempts = [task.attempt for task in plant.tasks]
    assert len(attempts) == len(set(attempts))
    assert not [name for name in attempts if name.endswith("=2")]


def test_a_stopped_backfill_begins_nothing_more(plant: Plant) -> None:
    plant.held.add("First")
    order_backfill(backfill(plant, START - 20 * HOUR, NOW), ALICE, plant.ports)
    plant.settle()
    left = stop_backfill(plant.pipeline, ALICE, plant.ports)
    assert {each.component for each in left} == {"In", "Out", "End", "First", "Second"}
    plant.settle()
    assert still_to_begin(plant.pipeline, ALICE, plant.ports) == []


def test_what_is_worth_knowing_before_is_warned_of(plant: Plant) -> None:
    order_components(OrderComponents(plant.pipeline, Command.PAUSE, "Second"), ALICE, plant.ports)
    plant.later(HOUR)
    warnings = preview_backfill(backfill(plant, START, NOW + 9 * HOUR), ALICE, plant.ports).warnings
    assert warnings[0] == "Second is paused: its part begins when it is resumed"
    assert any("1 instances of activities that are FINISHED would run again" in warning for warning in warnings)
    assert any("`to` lies ahead" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("low", "high", "components", "message"),
    [
        (NOW, NOW, (), "to: expected a time after"),
        (datetime(1969, 1, 1, tzinfo=UTC), NOW, (), "from: expected a time from 1970"),
        (START, NOW, ("First", "Hourly"), r"components\[1\]: 'Hourly' cannot be run by itself; expected of: In, "),
        (datetime(1971, 1, 1, tzinfo=UTC), NOW, (), "at most 100000"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused_by_field(
    plant: Plant, low: datetime, high: datetime, components: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message):
        order_backfill(backfill(plant, low, high, *components), ALICE, plant.ports)


def test_a_pipeline_that_nothing_can_be_ordered_of_says_why(plant: Plant) -> None:
    with pytest.raises(NotPossible, match="nothing would run"):
        order_backfill(backfill(plant, NOW + 2 * HOUR, NOW + 3 * HOUR), ALICE, plant.ports)
    deactivate_pipeline(DeactivatePipeline(plant.pipeline), ALICE, plant.ports)
    plant.settle()
    with pytest.raises(NotPossible, match="is INACTIVE"):
        preview_backfill(backfill(plant, START, NOW), ALICE, plant.ports)
    never = Plant()
    with pytest.raises(NotPossible, match="never activated"):
        preview_backfill(backfill(never, START, NOW), ALICE, never.ports)


def test_backfills_are_the_owners_business(plant: Plant) -> None:
    stranger = Caller("999999999999", "bob")
    for act in (preview_backfill, order_backfill):
        with pytest.raises(PipelineNotFound):
            act(backfill(plant, START, NOW), stranger, plant.ports)
    with pytest.raises(PipelineNotFound):
        stop_backfill(plant.pipeline, stranger, plant.ports)
