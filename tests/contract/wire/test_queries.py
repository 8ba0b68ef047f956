"""QueryObjects over the wire: operators, paging, and what list-runs asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.run.state import Attempt, Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import ComponentId, InstanceId, PipelineId, render_time
from chalicelib.ports.bundle import Ports
from tests.contract.wire.runs import Run

START = datetime(2020, 1, 1, tzinfo=UTC)


def ended(hour: int, status: Status) -> Instance:
    start = START + timedelta(hours=hour)
    return Instance(
        id=InstanceId(f"@Shell_{render_time(start)}"),
        component=ComponentId("Shell"),
        index=hour,
        start=start,
        end=start + timedelta(hours=1),
        version=1,
        status=status,
        created=start + timedelta(seconds=1, microseconds=500),
        tries_left=0,
        attempts=(Attempt(1, Status.FAILED, start), Attempt(2, status, start)),
        ended=start + timedelta(minutes=5),
    )


@pytest.fixture
def history(run: Run, ports: Ports) -> list[Instance]:
    """250 instances that ended, one an hour; every fifth was canceled."""
    rows = [ended(hour, Status.CANCELED if hour % 5 == 0 else Status.FINISHED) for hour in range(250)]
    ports.store.put_history(PipelineId(run.pipeline), rows)
    return rows


def ask(client: Any, pipeline: str, *selectors: tuple[str, str, list[str]], sphere: str = "INSTANCE") -> list[str]:
    query = {
        "selectors": [
            {"fieldName": name, "operator": {"type": kind, "values": values}} for name, kind, values in selectors
        ]
    }
    pages = client.get_paginator("query_objects").paginate(pipelineId=pipeline, sphere=sphere, query=query)
    return [found for page in pages for found in page["ids"]]


def test_live_and_ended_instances_come_in_order_of_time(client: Any, run: Run, history: list[Instance]) -> None:
    assert ask(client, run.pipeline) == [*(row.id for row in history), run.instance("Shell")]


def test_pages_are_as_long_as_asked_and_hold_everything_once(client: Any, run: Run, history: list[Instance]) -> None:
    pages = client.get_paginator("query_objects").paginate(
        pipelineId=run.pipeline, sphere="INSTANCE", PaginationConfig={"PageSize": 60}
    )
    assert [len(page["ids"]) for page in pages] == [60, 60, 60, 60, 11]


def test_the_default_page_is_a_hundred(client: Any, run: Run, history: list[Instance]) -> None:
    answer = client.query_objects(pipelineId=run.pipeline, sphere="INSTANCE")
    assert len(answer["ids"]) == 100
    assert answer["hasMoreResults"] is True


def test_a_page_that_ends_with_the_last_match_is_the_last(client: Any, run: Run, history: list[Instance]) -> None:
    selectors = [{"fieldName": "@status", "operator": {"type": "EQ", "values": ["CANCELED"]}}]
    answer = client.query_objects(pipelineId=run.pipeline, sphere="INSTANCE", query={"selectors": selectors}, limit=50)
    assert len(answer["ids"]) == 50
    assert answer["hasMoreResults"] is False


def test_the_query_of_list_runs_finds_what_runs_now(client: Any, run: Run, history: list[Instance]) -> None:
    now = datetime.now(UTC)
    interval = [render_time(now - timedelta(days=4)), render_time(now)]
    statuses = ["WAITING_FOR_RUNNER", "CANCELLED"]
    found = ask(client, run.pipeline, ("@actualStartTime", "BETWEEN", interval), ("@status", "EQ", statuses))
    assert found == [run.instance("Shell")]


def test_cancelled_is_canceled(client: Any, run: Run, history: list[Instance]) -> None:
    assert len(ask(client, run.pipeline, ("@status", "EQ", ["CANCELLED"]))) == 50


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        (("@scheduledStartTime", "BETWEEN", ["2020-01-02", "2020-01-03"]), 25),
        (("@scheduledStartTime", "LE", ["2020-01-01T02:00:00"]), 3),
        (("@scheduledEndTime", "LE", ["2020-01-01T02:00:00"]), 2),
        (("@scheduledStartTime", "GE", ["2020-01-11T09:00:00"]), 2),
        (("@scheduledStartTime", "EQ", ["2020-01-02", "2020-01-04"]), 2),
        (("@actualStartTime", "BETWEEN", ["2020-01-01T00:00:01", "2020-01-01T01:00:01"]), 2),
        (("@actualStartTime", "EQ", ["2020-01-01T00:00:01"]), 1),
        (("@actualEndTime", "LE", ["2020-01-01T00:05:00"]), 1),
        (("@actualEndTime", "GE", ["2030-01-01"]), 0),
        (("@componentParent", "REF_EQ", ["Nobody", "Shell"]), 251),
        (("@componentParent", "REF_EQ", ["Nobody"]), 0),
        (("parent", "EQ", ["Shell"]), 0),
        (("type", "EQ", ["ShellCommandActivity"]), 251),
        (("@sphere", "EQ", ["INSTANCE"]), 251),
        (("name", "EQ", ["@Shell_2020-01-01T00:00:00"]), 1),
        (("noSuchField", "EQ", [""]), 0),
        (("@scheduledStartTime", "BETWEEN", ["2020-01-03", "2020-01-02"]), 0),
    ],
)
def test_operators(
    client: Any, run: Run, history: list[Instance], selector: tuple[str, str, list[str]], count: int
) -> None:
    assert len(ask(client, run.pipeline, selector)) == count


def test_all_selectors_must_fit(client: Any, run: Run, history: list[Instance]) -> None:
    day = ("@scheduledStartTime", "BETWEEN", ["2020-01-01", "2020-01-01T09:00:00"])
    assert len(ask(client, run.pipeline, day, ("@status", "EQ", ["CANCELED"]))) == 2


def test_attempts_are_found_by_their_own_fields(client: Any, run: Run, history: list[Instance]) -> None:
    day = ("@scheduledStartTime", "BETWEEN", ["2020-01-01", "2020-01-01T02:00:00"])
    found = ask(client, run.pipeline, day, ("@status", "EQ", ["FAILED"]), sphere="ATTEMPT")
    assert found == [f"@Shell_2020-01-01T0{hour}:00:00_Attempt=1" for hour in range(3)]
    assert len(ask(client, run.pipeline, sphere="ATTEMPT")) == 501


def test_components_come_as_the_definition_has_them(client: Any, run: Run) -> None:
    assert ask(client, run.pipeline, sphere="COMPONENT") == ["Default", "Shell"]
    assert ask(client, run.pipeline, ("parent", "REF_EQ", ["Default"]), sphere="COMPONENT") == ["Shell"]


def test_a_pipeline_that_never_ran_has_no_instances(client: Any, pipeline: str) -> None:
    answer = client.query_objects(pipelineId=pipeline, sphere="INSTANCE")
    assert answer["ids"] == []
    assert answer["hasMoreResults"] is False


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        (("@status", "LE", ["A"]), "use EQ"),
        (("@scheduledStartTime", "BETWEEN", ["2020-01-01"]), "BETWEEN takes 2, got 1"),
        (("@scheduledStartTime", "GE", ["2020-01-01", "2020-01-02"]), "GE takes 1, got 2"),
        (("@scheduledStartTime", "GE", ["yesterday"]), "YYYY-MM-DD"),
        (("@scheduledStartTime", "LIKE", ["2020"]), "EQ, REF_EQ, LE, GE, BETWEEN"),
        (("@status", "EQ", []), "at least 1"),
    ],
)
def test_a_selector_that_cannot_be_asked_is_refused(
    client: Any, pipeline: str, selector: tuple[str, str, list[str]], says: str
) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match=says):
        ask(client, pipeline, selector)


def test_more_than_ten_selectors_are_refused(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="at most 10"):
        ask(client, pipeline, *[("@status", "EQ", ["A"])] * 11)


def test_a_marker_of_another_query_is_refused(client: Any, run: Run, history: list[Instance]) -> None:
    marker = client.query_objects(pipelineId=run.pipeline, sphere="INSTANCE", limit=1)["marker"]
    with pytest.raises(client.exceptions.InvalidRequestException, match="marker"):
        client.query_objects(pipelineId=run.pipeline, sphere="ATTEMPT", marker=marker)
    with pytest.raises(client.exceptions.InvalidRequestException, match="marker"):
        client.query_objects(pipelineId=run.pipeline, sphere="INSTANCE", marker="x" + marker)


def test_an_unknown_sphere_is_refused_with_the_known_ones(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="COMPONENT, INSTANCE, ATTEMPT"):
        client.query_objects(pipelineId=pipeline, sphere="PIPELINE")
