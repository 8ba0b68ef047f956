"""kill -9 of a worker at random points: the retried copy gives what an undisturbed one gives."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.codec import encode_task
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, Ref
from chalicelib.ports.databases import Address, Engine, Row, Session
from tests.workbench import item, task

pytestmark = pytest.mark.xdist_group("databases")  # in one worker: each server starts once

POINTS = 10
ROWS = 20_000
RANGES = {"range_size": 1, "range_rows": 20_000}
NAMES = {0: "First", 1: "Second"}
THINGS = "CREATE TABLE {} (id INT, name VARCHAR(50))"
CONTENT = "".join(f"{n},name {n}\n" for n in range(ROWS)).encode()


class Victim:
    """Runs tasks in a process that is killed after some seconds."""

    def __init__(self, endpoint: str, module: str = "tests.contract.databases.victim") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, endpoint],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(
        self,
        given: Task,
        seconds: float | None = None,
        *,
        ranges: bool = False,
        limits: Mapping[str, int] | None = None,
    ) -> tuple[str, float]:
        """The outcome, or `killed`, and the seconds that it took. `ranges`, `limits`: as functions do it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([seconds, encode_task(given), RANGES if ranges else limits]) + "\n")
        self._process.stdin.flush()
        outcome, took = json.loads(self._process.stdout.readline())
        return outcome, took

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def s3(endpoint: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    for bucket in ("source", "target"):
        client.create_bucket(Bucket=bucket)
    for part in range(3):
        client.put_object(Bucket="source", Key=f"in/{part}", Body=CONTENT)
    return client


@pytest.fixture(scope="module")
def victim(endpoint: str) -> Iterator[Victim]:
    made = Victim(endpoint)
    yield made
    made.end()


def database(address: Address) -> PipelineObject:
    kind = "postgresql" if address.engine is Engine.POSTGRESQL else "mysql"
    url = f"jdbc:{kind}://{address.host}:{address.port}/{address.database}"
    more = {"jdbcProperties": "currentSchema=work"} if address.engine is Engine.POSTGRESQL else {}
    return item("Db", type="JdbcDatabase", connectionString=url, username=address.user, **{"*password": ""}, **more)


def disturbed(victim: Victim, make: Callable[[int], Task], *, ranges: bool = False) -> int:
    """Kill ten attempts at points spread over the time that one takes, then let one end; how many really died."""
    for number in (0, 1):  # the first creates what the second finds, and takes longer
        outcome, took = victim.do(make(number), ranges=ranges)
        assert outcome.startswith("Finished")
    chance = random.Random(took)
    points = [(number + chance.random()) / POINTS for number in range(POINTS)]  # early ones first: a copy ends once
    said = [victim.do(make(100 + number), took * point, ranges=ranges)[0] for number, point in enumerate(points)]
    assert victim.do(make(1000), ranges=ranges)[0].startswith("Finished")
    return said.count("killed")


def attempt(instance: str, number: int, source: PipelineObject, target: PipelineObject, address: Address) -> Task:
    copy = item("Copy", type="CopyActivity", input=Ref(source.id), output=Ref(target.id))
    name = AttemptId(f"@{instance}_2026-02-03T04:00:00_Attempt={number}")
    return task(copy, source, target, database(address), attempt=name)


def table(name: str, of: str, **fields: str) -> PipelineObject:
    return item(name, type="SqlDataNode", table=of, database=Ref("Db"), **fields)


def count(session: Session, of: str) -> list[Row]:
    session.rollback()
    return list(session.rows(f"SELECT count(*), count(DISTINCT id), min(name), max(name) FROM {of}"))


@pytest.mark.parametrize("query", [None, "INSERT INTO things VALUES (?, ?)"])
def test_a_load_adds_its_rows_once(
    s3: Any, victim: Victim, session: Session, address: Address, query: str | None
) -> None:
    session.run(THINGS.format("things"))
    session.commit()
    source = item("In", type="S3DataNode", directoryPath="s3://source/in/")
    target = table("Out", "things", **({"insertQuery": query} if query else {}))
    # The two undisturbed loads are others: their rows are there, too.
    killed = disturbed(victim, lambda n: attempt(NAMES.get(n, "Copy"), n, source, target, address))
    assert killed > 0
    assert count(session, "things") == [(str(9 * ROWS), str(ROWS), "name 0", "name 9999")]


def test_an_unload_writes_the_same_object(s3: Any, victim: Victim, session: Session, address: Address) -> None:
    session.run(THINGS.format("things"))
    session.load(session.table("things", None), ("id", "name"), [CONTENT] * 10, ",")
    session.commit()
    target = item("Out", type="S3DataNode", directoryPath="s3://target/d/")
    killed = disturbed(victim, lambda n: attempt("Copy", n, table("In", "things"), target, address))
    assert killed > 0
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="target")["Contents"]] == ["d/part-00000"]
    assert s3.get_object(Bucket="target", Key="d/part-00000")["Body"].read() == CONTENT * 10


def test_a_table_is_copied_into_another_once(victim: Victim, session: Session, address: Address) -> None:
    for name in ("things", "others"):
        session.run(THINGS.format(name))
    session.load(session.table("things", None), ("id", "name"), [CONTENT] * 3, ",")
    session.commit()
    nodes = table("In", "things"), table("Out", "others")
    killed = disturbed(victim, lambda n: attempt(NAMES.get(n, "Copy"), n, *nodes, address))
    assert killed > 0
    assert count(session, "others") == [(str(9 * ROWS), str(ROWS), "name 0", "name 9999")]


def fill_with_key(session: Session, address: Address) -> bytes:
    """A table that is large enough to be cut, and its text."""
    session.run("CREATE TABLE things (id INT PRIMARY KEY, name VARCHAR(100))")
    content = "".join(f"{n},{f'name {n} ':-<90}\n" for n in range(10 * ROWS)).encode()
    session.load(session.table("things", None), ("id", "name"), [content], ",")
    session.commit()
    if address.engine is Engine.MYSQL:
        session.rows("ANALYZE TABLE things")
    return content


@pytest.mark.parametrize("fields", [{"directoryPath": "s3://target/r/"}, {"filePath": "s3://target/r/whole"}])
def test_an_unload_in_ranges_writes_every_row_once(
    s3: Any, victim: Victim, session: Session, address: Address, fields: dict[str, str]
) -> None:
    for found in s3.list_objects_v2(Bucket="target").get("Contents", ()):
        s3.delete_object(Bucket="target", Key=found["Key"])
    content = fill_with_key(session, address)
    target = item("Out", type="S3DataNode", **fields)
    killed = disturbed(victim, lambda n: attempt("Copy", n, table("In", "things"), target, address), ranges=True)
    assert killed > 0
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket="target")["Contents"]]
    assert len(keys) == (10 if "directoryPath" in fields else 1)
    text = b"".join(s3.get_object(Bucket="target", Key=key)["Body"].read() for key in keys)
    assert sorted(text.splitlines()) == sorted(content.splitlines())


def test_a_table_is_copied_in_ranges_into_another_once(victim: Victim, session: Session, address: Address) -> None:
    fill_with_key(session, address)
    session.run("CREATE TABLE others (id INT, name VARCHAR(100))")
    session.commit()
    nodes = table("In", "things"), table("Out", "others")
    killed = disturbed(victim, lambda n: attempt(NAMES.get(n, "Copy"), n, *nodes, address), ranges=True)
    assert killed > 0
    session.rollback()
    found = session.rows("SELECT count(*), count(DISTINCT id) FROM others")
    assert found == [(str(30 * ROWS), str(10 * ROWS))]
