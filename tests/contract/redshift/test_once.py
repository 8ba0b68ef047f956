"""A load happens once, whatever is interrupted and repeated; on a real PostgreSQL that plays Redshift."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, Ref
from chalicelib.ports.databases import Address
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from tests.contract.redshift.conftest import Lab
from tests.workbench import item

FUNCTION: dict[str, Callable[[], timedelta]] = {"time_left": lambda: timedelta(0)}
MOST_TURNS = 500


def attempt(lab: Lab, number: int = 1, tries: int = 3) -> Task:
    """An APPEND's attempt; `tries` are those of its series."""
    counts = {"AT_attemptCount": str(number), "AT_triesLeft": str(tries - number)}
    given = lab.copy(
        item("In", type="S3DataNode", directoryPath=lab.place("in"), dataFormat=Ref("Csv")),
        item("Out", type="RedshiftDataNode", database=Ref("Db"), tableName="target"),
        item("Csv", type="CSV"),
        insertMode="APPEND",
        **counts,
    )
    name = AttemptId(f"@Copy_2026-02-03T04:00:00_Attempt={number}")
    own = PipelineObject(name, name, given.subject.fields)
    return replace(given, attempt=name, objects={**given.objects, name: own})


def prepared(lab: Lab) -> None:
    lab.sql("CREATE TABLE target (id INT)")
    lab.put("in/a", "1\n2\n")


def to_its_end(lab: Lab, given: Task, **changes: Any) -> Outcome:
    """As the service does: again with the checkpoint, until there is none."""
    for _ in range(MOST_TURNS):
        outcome = lab.run(given, **FUNCTION, resumed=given.checkpoint is not None, **changes)
        if not isinstance(outcome, Unfinished):
            return outcome
        given = replace(given, checkpoint=outcome.checkpoint)
    raise AssertionError("never ends")


def until(lab: Lab, given: Task, step: str) -> Task:
    """The task once it waits for the step, however often it had to wait for those before."""
    for _ in range(MOST_TURNS):
        outcome = lab.run(given, **FUNCTION, resumed=given.checkpoint is not None)
        assert isinstance(outcome, Unfinished)
        given = replace(given, checkpoint=outcome.checkpoint)
        if f'"{step}"' in outcome.checkpoint:
            return given
    raise AssertionError("never gets there")


@contextmanager
def locked(lab: Lab, postgres: Address) -> Iterator[None]:
    """Nobody writes to the target meanwhile."""
    place = {"host": postgres.host, "port": postgres.port, "user": postgres.user}
    with psycopg.connect(**place, dbname=f"lab/{lab.database}") as connection:
        connection.execute("LOCK TABLE target IN EXCLUSIVE MODE")
        yield


def test_a_function_comes_back_for_what_takes_long(lab: Lab, postgres: Address) -> None:
    prepared(lab)
    with locked(lab, postgres):
        waiting = until(lab, attempt(lab), "load")
        outcome = lab.run(waiting, **FUNCTION)
        assert isinstance(outcome, Unfinished)
        assert timedelta(seconds=1) <= outcome.after <= timedelta(seconds=60)
        assert lab.table() == []
    assert isinstance(to_its_end(lab, waiting), Finished)
    assert lab.table() == [(1,), (2,)]


def test_a_repeated_execution_finds_its_statement(lab: Lab) -> None:
    prepared(lab)
    for _ in range(3):
        assert isinstance(to_its_end(lab, attempt(lab)), Finished)
    assert lab.table() == [(1,), (2,)]


def test_a_retry_of_a_load_that_went_through_does_nothing(lab: Lab) -> None:
    prepared(lab)
    assert isinstance(lab.run(attempt(lab, 1)), Finished)
    assert isinstance(lab.run(attempt(lab, 2), resumed=True), Finished)
    assert lab.table() == [(1,), (2,)]


def test_a_retry_takes_over_a_load_that_still_runs(lab: Lab, postgres: Address) -> None:
    prepared(lab)
    with locked(lab, postgres):
        until(lab, attempt(lab, 1), "load")
        second = until(lab, attempt(lab, 2), "look at output")
        lab.run(second, **FUNCTION, resumed=True)
    assert isinstance(to_its_end(lab, second), Finished)
    assert lab.table() == [(1,), (2,)]


def test_a_retry_of_a_load_that_failed_loads(lab: Lab) -> None:
    prepared(lab)
    lab.put("in/b", "three\n")
    assert isinstance(lab.run(attempt(lab, 1)), Failed)
    assert isinstance(lab.run(attempt(lab, 2), resumed=True), Failed)
    lab.put("in/b", "3\n")
    assert isinstance(lab.run(attempt(lab, 3), resumed=True), Finished)
    assert lab.table() == [(1,), (2,), (3,)]


def test_a_rerun_loads_again(lab: Lab) -> None:
    prepared(lab)
    lab.run(attempt(lab, 1, tries=3))
    assert isinstance(lab.run(attempt(lab, 2, tries=4), resumed=True), Finished)
    assert lab.table() == [(1,), (1,), (2,), (2,)]


def test_a_canceled_load_is_asked_to_end_and_changes_nothing(lab: Lab, postgres: Address) -> None:
    prepared(lab)
    with locked(lab, postgres):
        waiting = until(lab, attempt(lab), "load")
        outcome = lab.run(waiting, **FUNCTION, cancelled=lambda: True)
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Canceled"
    data = lab.clients("redshift-data")
    found = data.describe_statement(Id=outcome.message.split()[2], WaitTimeSeconds=20)
    assert (found["Status"], lab.table()) == ("ABORTED", [])
