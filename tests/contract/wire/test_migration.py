"""Pipelines moved from one account to another, both behind the wire API."""

import itertools
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from chalicelib.domain.definition.encoding import from_file, to_api
from chalicelib.domain.values import parse_time, render_time
from tests.contract.wire.conftest import ACCOUNTS, client_of
from tests.contract.wire.moving import START, Move, fifty, make, schedule, scheduled, settle, shell


@pytest.fixture
def move(tmp_path: Path) -> Move:
    return Move(client_of(str(next(ACCOUNTS))), client_of(str(next(ACCOUNTS))), tmp_path)


def every(client: Any, pipeline: str) -> dict[str, str]:
    """Instances with their status."""
    ids = client.query_objects(pipelineId=pipeline, sphere="INSTANCE", limit=100)["ids"]
    if not ids:
        return {}
    found = client.describe_objects(pipelineId=pipeline, objectIds=ids)["pipelineObjects"]
    return {
        item["id"]: next(each["stringValue"] for each in item["fields"] if each["key"] == "@status") for item in found
    }


def has_work(client: Any) -> bool:
    """Whether a poll would be answered at once."""
    ids = [item["id"] for item in client.list_pipelines()["pipelineIdList"]]
    return any("WAITING_FOR_RUNNER" in every(client, each).values() for each in ids)


def work(client: Any, group: str = "g", verdicts: tuple[str, ...] = ("FINISHED",) * 99) -> list[str]:
    """A Task Runner that does what there is, with these verdicts; the attempts it did."""
    done = []
    for verdict in verdicts:
        settle()
        if not has_work(client):
            break
        task = client.poll_for_task(workerGroup=group)["taskObject"]
        client.set_task_status(taskId=task["taskId"], taskStatus=verdict)
        done.append(task["attemptId"].rpartition("_Attempt=")[0])
    settle()
    return done


def activate(client: Any, pipeline: str) -> None:
    """As somebody did when the schedule began."""
    client.activate_pipeline(pipelineId=pipeline, startTimestamp=parse_time(START))
    settle()


def switched(move: Move, pipeline: str, *options: str) -> str:
    """The id here after a switch that went well."""
    status, said = move.run("switch", pipeline, *options)
    assert status == 0, said
    return said.rpartition(" ")[2]


def states(client: Any) -> Counter[str]:
    ids = [item["id"] for page in client.get_paginator("list_pipelines").paginate() for item in page["pipelineIdList"]]
    found = [client.describe_pipelines(pipelineIds=[each])["pipelineDescriptionList"][0] for each in ids]
    return Counter(
        field["stringValue"] for item in found for field in item["fields"] if field["key"] == "@pipelineState"
    )


def test_fifty_pipelines_are_moved_and_a_second_time_nothing_happens(move: Move) -> None:
    for name, document in fifty():
        make(move.source, name, document, tags=[{"key": "team", "value": name}])
    move.secrets = {"*": {"Db.*password": "hunter2", "*myRDSPassword": "x", "*myRedshiftPassword": "y"}}
    status, said = move.run("create", "--all")
    assert (status, said.splitlines()[-1]) == (0, "50 pipelines: 50 created")
    status, said = move.run("create", "--all")
    assert (status, said.splitlines()[-1]) == (0, "50 pipelines: 50 unchanged")
    assert states(move.target) == {"PENDING": 50}


def test_the_report_says_what_runs_where_and_what_does_not(move: Move) -> None:
    for name, document in itertools.islice(fifty(), 11, 19):
        make(move.source, name, document)
    found = {item["name"]: item for item in move.report()["pipelines"]}
    assert [found[f"written-{number}"]["summary"] for number in range(8)] == [
        "needs a Task Runner",
        "needs EC2",
        "needs EMR",
        "runs natively",
        "runs natively",
        "needs a Task Runner",
        "will not run",
        "will not run",
    ]
    homeless, unknown = found["written-6"], found["written-7"]
    assert any("runsOn" in reason for reason in homeless["reasons"])
    assert any("TapeDataNode" in reason for reason in unknown["reasons"])
    assert found["written-3"]["secrets"] == ["Db.*password"]
    about = {note["about"] for item in found.values() for note in item["notes"]}
    assert about == {"role", "region", "image", "instance type", "network", "worker group", "field"}


