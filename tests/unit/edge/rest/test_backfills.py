"""Backfills over REST."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.test_runs import of_shape
from tests.unit.service.plant import ALICE, Plant, hourly

BODY = {"from": "2025-12-31T20:00:00Z", "to": "2026-01-01T00:00:00Z", "components": ["First"]}


@pytest.fixture
def plant() -> Plant:
    plant = Plant()
    plant.put(hourly("2025-12-31T20:00:00", 24))
    plant.activate(datetime(2026, 1, 1, tzinfo=UTC))
    return plant


def test_a_backfill_is_previewed_ordered_once_and_followed(plant: Plant) -> None:
    door = Door(plant.world, ALICE.account)
    path = f"/pipelines/{plant.pipeline}/backfills"
    preview = of_shape(door.call("POST", f"{path}/preview", BODY), "previewBackfill")
    assert (preview["instances"], preview["components"][0]["standings"]) == (8, {"SKIPPED": 4})
    assert preview["estimate"]["usd"] > 0
    key = {"idempotency-key": "monday"}
    ordered = of_shape(door.call("POST", path, BODY, headers=key), "orderBackfill")
    assert ordered == preview
    assert of_shape(door.call("POST", path, BODY, headers=key), "orderBackfill") == preview
    plant.settle()
    progress = of_shape(door.call("GET", path), "listBackfills")
    assert {item["componentId"] for item in progress["items"]} == {"First", "Out"}
    other = door.call("POST", path, {**BODY, "components": ["Second"]}, headers=key)
    assert (other.status, other.error["code"]) == (409, "IdempotencyConflict")
    plant.later(timedelta(minutes=1), step=timedelta(seconds=1))
    assert len([task for task in plant.tasks if task.attempt.startswith("@First_2025")]) == 4
    assert of_shape(door.call("DELETE", path), "stopBackfills") == {"items": []}


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"from": "soon"}, 400, "from"),
        ({"to": "2025-12-31T20:00:00Z"}, 400, "to"),
        ({"components": ["Nobody"]}, 400, "components[0]"),
        ({"components": ["First", "First"]}, 400, "components"),
        ({"colour": "red"}, 400, "colour"),
        ({"from": "2026-01-01T05:00:00Z", "to": "2026-01-01T06:00:00Z"}, 409, None),
    ],
)
def test_a_bad_order_names_the_field(plant: Plant, change: dict[str, object], status: int, field: str | None) -> None:
    door = Door(plant.world, ALICE.account)
    got = door.call("POST", f"/pipelines/{plant.pipeline}/backfills", BODY | change)
    assert (got.status, got.error.get("field")) == (status, field)
