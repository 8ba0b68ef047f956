"""kill -9 of a worker at random points: the retried load or unload gives what an undisturbed one gives."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, Ref
from tests.contract.databases.test_kills import Victim, disturbed
from tests.contract.redshift.conftest import Clients, Lab
from tests.workbench import item

ROWS = 2000
ITEMS = 60
NAMES = {0: "First", 1: "Second"}
"""The two undisturbed copies are others: a load of theirs adds rows, too."""

TRIES = 2000


@pytest.fixture(scope="module")
def victim(clients: Clients) -> Iterator[Victim]:
    made = Victim(clients("s3").meta.endpoint_url, "tests.contract.redshift.victim")
    yield made
    made.end()


def attempt(lab: Lab, number: int, source: PipelineObject, target: PipelineObject, **fields: Any) -> Task:
    """Of a series with many tries."""
    counts = {"AT_attemptCount": str(number), "AT_triesLeft": str(TRIES - number)}
    given = lab.copy(source, target, item("Csv", type="CSV"), **fields, **counts)
    name = AttemptId(f"@{NAMES.get(number, 'Copy')}_2026-02-03T04:00:00_Attempt={number}")
    own = PipelineObject(name, name, given.subject.fields)
    return replace(given, attempt=name, objects={**given.objects, name: own})


def table(name: str) -> PipelineObject:
    return item(name, type="RedshiftDataNode", database=Ref("Db"), tableName="target")


def test_a_load_from_storage_adds_its_rows_once(lab: Lab, victim: Victim) -> None:
    lab.sql("CREATE TABLE target (id INT, name VARCHAR(20))")
    lab.put("in/a", "".join(f"{n},name {n}\n" for n in range(ROWS)))
    source = item("In", type="S3DataNode", directoryPath=lab.place("in"), dataFormat=Ref("Csv"))
    killed = disturbed(victim, lambda n: attempt(lab, n, source, table("Out"), insertMode="APPEND"))
    assert killed > 0
    found = lab.sql("SELECT count(*), count(DISTINCT id), min(name), max(name) FROM target")
    assert found == [(3 * ROWS, ROWS, "name 0", "name 999")]


def test_a_load_from_dynamodb_adds_its_rows_once(lab: Lab, victim: Victim) -> None:
    lab.sql("CREATE TABLE target (k VARCHAR(9), n INT)")
    dynamodb = lab.clients("dynamodb")
    dynamodb.create_table(
        TableName=lab.bucket,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    for n in range(ITEMS):
        dynamodb.put_item(TableName=lab.bucket, Item={"k": {"S": f"k{n}"}, "n": {"N": str(n)}})
    source = item("In", type="DynamoDBDataNode", tableName=lab.bucket)
    killed = disturbed(victim, lambda n: attempt(lab, n, source, table("Out"), insertMode="APPEND"))
    assert killed > 0
    found = lab.sql("SELECT count(*), count(DISTINCT k), sum(n) FROM target")
    assert found == [(3 * ITEMS, ITEMS, 3 * ITEMS * (ITEMS - 1) // 2)]


def test_an_unload_writes_the_same_files(lab: Lab, victim: Victim) -> None:
    lab.sql(
        "CREATE TABLE target (id INT, name VARCHAR(20))",
        f"INSERT INTO target SELECT n, 'name ' || n FROM generate_series(1, {ROWS}) AS n",
    )

    def folder(number: int) -> PipelineObject:
        directory = lab.place(NAMES.get(number, "Copy"))
        return item("Out", type="S3DataNode", directoryPath=directory, dataFormat=Ref("Csv"))

    killed = disturbed(victim, lambda n: attempt(lab, n, table("In"), folder(n), insertMode="APPEND"))
    assert killed > 0
    first, copy = ({key.removeprefix(f): lab.read(key) for key in lab.keys(f)} for f in ("First/", "Copy/"))
    assert copy == first
    assert b"".join(first.values()).count(b"\n") == ROWS