def test_the_report_is_a_table_for_people(move: Move) -> None:
    made = make(move.source, "daily", scheduled(shell()))
    _, said = move.run("report")
    head, _, line, *_ = said.splitlines()
    assert head.split() == ["pipeline", "name", "state", "here", "next", "interval", "to", "do"]
    assert line.split()[:4] == [made, "daily", "PENDING", "needs"]


def test_a_pipeline_goes_on_here_where_it_stopped_there(move: Move) -> None:
    made = make(move.source, "daily", scheduled(shell(), maximumRetries="0"))
    activate(move.source, made)
    there = work(move.source, verdicts=("FINISHED", "FAILED", "FINISHED"))
    status, said = move.run("switch", made, "--wait", "0")
    assert (status, "1 more" in said, "--cancel-running" in said) == (75, False, True)
    status, said = move.run("switch", made, "--cancel-running")
    assert status == 0, said
    target = said.splitlines()[-1].rpartition(" ")[2]
    here = work(move.target)
    assert (len(there), len(here)) == (3, 1)
    assert sorted(every(move.target, target).values()) == ["FINISHED", "SKIPPED", "SKIPPED", "SKIPPED"]
    assert (states(move.source), states(move.target)) == ({"INACTIVE": 1}, {"SCHEDULED": 1})
    assert move.run("switch", made)[0] == 0
    assert work(move.target) == []


DAYS = scheduled(shell(), maximumRetries="0")


def test_components_that_stopped_at_different_intervals_each_go_on_at_their_own(move: Move) -> None:
    total = shell("Total", schedule={"ref": "Weeks"}, scheduleType="timeseries")
    made = make(move.source, "mixed", scheduled(shell(), schedule("Weeks", "1 week"), total))
    activate(move.source, made)
    there = work(move.source)
    target = switched(move, made)
    stored = move.target.get_pipeline_definition(pipelineId=target)["pipelineObjects"]
    told = {item["id"] for item in stored for each in item["fields"] if each["key"] == "continueFrom"}
    assert (len(there), told) == (4, {"Run", "Total"})
    assert work(move.target) == []
    components = move.target.describe_objects(pipelineId=target, objectIds=["Run", "Total"])["pipelineObjects"]
    nexts = [each["stringValue"] for item in components for each in item["fields"] if each["key"] == "@nextRunTime"]
    assert nexts == [render_time(parse_time(START) + timedelta(days=days)) for days in (4, 7)]


def test_what_failed_there_runs_here_when_asked_to(move: Move) -> None:
    made = make(move.source, "failing", DAYS)
    activate(move.source, made)
    there = work(move.source, verdicts=("FINISHED", "FAILED", "FINISHED", "FINISHED"))
    switched(move, made, "--rerun-failed")
    assert work(move.target) == [there[1]]


def test_a_failure_that_something_still_needs_is_somebodys_decision(move: Move) -> None:
    total = shell("Total", schedule={"ref": "Weeks"}, scheduleType="timeseries", dependsOn={"ref": "Run"})
    document = scheduled(shell(), schedule("Weeks", "1 week"), total, maximumRetries="0")
    made = make(move.source, "needing", document)
    activate(move.source, made)
    work(move.source, verdicts=("FAILED",) * 4)
    status, said = move.run("switch", made)
    assert (status, "--without-failed" in said, states(move.source)) == (1, True, {"SCHEDULED": 1})
    switched(move, made, "--without-failed")


def test_a_draft_follows_its_pipeline(move: Move) -> None:
    made = make(move.source, "draft", DAYS)
    activate(move.source, made)
    work(move.source)
    edited = scheduled(shell(command="false"), maximumRetries="0")
    edited["objects"][1] = DAYS["objects"][1]
    move.source.put_pipeline_definition(pipelineId=made, **to_api(from_file(edited)))
    target = switched(move, made)
    commands = {
        version: [
            each["stringValue"]
            for item in move.target.get_pipeline_definition(pipelineId=target, version=version)["pipelineObjects"]
            for each in item["fields"]
            if each["key"] == "command"
        ]
        for version in ("active", "latest")
    }
    assert commands == {"active": ["true"], "latest": ["false"]}


