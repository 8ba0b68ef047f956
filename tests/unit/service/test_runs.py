"""Runs, their instances and attempts, as people ask for them."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import InvalidRequest, ObjectNotFound, PipelineNotFound
from chalicelib.domain.run.events import TaskStatus
from chalicelib.domain.run.status import Command, Status
from chalicelib.domain.values import ComponentId
from chalicelib.service.access import Caller
from chalicelib.service.instances import show_instance
from chalicelib.service.objects import SetStatus, set_status
from chalicelib.service.runs import (
    ListInstances,
    ListRuns,
    list_instances,
    list_runs,
    list_whole_runs,
    run_instances,
)
from tests.unit.service.plant import ALICE, Plant, hourly

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def plant() -> Plant:
    """Four hourly runs: the second failed, the third's first activity is at work, the fourth has not begun."""
    plant = Plant(hourly("2026-01-01T00:00:00", 4))
    plant.fates["First"] = [TaskStatus.FAILED]
    plant.later(2 * HOUR - timedelta(minutes=1))
    plant.held.add("First")
    plant.later(timedelta(minutes=5))
    return plant


def runs(plant: Plant, **filters: object) -> list[tuple[str, str]]:
    found, marker = [], None
    while True:
        page = list_runs(ListRuns(plant.pipeline, marker=marker, **filters), ALICE, plant.ports)  # type: ignore[arg-type]
        found += [(run.id, run.status.value) for run in page.items]
        marker = page.marker
        if marker is None:
            return found


ALL = [
    ("2026-01-01T02:00:00", "RUNNING"),
    ("2026-01-01T01:00:00", "FAILED"),
    ("2026-01-01T00:00:00", "FINISHED"),
]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_runs_are_listed_newest_first_page_by_page(plant: Plant, limit: int) -> None:
    assert runs(plant, limit=limit) == ALL


def test_runs_are_filtered_by_status_time_and_component(plant: Plant) -> None:
    assert runs(plant, statuses=frozenset({Status.FAILED, Status.RUNNING})) == ALL[:2]
    assert runs(plant, low=START + HOUR, high=START + 2 * HOUR) == ALL[1:2]
    assert runs(plant, component=ComponentId("Second")) == ALL
    assert runs(plant, component=ComponentId("Nothing")) == []


def test_a_run_tells_what_its_instances_came_to(plant: Plant) -> None:
    found = run_instances(plant.pipeline, "2026-01-01T01:00:00", ALICE, plant.ports)
    assert found.run.counts == {Status.FINISHED: 1, Status.FAILED: 1, Status.WAITING_ON_DEPENDENCIES: 3}
    assert [(error.instance, error.message) for error in found.run.errors] == [
        ("@First_2026-01-01T01:00:00", "it broke")
    ]
    assert (found.run.start, found.run.end) == (START + HOUR, START + 2 * HOUR)
    assert found.run.ended is not None
    assert len(found.instances) == 5


@pytest.mark.parametrize("limit", [1, 100])
def test_runs_are_listed_with_their_instances_and_found_by_those_statuses(plant: Plant, limit: int) -> None:
    found, marker = [], None
    while True:
        request = ListRuns(plant.pipeline, frozenset({Status.FINISHED}), limit=limit, marker=marker)
        page = list_whole_runs(request, ALICE, plant.ports)
        found += [(each.run.id, len(each.instances)) for each in page.items]
        marker = page.marker
        if marker is None:
            break
    assert found == [(run, 5) for run, _ in ALL]
    failed = list_whole_runs(ListRuns(plant.pipeline, frozenset({Status.FAILED})), ALICE, plant.ports)
    assert [each.run.id for each in failed.items] == ["2026-01-01T01:00:00"]


@pytest.mark.parametrize("run", ["2026-01-01T09:00:00", "2026-01-01", "x", "2026-01-01T00:00:00.1"])
def test_a_run_that_never_began_is_not_found(plant: Plant, run: str) -> None:
    with pytest.raises(ObjectNotFound, match="run"):
        run_instances(plant.pipeline, run, ALICE, plant.ports)


def test_runs_of_one_second_are_listed_apart() -> None:
    plant = Plant(
        [
            {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr", "maxActiveInstances": "5"},
            {"id": "Do", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
            {"id": "In", "type": "S3DataNode", "filePath": "s3://in/x"},
            {"id": "Out", "type": "S3DataNode", "filePath": "s3://out/x"},
        ]
    )
    plant.activate()
    plant.activate()
    assert [run for run, _ in runs(plant, limit=1)] == [f"2026-01-01T00:00:0{second}" for second in (2, 1, 0)]


def test_a_cursor_of_another_listing_is_refused(plant: Plant) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        list_runs(ListRuns(plant.pipeline, marker="zzzz"), ALICE, plant.ports)
    marker = list_runs(ListRuns(plant.pipeline, limit=1), ALICE, plant.ports).marker
    with pytest.raises(InvalidRequest, match="cursor"):
        list_instances(ListInstances(plant.pipeline, marker=marker), ALICE, plant.ports)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 4, 100])
