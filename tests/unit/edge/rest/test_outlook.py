"""A pipeline's outlook over REST."""

from datetime import timedelta
from typing import Any

from chalicelib.domain.run.events import TaskStatus
from tests.unit.edge.rest.door import Door
from tests.unit.service.plant import ALICE, Plant, hourly


def outlook(plant: Plant, *query: tuple[str, str]) -> dict[str, Any]:
    found = Door(plant.world, ALICE.account).call("GET", f"/pipelines/{plant.pipeline}/outlook", query=query)
    assert found.status == 200, found
    return dict(found.body)


def test_what_ran_last_and_what_comes_next() -> None:
    plant = Plant(hourly("2026-01-01T00:00:00", 5))
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.later(timedelta(minutes=61))
    found = outlook(plant)
    assert found["starts"] == "SCHEDULE"
    assert [(run["runId"], run["status"]) for run in found["recentRuns"]] == [
        ("2026-01-01T01:00:00", "FAILED"),
        ("2026-01-01T00:00:00", "FINISHED"),
    ]
    assert found["recentRuns"][1]["seconds"] >= 0
    assert [run["at"] for run in found["nextRuns"]] == [f"2026-01-01T0{hour}:00:00Z" for hour in (2, 3, 4)]
    assert set(found["nextRuns"][0]["componentIds"]) == {"In", "First", "Out", "Second", "End"}
    assert "behind" not in found
    assert len(outlook(plant, ("runs", "1"), ("next", "2"))["recentRuns"]) == 1


def test_timeseries_is_due_at_the_intervals_end() -> None:
    plant = Plant(hourly("2026-01-01T00:00:00", 5, scheduleType="timeseries"))
    (coming,) = outlook(plant, ("next", "1"))["nextRuns"]
    assert (coming["scheduledStart"], coming["at"]) == ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z")


def test_intervals_that_wait_for_a_slot_are_behind() -> None:
    plant = Plant()
    plant.held.add("First")
    plant.put(hourly("2025-12-31T02:00:00", 2000, maxActiveInstances="2"))
    plant.activate()
    found = outlook(plant, ("next", "1"))
    assert found["behind"] == {"intervals": 22 + 1 - 2, "since": "2025-12-31T04:00:00Z"}
    assert found["nextRuns"][0]["at"] == "2026-01-01T01:00:00Z"


def test_a_pipeline_without_a_schedule_says_so() -> None:
    plant = Plant()
    assert outlook(plant) == {"recentRuns": [], "nextRuns": [], "late": [], "paused": []}
    plant.put(
        [
            {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr"},
            {"id": "Say", "type": "ShellCommandActivity", "command": "true", "workerGroup": "w"},
        ]
    )
    plant.activate()
    found = outlook(plant)
    assert (found["starts"], found["nextRuns"]) == ("DEMAND", [])
    assert "seconds" not in found["recentRuns"][0]
