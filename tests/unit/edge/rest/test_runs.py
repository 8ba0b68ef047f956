"""Runs, instances and attempts over REST."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from chalicelib.domain.run.events import TaskStatus
from chalicelib.edge.rest.contract import Schema
from chalicelib.edge.rest.table import OPERATIONS, SCHEMAS
from tests.unit.edge.rest.door import Door, Got
from tests.unit.service.plant import ALICE, Plant, hourly

HOUR = timedelta(hours=1)
RUN = "2026-01-01T01:00:00"


@pytest.fixture(scope="module")
def plant() -> Plant:
    """Three hourly runs, of which the second failed."""
    plant = Plant(hourly("2026-01-01T00:00:00", 3, pipelineLogUri="s3://logs/"))
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.later(2 * HOUR, step=10 * timedelta(minutes=1))
    return plant


@pytest.fixture(scope="module")
def door(plant: Plant) -> Door:
    return Door(plant.world, ALICE.account)


def of_shape(got: Got, operation: str) -> Any:
    """The body, held against what the operation declares."""
    (found,) = [each for each in OPERATIONS if each.id == operation]
    assert got.status == found.status, got.body
    schema: Schema = {**(found.reply or {}), "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate(got.body)
    return got.body


def pages(door: Door, path: str, operation: str, *query: tuple[str, str]) -> Iterator[Any]:
    more: tuple[tuple[str, str], ...] = ()
    while True:
        body = of_shape(door.call("GET", path, query=(*query, *more)), operation)
        yield from body["items"]
        if "nextCursor" not in body:
            return
        more = (("cursor", body["nextCursor"]),)


def test_runs_are_listed_and_filtered(door: Door, plant: Plant) -> None:
    path = f"/pipelines/{plant.pipeline}/runs"
    found = list(pages(door, path, "listRuns", ("limit", "1")))
    assert [(run["runId"], run["status"]) for run in found] == [
        ("2026-01-01T02:00:00", "FINISHED"),
        (RUN, "FAILED"),
        ("2026-01-01T00:00:00", "FINISHED"),
    ]
    assert found[1]["errors"] == [
        {"instanceId": f"@First_{RUN}", "status": "FAILED", "errorId": "Boom", "message": "it broke"}
    ]
    query = (("status", "FAILED"), ("status", "CANCELED"), ("from", f"{RUN}Z"), ("to", "2026-01-01T02:00:00Z"))
    assert [run["runId"] for run in pages(door, path, "listRuns", *query)] == [RUN]


def test_a_run_shows_its_instances(door: Door, plant: Plant) -> None:
    body = of_shape(door.call("GET", f"/pipelines/{plant.pipeline}/runs/{RUN}"), "getRun")
    assert body["run"]["counts"] == {"FINISHED": 1, "FAILED": 1, "WAITING_ON_DEPENDENCIES": 3}
    assert body["spent"]["attempts"] == 1
    assert body["waiting"][f"@Second_{RUN}"][0]["on"] == f"@First_{RUN}"
    assert 0 < body["spent"]["usd"] < 0.01
    assert {item["componentId"] for item in body["instances"]} == {"In", "Out", "First", "Second", "End"}


def test_instances_are_listed_either_way(door: Door, plant: Plant) -> None:
    path = f"/pipelines/{plant.pipeline}/instances"
    newest = [item["instanceId"] for item in pages(door, path, "listInstances", ("limit", "4"))]
    oldest = [item["instanceId"] for item in pages(door, path, "listInstances", ("order", "oldest"))]
    assert len(oldest) == 15
    assert newest == oldest[::-1]


def test_an_instance_shows_fields_reasons_attempts_and_logs(door: Door, plant: Plant) -> None:
    path = f"/pipelines/{plant.pipeline}/instances/"
    body = of_shape(door.call("GET", path + quote(f"@First_{RUN}", safe="")), "getInstance")
    (attempt,) = body["attempts"]
    assert attempt["error"] == {"errorId": "Boom", "message": "it broke", "stackTrace": "at line 1"}
    assert attempt["logs"][0]["uri"].startswith(f"s3://logs/{plant.pipeline}/First/")
    assert attempt["reported"] == {"hostname": "h1"}
    assert attempt["worker"] == {"kind": "function", "name": "h1"}
    assert (attempt["spent"]["attempts"], body["paused"]) == (1, False)
    stuck = of_shape(door.call("GET", path + f"@Second_{RUN}"), "getInstance")
    assert {reason["on"] for reason in stuck["waitingOn"]} >= {f"@First_{RUN}"}
    node = of_shape(door.call("GET", path + f"@In_{RUN}"), "getInstance")
    (field,) = [field for field in node["fields"] if field["key"] == "filePath"]
    assert field["evaluated"] == ["s3://in/2026-01-01-01"]


def test_what_an_order_would_lead_to_is_told_before(door: Door, plant: Plant) -> None:
    path = f"/pipelines/{plant.pipeline}"
    order = (("order", "rerun"),)
    found = of_shape(
        door.call("GET", f"{path}/instances/@First_{RUN}/consequences", query=order), "foreseeInstanceOrder"
    )
    first = found["changes"][0]
    assert (first["componentId"], first["from"], first["to"]) == ("First", "FAILED", "WAITING_FOR_RUNNER")
    assert found["deeds"] == [{"deed": "work", "on": f"@First_{RUN}"}]
    whole = of_shape(
        door.call("GET", f"{path}/runs/{RUN}/consequences", query=(*order, ("instances", "all"))), "foreseeRunOrder"
    )
    assert whole["changeCount"] >= found["changeCount"]
    pause = (("order", "pause"), ("component", "Second"))
    held = of_shape(door.call("GET", f"{path}/consequences", query=pause), "foreseePause")
    assert (held["instanceIds"], held["changeCount"], held["heldCount"]) == (["Second"], 0, len(held["held"]))
    refused = door.call("GET", f"{path}/instances/@In_{RUN}/consequences", query=(("order", "cancel"),))
    assert (refused.status, refused.error["code"]) == (409, "NotPossible")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("runs", (("status", "BROKEN"),), "status"),
        ("runs", (("from", "yesterday"),), "from"),
        ("runs", (("limit", "0"),), "limit"),
        ("instances", (("order", "random"),), "order"),
        ("instances", (("colour", "red"),), "colour"),
    ],
)
def test_a_bad_parameter_is_named(
    door: Door, plant: Plant, path: str, query: tuple[tuple[str, str], ...], field: str
) -> None:
    got = door.call("GET", f"/pipelines/{plant.pipeline}/{path}", query=query)
    assert (got.status, got.error["field"]) == (400, field)


def test_what_is_not_there_or_not_ones_own_is_not_found(door: Door, plant: Plant) -> None:
    for path in ("runs/2031-01-01T00:00:00", "runs/x", "instances/First", f"instances/@First_{RUN}x"):
        assert door.call("GET", f"/pipelines/{plant.pipeline}/{path}").status == 404
    stranger = Door(plant.world, "999999999999")
    for path in ("runs", f"runs/{RUN}", "instances", f"instances/@First_{RUN}"):
        got = stranger.call("GET", f"/pipelines/{plant.pipeline}/{path}")
        assert (got.status, got.error["code"]) == (404, "PipelineNotFound")


def test_a_run_is_watched(door: Door, plant: Plant) -> None:
    path = f"/pipelines/{plant.pipeline}/runs/{RUN}/live"
    first = of_shape(door.call("GET", path), "watchRun")
    assert len(first["instances"]) == 5
    again = of_shape(door.call("GET", path, query=(("since", first["cursor"]),)), "watchRun")
    assert again == {"instances": [], "cursor": again["cursor"]}
    for query, field in ((("wait", "21"), "wait"), (("since", "zz"), "since")):
        got = door.call("GET", path, query=(query,))
        assert (got.status, got.error["field"]) == (400, field)


def test_orders_are_accepted_or_say_why_not(door: Door, plant: Plant) -> None:
    base = f"/pipelines/{plant.pipeline}"
    body = of_shape(door.call("POST", f"{base}/components/First/pause"), "pauseComponent")
    assert body == {"command": "PAUSE", "objectIds": ["First"]}
    assert of_shape(door.call("POST", f"{base}/resume"), "resumePipeline")["objectIds"][0] == "In"
    body = of_shape(door.call("POST", f"{base}/runs/{RUN}/rerun", {}), "rerunRun")
    assert body == {"command": "RERUN", "objectIds": [f"@First_{RUN}"]}
    got = door.call("POST", f"{base}/runs/2026-01-01T00:00:00/cancel")
    assert (got.status, got.error["code"]) == (409, "NotPossible")
    got = door.call("POST", f"{base}/instances/@First_{RUN}/cancel")
    assert (got.status, "only what has not ended" in got.error["message"]) == (409, True)
    got = door.call("POST", f"{base}/runs/{RUN}/rerun", {"instances": "some"})
    assert (got.status, got.error["field"], got.error["expected"]) == (400, "instances", "one of failed, all")
    assert door.call("POST", f"{base}/components/Nobody/pause").status == 404