@pytest.mark.parametrize("name", ["ondemand", "pending"])
def test_what_did_not_run_by_itself_there_does_not_here(move: Move, name: str) -> None:
    ondemand = {"objects": [{"id": "Default", "scheduleType": "ondemand"}, shell()]}
    made = make(move.source, name, ondemand if name == "ondemand" else DAYS)
    if name == "ondemand":
        move.source.activate_pipeline(pipelineId=made)
        work(move.source)
    _, said = move.run("switch", made)
    assert "is not activated" in said
    assert states(move.target) == {"PENDING": 1}


def test_a_pipeline_goes_back_and_no_interval_runs_twice(move: Move) -> None:
    made = make(move.source, "back", DAYS)
    activate(move.source, made)
    there = work(move.source, verdicts=("FINISHED", "FINISHED"))
    switched(move, made, "--cancel-running")
    here = work(move.target)
    assert move.run("rollback", made)[0] == 75
    settle()
    status, said = move.run("rollback", made)
    settle()
    assert (status, states(move.source), states(move.target)) == (0, {"SCHEDULED": 1}, {"INACTIVE": 1}), said
    assert work(move.source) == []
    assert len({*there, *here}) == len(there) + len(here) == 4


def test_a_pipeline_that_is_active_here_is_left_alone(move: Move) -> None:
    made = make(move.source, "active", DAYS)
    target = switched_target(move, made)
    activate(move.target, target)
    assert "already active here" in move.run("create", made)[1]
    status, said = move.run("switch", made)
    assert (status, "nothing to switch" in said) == (1, True)


def switched_target(move: Move, pipeline: str) -> str:
    return next(word for word in move.run("create", pipeline)[1].split() if word.startswith("df-") and word != pipeline)


def test_a_secret_is_put_and_never_said(move: Move) -> None:
    document = _with_database()
    made = make(move.source, "secret", document)
    status, said = move.run("switch", made)
    assert (status, "secret Db.*password is not given" in said) == (1, True)
    move.secrets = {made: {"Db.*password": {"env": "DB"}}}
    move.environment = {"DB": "hunter2"}
    status, said = move.run("create", made)
    assert (status, "updated" in said, "hunter2" in said) == (0, True, False)
    assert "unchanged" in move.run("create", made)[1]


def _with_database() -> dict[str, Any]:
    database = {
        "id": "Db",
        "type": "JdbcDatabase",
        "connectionString": "jdbc:mysql://db/x",
        "jdbcDriverClass": "com.mysql.jdbc.Driver",
        "username": "u",
        "*password": "old",
    }
    return scheduled(shell(), database)


def test_the_plan_names_every_command(move: Move) -> None:
    made = make(move.source, "planned", DAYS)
    activate(move.source, made)
    work(move.source)
    _, said = move.run("plan", made)
    verbs = ("create", "deactivate-pipeline", "list-runs", "activate-pipeline", "switch", "rollback")
    assert [verb for verb in verbs if verb not in said] == []
    assert move.run("switch", made, "--dry-run")[1] == said
    assert (states(move.source), states(move.target)) == ({"SCHEDULED": 1}, {})


class Killed(BaseException):
    """The process is gone."""


def killed_at(line: int, act: Callable[[], object]) -> int:
    """Run until that many lines of the migration have begun; how many there were."""
    seen = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal seen
        if "penstock_migrate" not in frame.f_code.co_filename:
            return None
        if event == "line":
            seen += 1
            if seen == line:
                raise Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    except Killed:
        pass
    finally:
        sys.settrace(before)
    return seen


def test_a_switch_that_is_killed_anywhere_goes_on(tmp_path: Path) -> None:
    def trial(line: int) -> int:
        home = tmp_path / str(line)
        move = Move(client_of(str(next(ACCOUNTS))), client_of(str(next(ACCOUNTS))), home)
        made = make(move.source, "killed", DAYS)
        activate(move.source, made)
        there = work(move.source, verdicts=("FINISHED", "FAILED"))
        lines = killed_at(line, lambda: move.run("switch", made, "--cancel-running"))
        settle()
        switched(move, made, "--cancel-running")
        here = work(move.target)
        assert (len(there), len({*there, *here}), len(here)) == (2, 4, 2), line
        assert (states(move.source), states(move.target)) == ({"INACTIVE": 1}, {"SCHEDULED": 1}), line
        return lines

    total = trial(-1)
    for line in range(5, total, max(1, total // 12)):
        trial(line)
