"""A pipeline to look at, over REST: graph, timeline, what goes on."""

from datetime import timedelta

import pytest

from chalicelib.domain.run.events import TaskStatus
from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.test_runs import of_shape, pages
from tests.unit.service.plant import ALICE, Plant, hourly

RUN = "2026-01-01T01:00:00"


@pytest.fixture(scope="module")
def plant() -> Plant:
    """Three hourly runs, of which the second failed."""
    plant = Plant(hourly("2026-01-01T00:00:00", 3))
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.later(timedelta(hours=2), step=timedelta(minutes=10))
    return plant


@pytest.fixture(scope="module")
def door(plant: Plant) -> Door:
    return Door(plant.world, ALICE.account)


def test_a_timeline_lists_runs_with_their_cells(door: Door, plant: Plant) -> None:
    path = f"/pipelines/{plant.pipeline}/timeline"
    found = list(pages(door, path, "listTimeline", ("limit", "1")))
    assert [(run["runId"], len(run["cells"])) for run in found] == [
        ("2026-01-01T02:00:00", 5),
        (RUN, 5),
        ("2026-01-01T00:00:00", 5),
    ]
    cells = {cell["componentId"]: cell for cell in found[1]["cells"]}
    assert (cells["First"]["status"], cells["First"]["attempts"]) == ("FAILED", 1)
    assert (cells["Second"]["status"], cells["Second"]["stuck"]) == ("WAITING_ON_DEPENDENCIES", True)
    assert [run["runId"] for run in pages(door, path, "listTimeline", ("status", "FAILED"))] == [RUN]
    assert [run["runId"] for run in pages(door, path, "listTimeline", ("from", f"{RUN}Z"), ("to", f"{RUN}Z"))] == []


def test_a_pipeline_is_looked_at_again_and_again(door: Door, plant: Plant) -> None:
    path = f"/pipelines/{plant.pipeline}/live"
    first = of_shape(door.call("GET", path), "lookAtPipeline")
    assert first["standing"]["health"] == "HEALTHY"
    again = of_shape(door.call("GET", path, query=(("since", first["cursor"]),)), "lookAtPipeline")
    assert again == {"items": [], "complete": True, "cursor": first["cursor"]}
    got = door.call("GET", path, query=(("since", "zz"),))
    assert (got.status, got.error["field"]) == (400, "since")


def test_a_graph_tells_who_gave_a_reference(door: Door, plant: Plant) -> None:
    body = of_shape(door.call("GET", f"/pipelines/{plant.pipeline}/graph"), "getGraph")
    assert {"id": "In", "name": "In", "type": "S3DataNode", "category": "datanode"} in body["nodes"]
    assert {"from": "First", "to": "In", "field": "input"} in body["edges"]
    assert {"from": "First", "to": "Hourly", "field": "schedule", "givenBy": "Default"} in body["edges"]
