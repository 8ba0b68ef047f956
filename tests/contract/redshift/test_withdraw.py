"""An attempt that nobody waits for any more leaves no statement running, unless a retry goes on with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.events import Deactivated, Deleted, Event, StatusSet
from chalicelib.domain.run.status import Command
from chalicelib.ports.databases import Address
from tests.contract.redshift.conftest import Lab
from tests.contract.redshift.runs import ANY_PAUSE, Run
from tests.unit.service.test_perform import House

INSTANCE = "@Load_2026-01-01T00:00:00"
LOAD = "CREATE TEMP TABLE"


def definition(lab: Lab, **fields: str) -> Definition:
    database = {"clusterId": "lab", "databaseName": lab.database, "username": "u", "*password": "p"}
    objects: list[dict[str, Any]] = [
        {"id": "Default", "scheduleType": "ondemand", "maximumRetries": "0", "retryDelay": "1 minute", "role": "r"},
        {"id": "In", "type": "S3DataNode", "directoryPath": lab.place("in"), "dataFormat": {"ref": "Csv"}},
        {"id": "Csv", "type": "CSV"},
        {"id": "Db", "type": "RedshiftDatabase", **database},
        {"id": "Out", "type": "RedshiftDataNode", "database": {"ref": "Db"}, "tableName": "target"},
        {
            "id": "Load",
            "type": "RedshiftCopyActivity",
            "input": {"ref": "In"},
            "output": {"ref": "Out"},
            "insertMode": "APPEND",
            **fields,
        },
    ]
    return from_file({"objects": objects})


@contextmanager
def locked(lab: Lab, postgres: Address) -> Iterator[None]:
    """Nobody writes to the target meanwhile."""
    place = {"host": postgres.host, "port": postgres.port, "user": postgres.user}
    with psycopg.connect(**place, dbname=f"lab/{lab.database}") as connection:
        connection.execute("LOCK TABLE target IN EXCLUSIVE MODE")
        yield


def loads(lab: Lab) -> list[str]:
    """How the lab's loads stand, oldest first."""
    data = lab.clients("redshift-data")
    pages = data.get_paginator("list_statements").paginate(Status="ALL")
    ids = [each["Id"] for page in pages for each in page["Statements"] if each["QueryString"].startswith(LOAD)]
    found = [data.describe_statement(Id=each) for each in reversed(ids)]
    return [each["Status"] for each in found if each["Database"] == lab.database]


def until_it_loads(lab: Lab, run: Run) -> None:
    """A look that was too early for a busy server is repeated as the service does."""
    for _ in range(20):
        if loads(lab):
            return
        run.pass_time(ANY_PAUSE, turns=1)
    raise AssertionError("it never gets there")


def begun(lab: Lab, **fields: str) -> Run:
    run = Run(lab, definition(lab, **fields), turns=1)
    until_it_loads(lab, run)
    return run


@pytest.fixture
def prepared(lab: Lab) -> Lab:
    lab.sql("CREATE TABLE target (id INT)")
    lab.put("in/a", "1\n2\n")
    return lab


def deactivated(house: House) -> Event:
    return Deactivated("stop", house.now(), cancel_active=True)


def deleted(house: House) -> Event:
    return Deleted("delete", house.now())


def canceled(house: House) -> Event:
    return StatusSet("cancel", house.now(), Command.TRY_CANCEL, (INSTANCE,))


@pytest.mark.parametrize("event", [deactivated, deleted, canceled])
def test_what_is_not_wanted_any_more_is_asked_to_end(
    prepared: Lab, postgres: Address, event: Callable[[House], Event]
) -> None:
    with locked(prepared, postgres):
        run = begun(prepared)
        run.house.publish(event(run.house))
        run.pass_time(ANY_PAUSE, turns=1)
        assert loads(prepared) == ["ABORTED"]
    assert prepared.table() == []


def test_what_took_too_long_is_asked_to_end(prepared: Lab, postgres: Address) -> None:
    with locked(prepared, postgres):
        run = begun(prepared, attemptTimeout="2 hours")
        run.pass_time(timedelta(hours=3), turns=2)
        run.pass_time(ANY_PAUSE, turns=1)
        assert loads(prepared) == ["ABORTED"]
    assert prepared.table() == []


def test_a_retry_after_a_timeout_loads_once(prepared: Lab, postgres: Address) -> None:
    with locked(prepared, postgres):
        run = begun(prepared, attemptTimeout="2 hours", maximumRetries="1")
        run.pass_time(timedelta(hours=3), turns=1)
        assert loads(prepared) == ["ABORTED"]
    run.finished("Load")
    assert (prepared.table(), loads(prepared)) == ([(1,), (2,)], ["ABORTED", "FINISHED"])


def test_a_retry_that_is_under_way_already_goes_on_with_the_statement(prepared: Lab, postgres: Address) -> None:
    with locked(prepared, postgres):
        run = begun(prepared, attemptTimeout="2 hours", maximumRetries="1")
        run.pass_time(timedelta(hours=3), turns=0)
        run.pass_time(ANY_PAUSE, turns=2)
        assert loads(prepared) in (["STARTED"], ["SUBMITTED"])
    run.finished("Load")
    assert (prepared.table(), loads(prepared)) == ([(1,), (2,)], ["FINISHED"])


def test_a_rerun_begins_anew_and_the_canceled_statement_ends(prepared: Lab, postgres: Address) -> None:
    with locked(prepared, postgres):
        run = begun(prepared)
        run.house.publish(canceled(run.house))
        run.house.publish(StatusSet("again", run.house.now(), Command.RERUN, (INSTANCE,)))
        run.pass_time(ANY_PAUSE, turns=2)
        assert loads(prepared)[0] == "ABORTED"
    run.finished("Load")
    assert (prepared.table(), loads(prepared)) == ([(1,), (2,)], ["ABORTED", "FINISHED"])
