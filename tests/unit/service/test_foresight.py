"""What would follow from an order: held against what follows when it is given."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import NotPossible, PipelineNotFound
from chalicelib.domain.run.effects import CancelTask, Dispatch
from chalicelib.domain.run.events import TaskStatus
from chalicelib.domain.run.status import Command, Status
from chalicelib.ports.queues import Queue
from chalicelib.service.access import Caller
from chalicelib.service.foresight import Foreseen, foresee_components, foresee_instance, foresee_run
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
ALL = [FIRST, SECOND, f"@In_{RUN}", f"@Out_{RUN}", f"@End_{RUN}"]


@pytest.fixture
def plant() -> Plant:
    """One run, whose first activity failed and whose second is stuck behind it."""
    plant = Plant()
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.put(hourly(RUN, 3))
    plant.activate()
    return plant


def changed(found: Foreseen) -> dict[str, tuple[str | None, str]]:
    return {
        each.instance.id: (each.before.value if each.before else None, each.instance.status.value)
        for each in found.changes
    }


def engine_turn(plant: Plant) -> None:
    """One turn of the writer: what is queued for it, and no work."""
    plant._pump(Queue.CONTROL)


@pytest.mark.parametrize("command", [Command.RERUN, Command.TRY_CANCEL, Command.MARK_FINISHED])
@pytest.mark.parametrize("name", [FIRST, SECOND])
def test_what_is_foreseen_is_what_comes(plant: Plant, name: str, command: Command) -> None:
    before = plant.statuses(ALL)
    order = OrderInstance(plant.pipeline, name, command)
    try:
        found = foresee_instance(order, ALICE, plant.ports)
    except NotPossible as refused:
        with pytest.raises(NotPossible, match=str(refused)):
            order_instance(order, ALICE, plant.ports)
        return
    assert plant.statuses(ALL) == before, "looking ahead changed something"
    order_instance(order, ALICE, plant.ports)
    engine_turn(plant)
    after = plant.statuses(ALL)
    told = {key: to for key, (_, to) in changed(found).items()}
    assert {key: after[key] for key in told} == told
    assert {key for key in ALL if before[key] != after[key]} <= set(told)


def test_a_rerun_brings_back_what_is_stuck_and_hands_work_out(plant: Plant) -> None:
    found = foresee_instance(OrderInstance(plant.pipeline, FIRST, Command.RERUN), ALICE, plant.ports)
    assert changed(found)[FIRST] == ("FAILED", "WAITING_FOR_RUNNER")
    assert found.changes[0].instance.id == FIRST
    stuck = next(each for each in found.changes if each.instance.id == SECOND)
    assert (stuck.before, stuck.returns) == (Status.WAITING_ON_DEPENDENCIES, True)
    assert [effect.instance for effect in found.effects if isinstance(effect, Dispatch)] == [FIRST]


def test_of_a_run_that_works_the_cancel_stops_the_work(plant: Plant) -> None:
    plant.held.add("First")
    order_run(OrderRun(plant.pipeline, RUN, Command.RERUN), ALICE, plant.ports)
    plant.settle()
    found = foresee_run(OrderRun(plant.pipeline, RUN, Command.TRY_CANCEL), ALICE, plant.ports)
    assert changed(found)[FIRST] == ("RUNNING", "CANCELED")
    assert any(isinstance(effect, CancelTask) for effect in found.effects)
    with pytest.raises(NotPossible):
        foresee_run(OrderRun(plant.pipeline, RUN, Command.RERUN), ALICE, plant.ports)


def test_what_time_alone_brings_is_not_told(plant: Plant) -> None:
    plant.world.clock.advance(timedelta(hours=1))
    found = foresee_instance(OrderInstance(plant.pipeline, FIRST, Command.RERUN), ALICE, plant.ports)
    assert all(each.instance.id.endswith(RUN) for each in found.changes), "the next interval's are no consequence"


def test_all_of_a_run_is_more_than_what_failed(plant: Plant) -> None:
    failed = foresee_run(OrderRun(plant.pipeline, RUN, Command.RERUN), ALICE, plant.ports)
    whole = foresee_run(OrderRun(plant.pipeline, RUN, Command.RERUN, Which.ALL), ALICE, plant.ports)
    assert set(failed.ids) < set(whole.ids)


def test_pausing_holds_what_waits_and_resuming_tells_what_begins(plant: Plant) -> None:
    plant.held.add("First")
    order_run(OrderRun(plant.pipeline, RUN, Command.RERUN), ALICE, plant.ports)
    plant.settle()
    pause = OrderComponents(plant.pipeline, Command.PAUSE, "Second")
    found = foresee_components(pause, ALICE, plant.ports)
    assert ([item.id for item in found.held], list(found.changes)) == ([SECOND], [])
    order_components(pause, ALICE, plant.ports)
    plant.settle()
    order_instance(OrderInstance(plant.pipeline, FIRST, Command.MARK_FINISHED), ALICE, plant.ports)
    plant.settle()
    assert plant.statuses([SECOND])[SECOND] == "WAITING_ON_DEPENDENCIES"
    resumed = foresee_components(OrderComponents(plant.pipeline, Command.RESUME), ALICE, plant.ports)
    assert changed(resumed)[SECOND] == ("WAITING_ON_DEPENDENCIES", "WAITING_FOR_RUNNER")
    assert [effect.instance for effect in resumed.effects if isinstance(effect, Dispatch)] == [SECOND]
    assert resumed.held == ()


def test_looking_ahead_is_the_owners_business(plant: Plant) -> None:
    with pytest.raises(PipelineNotFound):
        foresee_instance(OrderInstance(plant.pipeline, FIRST, Command.RERUN), Caller("9" * 12, "bob"), plant.ports)
