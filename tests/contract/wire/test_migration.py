"""Pipelines moved from one account to another, both behind the wire API."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.wire.conftest import client_of
from tests.contract.wire.moving import Move, fifty, make, scheduled, settle, shell

ACCOUNTS = itertools.count(700_000_000_000)


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


def work(client: Any, group: str = "g", verdicts: tuple[str, ...] = ("FINISHED",) * 99) -> list[str]:
    """A Task Runner that does what there is, with these verdicts; the attempts it did."""
    done = []
    for verdict in verdicts:
        settle()
        task = client.poll_for_task(workerGroup=group).get("taskObject") or {}
        if not task:
            break
        client.set_task_status(taskId=task["taskId"], taskStatus=verdict)
        done.append(task["attemptId"].rpartition("_Attempt=")[0])
    settle()
    return done


def activate(client: Any, pipeline: str, hours_ago: int) -> None:
    """As somebody did when the schedule began."""
    client.activate_pipeline(pipelineId=pipeline, startTimestamp=datetime.now(UTC) - timedelta(hours=hours_ago))
    settle()


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
    made = make(move.source, "hourly", scheduled(shell()))
    _, said = move.run("report")
    head, _, line, *_ = said.splitlines()
    assert head.split() == ["pipeline", "name", "state", "here", "next", "interval", "to", "do"]
    assert line.split()[:4] == [made, "hourly", "PENDING", "needs"]


def test_a_pipeline_goes_on_here_where_it_stopped_there(move: Move) -> None:
    made = make(move.source, "hourly", scheduled(shell(), maximumRetries="0"))
    activate(move.source, made, hours_ago=9)
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
