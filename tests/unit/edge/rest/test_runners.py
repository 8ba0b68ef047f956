"""Task Runners over REST."""

from datetime import timedelta

from chalicelib.service.access import Caller
from chalicelib.service.runners import ReportTaskRunnerHeartbeat, list_runners, report_heartbeat
from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.test_runs import pages
from tests.unit.service.plant import ALICE, Plant, hourly


def test_runners_are_their_owners_and_are_known_by_their_last_heartbeat() -> None:
    plant = Plant()
    report_heartbeat(ReportTaskRunnerHeartbeat("r1", "group", "host"), ALICE, plant.ports)
    plant.world.clock.advance(timedelta(minutes=20))
    report_heartbeat(ReportTaskRunnerHeartbeat("r2"), ALICE, plant.ports)
    report_heartbeat(ReportTaskRunnerHeartbeat("r3"), Caller("999999999999", "bob"), plant.ports)
    found = list(pages(Door(plant.world, ALICE.account), "/runners", "listRunners", ("limit", "1")))
    assert [(runner["runnerId"], runner["alive"]) for runner in found] == [("r1", False), ("r2", True)]
    assert found[0]["workerGroup"] == "group"


def test_a_machine_of_a_pipeline_that_does_not_exist_for_the_caller_is_left_out() -> None:
    plant = Plant(hourly("2026-01-01T00:00:00", 1))
    group = f"{plant.pipeline}:@Box_2026-01-01T00:00:00:1"
    report_heartbeat(ReportTaskRunnerHeartbeat("r1", group), ALICE, plant.ports)
    (record,) = plant.ports.store.pipelines([plant.pipeline]).values()
    for groups, count in ((None, 2), (frozenset({"shop"}), 2)):
        page = list_runners(None, 10, Caller(ALICE.account, "x", groups), plant.ports)
        assert len(page.items) == count
    record.tags["penstock:group"] = "retail"  # type: ignore[index]
    plant.ports.store.replace_pipeline(record)
    assert list_runners(None, 10, Caller(ALICE.account, "x", frozenset({"shop"})), plant.ports).items == ()
    assert len(list_runners(None, 10, Caller(ALICE.account, "x", frozenset({"retail"})), plant.ports).items) == 2
