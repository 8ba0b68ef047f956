"""Triggers and events over REST."""

from collections.abc import Sequence

import pytest

from chalicelib.domain.run.events import TaskStatus
from chalicelib.domain.trigger.arrival import http_call
from chalicelib.service.intake import take
from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.test_runs import of_shape, pages
from tests.unit.service.plant import ALICE, Plant

OBJECTS = [
    {"id": "Default", "scheduleType": "ondemand", "trigger": {"ref": "Called"}, "role": "r", "resourceRole": "rr"},
    {"id": "Called", "type": "HttpTrigger"},
    {"id": "In", "type": "S3DataNode", "filePath": "s3://in/x"},
    {"id": "Out", "type": "S3DataNode", "filePath": "s3://out/x"},
    {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}, "maximumRetries": "0"},
]


def tell(plant: Plant, *names: str) -> None:
    now = plant.world.clock.now()
    take([http_call(plant.pipeline, name, {}, name, now) for name in names], plant.ports)
    plant.settle()


@pytest.fixture
def plant() -> Plant:
    """Two events have run, of which one failed; one is at work, and one waits behind it."""
    plant = Plant(OBJECTS)
    plant.fates["Copy"] = [TaskStatus.FAILED]
    tell(plant, "bad")
    tell(plant, "good")
    plant.held.add("Copy")
    tell(plant, "busy", "waits")
    return plant


def standings(events: Sequence[dict[str, str]]) -> list[str]:
    return [event["standing"] for event in events]


def test_a_trigger_shows_its_backlog_rate_and_last_events(plant: Plant) -> None:
    door = Door(plant.world, ALICE.account)
    (trigger,) = of_shape(door.call("GET", f"/pipelines/{plant.pipeline}/triggers"), "listTriggers")["items"]
    assert (trigger["triggerId"], trigger["type"], trigger["listening"]) == ("Called", "HttpTrigger", True)
    assert trigger["backlog"] == {"events": 1, "more": False}
    assert trigger["dead"] == {"events": 1, "more": False}
    assert (trigger["recent"]["events"], trigger["perMinute"]) == (4, round(4 / 15, 3))
    assert len(trigger["lastEvents"]) == 4


def test_events_are_listed_by_standing_page_by_page(plant: Plant) -> None:
    door = Door(plant.world, ALICE.account)
    path = f"/pipelines/{plant.pipeline}/events"
    assert (
        sorted(standings(list(pages(door, path, "listEvents", ("limit", "1"))))) == ["dead", "pending"] + ["taken"] * 2
    )
    (dead,) = pages(door, path, "listEvents", ("standing", "dead"))
    assert (dead["error"], dead["fields"]["@payload"]) == ("Copy is FAILED: it broke", "bad")


def test_a_run_tells_what_started_it(plant: Plant) -> None:
    door = Door(plant.world, ALICE.account)
    path = f"/pipelines/{plant.pipeline}"
    (dead,) = pages(door, f"{path}/events", "listEvents", ("standing", "dead"))
    found = of_shape(door.call("GET", f"{path}/runs/{dead['runId']}/events"), "listRunEvents")
    assert found == {"count": 1, "items": [dead]}
    assert door.call("GET", f"{path}/runs/2031-01-01T00:00:00/events").status == 404


def test_dead_events_are_redriven_and_others_left(plant: Plant) -> None:
    door = Door(plant.world, ALICE.account)
    path = f"/pipelines/{plant.pipeline}/events"
    keys = {event["standing"]: event["key"] for event in pages(door, path, "listEvents")}
    body = of_shape(
        door.call("POST", f"{path}/redrive", {"keys": [keys["dead"], keys["taken"], "no"]}), "redriveEvents"
    )
    assert body == {"waiting": [keys["dead"]], "left": [keys["taken"], "no"]}
    assert list(pages(door, path, "listEvents", ("standing", "dead"))) == []


def test_a_replay_is_repeatable(plant: Plant) -> None:
    door = Door(plant.world, ALICE.account)
    path = f"/pipelines/{plant.pipeline}/events/replay"
    asked = {"from": "2025-12-31T00:00:00Z", "to": "2026-01-02T00:00:00Z", "name": "again"}
    assert of_shape(door.call("POST", path, asked), "replayEvents") == {"events": 4}
    assert of_shape(door.call("POST", path, asked), "replayEvents") == {"events": 4}
    got = door.call("POST", path, {**asked, "cursor": "zzzz"})
    assert got.status == 400


def test_a_pipeline_without_a_trigger_has_none() -> None:
    plant = Plant()
    door = Door(plant.world, ALICE.account)
    assert of_shape(door.call("GET", f"/pipelines/{plant.pipeline}/triggers"), "listTriggers") == {"items": []}
