"""Objects in the service's own form over REST."""

import pytest

from chalicelib.domain.run.events import TaskStatus
from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.test_runs import pages
from tests.unit.service.plant import ALICE, Plant, hourly

RUN = "2026-01-01T00:00:00"


@pytest.fixture
def plant() -> Plant:
    plant = Plant()
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.put(hourly(RUN, 1))
    plant.activate()
    return plant


def test_objects_of_each_sphere_are_queried_with_their_fields(plant: Plant) -> None:
    door = Door(plant.world, ALICE.account)
    path = f"/pipelines/{plant.pipeline}/objects"
    found = list(pages(door, path, "listObjects", ("sphere", "COMPONENT"), ("limit", "3")))
    assert [item["objectId"] for item in found] == ["Default", "Hourly", "In", "Out", "First", "Second", "End"]
    failed = list(pages(door, path, "listObjects", ("sphere", "INSTANCE"), ("status", "FAILED")))
    assert [item["objectId"] for item in failed] == [f"@First_{RUN}"]
    assert {"key": "@componentParent", "ref": "First"} in failed[0]["fields"]
    attempts = list(pages(door, path, "listObjects", ("sphere", "ATTEMPT"), ("component", "First")))
    assert [item["objectId"] for item in attempts] == [f"@First_{RUN}_Attempt=1"]
    late = pages(door, path, "listObjects", ("sphere", "INSTANCE"), ("from", "2027-01-01T00:00:00Z"))
    assert list(late) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [((), "sphere"), ((("sphere", "RUN"),), "sphere")],
)
def test_a_query_that_cannot_be_asked_names_the_parameter(
    plant: Plant, query: tuple[tuple[str, str], ...], field: str
) -> None:
    got = Door(plant.world, ALICE.account).call("GET", f"/pipelines/{plant.pipeline}/objects", query=query)
    assert (got.status, got.error["field"]) == (400, field)
