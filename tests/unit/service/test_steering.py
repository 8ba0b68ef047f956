"""Orders for instances, runs and components."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import InvalidRequest, NotPossible, ObjectNotFound, PipelineNotFound
from chalicelib.domain.run.events import TaskStatus
from chalicelib.domain.run.status import Command
from chalicelib.service.access import Caller
from chalicelib.service.steering import (
    OrderComponents,
    OrderInstance,
    OrderRun,
    Which,
    order_components,
    order_instance,
    order_run,
)
from tests.unit.service.plant import ALICE, Plant, hourly

RUN = "2026-01-01T00:00:00"
FIRST, SECOND = f"@First_{RUN}", f"@Second_{RUN}"


@pytest.fixture
def plant() -> Plant:
    """One run, whose first activity failed and whose second is stuck behind it."""
    plant = Plant()
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.put(hourly(RUN, 3))
    plant.activate()
    return plant


def test_what_failed_is_run_again_and_what_was_stuck_follows(plant: Plant) -> None:
    assert order_instance(OrderInstance(plant.pipeline, FIRST, Command.RERUN), ALICE, plant.ports) == [FIRST]
    plant.settle()
    assert plant.statuses([FIRST, SECOND]) == {FIRST: "FINISHED", SECOND: "FINISHED"}


def test_an_order_that_does_not_fit_says_how_things_stand(plant: Plant) -> None:
    with pytest.raises(NotPossible, match=f"{FIRST} is FAILED: only what has not ended can be canceled"):
        order_instance(OrderInstance(plant.pipeline, FIRST, Command.TRY_CANCEL), ALICE, plant.ports)
    finished = f"@In_{RUN}"
    with pytest.raises(NotPossible, match="is FINISHED: only what has not finished"):
        order_instance(OrderInstance(plant.pipeline, finished, Command.MARK_FINISHED), ALICE, plant.ports)
    plant.held.add("First")
    order_instance(OrderInstance(plant.pipeline, FIRST, Command.RERUN), ALICE, plant.ports)
    plant.settle()
    with pytest.raises(NotPossible, match="is RUNNING: only what has ended can be run again"):
        order_instance(OrderInstance(plant.pipeline, FIRST, Command.RERUN), ALICE, plant.ports)


def test_of_a_run_what_failed_is_run_again(plant: Plant) -> None:
    assert order_run(OrderRun(plant.pipeline, RUN, Command.RERUN), ALICE, plant.ports) == [FIRST]
    plant.settle()
    assert set(plant.statuses([FIRST, SECOND]).values()) == {"FINISHED"}
    with pytest.raises(NotPossible, match="5 FINISHED"):
        order_run(OrderRun(plant.pipeline, RUN, Command.RERUN), ALICE, plant.ports)
    again = order_run(OrderRun(plant.pipeline, RUN, Command.RERUN, Which.ALL), ALICE, plant.ports)
    plant.settle()
    assert len(again) == 5
    assert [task.attempt for task in plant.tasks].count(f"{SECOND}_Attempt=2") == 1


def test_a_run_is_canceled_or_marked_finished_as_far_as_it_is_not(plant: Plant) -> None:
    ids = order_run(OrderRun(plant.pipeline, RUN, Command.TRY_CANCEL), ALICE, plant.ports)
    assert set(ids) == {SECOND, f"@Out_{RUN}", f"@End_{RUN}"}
    plant.settle()
    assert plant.statuses([SECOND]) == {SECOND: "CANCELED"}
    order_run(OrderRun(plant.pipeline, RUN, Command.MARK_FINISHED), ALICE, plant.ports)
    plant.settle()
    assert set(plant.statuses([FIRST, SECOND]).values()) == {"FINISHED"}


def test_components_are_paused_and_resumed_one_by_one_and_together(plant: Plant) -> None:
    order_components(OrderComponents(plant.pipeline, Command.PAUSE, "First"), ALICE, plant.ports)
    plant.settle()
    assert [name for name, part in plant.state.components.items() if part.paused] == ["First"]
    paused = order_components(OrderComponents(plant.pipeline, Command.PAUSE), ALICE, plant.ports)
    assert set(paused) == {"In", "Out", "End", "First", "Second"}
    plant.later(timedelta(hours=1), step=timedelta(minutes=20))
    assert plant.statuses(["@First_2026-01-01T01:00:00"]) == {}
    order_components(OrderComponents(plant.pipeline, Command.RESUME), ALICE, plant.ports)
    plant.settle()
    assert plant.statuses(["@First_2026-01-01T01:00:00"]) == {"@First_2026-01-01T01:00:00": "FINISHED"}


def test_orders_for_what_is_not_there_are_refused_by_name(plant: Plant) -> None:
    with pytest.raises(ObjectNotFound, match="component Nobody that runs"):
        order_components(OrderComponents(plant.pipeline, Command.PAUSE, "Nobody"), ALICE, plant.ports)
    with pytest.raises(ObjectNotFound, match="instance First"):
        order_instance(OrderInstance(plant.pipeline, "First", Command.RERUN), ALICE, plant.ports)
    with pytest.raises(ObjectNotFound, match="run 2031"):
        order_run(OrderRun(plant.pipeline, "2031-01-01T00:00:00", Command.RERUN), ALICE, plant.ports)
    never = Plant()
    never.put(hourly(RUN, 3))
    with pytest.raises((NotPossible, InvalidRequest), match="never activated"):
        order_components(OrderComponents(never.pipeline, Command.PAUSE), ALICE, never.ports)


def test_orders_are_the_owners_business(plant: Plant) -> None:
    stranger = Caller("999999999999", "bob")
    with pytest.raises(PipelineNotFound):
        order_instance(OrderInstance(plant.pipeline, FIRST, Command.RERUN), stranger, plant.ports)
    with pytest.raises(PipelineNotFound):
        order_run(OrderRun(plant.pipeline, RUN, Command.RERUN), stranger, plant.ports)
    with pytest.raises(PipelineNotFound):
        order_components(OrderComponents(plant.pipeline, Command.PAUSE), stranger, plant.ports)