def test_instances_are_listed_page_by_page_either_way(plant: Plant, newest_first: bool, limit: int) -> None:
    found, marker = [], None
    while True:
        request = ListInstances(plant.pipeline, limit=limit, marker=marker, newest_first=newest_first)
        page = list_instances(request, ALICE, plant.ports)
        found += [item.id for item in page.items]
        marker = page.marker
        if marker is None:
            break
    moments = [name.rpartition("_")[2] for name in found]
    assert (len(found), len(set(found))) == (15, 15)
    assert moments == sorted(moments, reverse=newest_first)


def test_instances_are_filtered(plant: Plant) -> None:
    request = ListInstances(plant.pipeline, statuses=frozenset({Status.FAILED}), component=ComponentId("First"))
    assert [item.id for item in list_instances(request, ALICE, plant.ports).items] == ["@First_2026-01-01T01:00:00"]


def test_an_instance_shows_its_fields_evaluated_beside_their_sources(plant: Plant) -> None:
    shown = show_instance(plant.pipeline, "@In_2026-01-01T01:00:00", ALICE, plant.ports)
    (path,) = [field for field in shown.fields if field.key == "filePath"]
    assert path.written[0].value == "s3://in/#{format(@scheduledStartTime,'YYYY-MM-dd-HH')}"
    assert (path.evaluated, path.error) == (("s3://in/2026-01-01-01",), None)
    assert shown.type == "S3DataNode"


def test_an_attempt_shows_its_error_and_where_its_logs_are() -> None:
    plant = Plant(hourly("2026-01-01T00:00:00", 1, pipelineLogUri="s3://logs/#{@pipelineId}"))
    shown = show_instance(plant.pipeline, "@First_2026-01-01T00:00:00", ALICE, plant.ports)
    (attempt,) = shown.attempts
    folder = f"s3://logs/{plant.pipeline}/{plant.pipeline}/First/{shown.instance.id}/{attempt.id}/"
    assert [(link.name, link.uri) for link in attempt.logs] == [
        ("folder", folder),
        ("Activity.log", f"{folder}Activity.log"),
    ]


def test_what_is_stuck_says_behind_what(plant: Plant) -> None:
    shown = show_instance(plant.pipeline, "@Second_2026-01-01T01:00:00", ALICE, plant.ports)
    texts = [reason.text for reason in shown.waiting]
    assert "behind @First_2026-01-01T01:00:00, which is FAILED: rerun it, or mark it finished" in texts


def test_what_waits_says_for_what(plant: Plant) -> None:
    shown = show_instance(plant.pipeline, "@Out_2026-01-01T02:00:00", ALICE, plant.ports)
    assert [reason.text for reason in shown.waiting] == ["for @First_2026-01-01T02:00:00, which is RUNNING"]
    busy = show_instance(plant.pipeline, "@First_2026-01-01T02:00:00", ALICE, plant.ports)
    assert busy.waiting == ()


def test_what_is_paused_says_so(plant: Plant) -> None:
    set_status(SetStatus(plant.pipeline, ("First",), Command.PAUSE.value), ALICE, plant.ports)
    set_status(SetStatus(plant.pipeline, ("@First_2026-01-01T01:00:00",), Command.RERUN.value), ALICE, plant.ports)
    plant.settle()
    shown = show_instance(plant.pipeline, "@First_2026-01-01T01:00:00", ALICE, plant.ports)
    assert [(reason.text, reason.on) for reason in shown.waiting] == [
        ("for First to be resumed: it is paused", "First")
    ]


def test_secrets_of_an_instance_are_masked() -> None:
    objects = hourly("2026-01-01T00:00:00", 1)
    objects[4] |= {"myLine": "user:#{*myPassword}"}
    parameters = [{"id": "*myPassword", "type": "String"}]
    plant = Plant(objects, parameters=parameters, values={"*myPassword": "hunter2"})
    shown = show_instance(plant.pipeline, "@First_2026-01-01T00:00:00", ALICE, plant.ports)
    assert "hunter2" not in repr(shown)
    assert "{sealed:" not in repr(shown.fields)
    fields = {field.key: field for field in shown.fields}
    assert fields["myLine"].evaluated == ("user:*****",)


def test_what_is_no_instance_is_not_found(plant: Plant) -> None:
    for name in ("First", "@First_2026-01-01T01:00:00_Attempt=1", "@First_2031-01-01T01:00:00"):
        with pytest.raises(ObjectNotFound):
            show_instance(plant.pipeline, name, ALICE, plant.ports)


def test_runs_are_their_owners_business(plant: Plant) -> None:
    stranger = Caller("999999999999", "bob")
    with pytest.raises(PipelineNotFound):
        list_runs(ListRuns(plant.pipeline), stranger, plant.ports)
    with pytest.raises(PipelineNotFound):
        run_instances(plant.pipeline, "2026-01-01T00:00:00", stranger, plant.ports)
    with pytest.raises(PipelineNotFound):
        show_instance(plant.pipeline, "@First_2026-01-01T01:00:00", stranger, plant.ports)
    with pytest.raises(PipelineNotFound):
        list_instances(ListInstances(plant.pipeline), stranger, plant.ports)
