"""One copy between a database and S3, by a named way, in a process of its own so that its memory can be measured.

`python -m bench.programs.sql_copy WAY TASK ENDPOINT`: `ours` runs the task file's CopyActivity by its executor; `loop`
reads rows with the driver and the csv module, or inserts them with executemany, as scripts do.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import boto3

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.codec import decode_task
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Address, Engine
from chalicelib.work.execute import execute
from chalicelib.work.journal import Journal
from chalicelib.work.outcome import Finished
from chalicelib.work.registry import SERVERLESS
from chalicelib.work.sql.addresses import address_of
from chalicelib.work.tools import Tools

COLUMNS = 5


def main(way: str, path: str, endpoint: str) -> int:
    """Copy, and print the seconds that it took, since a function's imports are done long before, and its peak in MB."""
    task = decode_task(Path(path).read_text())
    client = boto3.client("s3", endpoint_url=endpoint)
    began = time.perf_counter()
    status = _ours(task, client) if way == "ours" else _loop(task, client)
    print(time.perf_counter() - began, _peak_mb())
    return status


def _peak_mb() -> float:
    """Of this program alone: what getrusage tells includes the process that it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _loop(task: Task, client: Any) -> int:
    source, target = (task.linked(task.subject, side)[0] for side in ("input", "output"))
    return (
        _loop_out(task, source, target, client)
        if source.type == "SqlDataNode"
        else _loop_in(task, source, target, client)
    )


def _ours(task: Task, client: Any) -> int:
    objects = S3Objects(client)
    tools = Tools(
        objects=objects,
        tables=DynamoTables(lambda _: None),
        databases=SqlDatabases(lambda *_: None),
        warehouses=RedshiftData(lambda _: None),
        journal=Journal(objects, None, SystemClock().now),
        scratch=Path(tempfile.gettempdir()),
        environment={},
        cancelled=lambda: False,
        time_left=lambda: None,
        report=lambda _: None,
    )
    outcome = execute(SERVERLESS, task, tools)
    if isinstance(outcome, Finished):
        return 0
    print(outcome, file=sys.stderr)
    return 1


def _loop_out(task: Task, source: PipelineObject, target: PipelineObject, client: Any) -> int:
    connection = _connected(address_of(task, source, SqlDatabases(lambda *_: None)))
    with tempfile.NamedTemporaryFile("w", newline="") as file:
        writer = csv.writer(file)
        cursor = _streaming(connection)
        cursor.execute("SELECT * FROM rows_in")
        writer.writerows(iter(cursor.fetchone, None))
        file.flush()
        client.upload_file(file.name, *_place(target))
    return 0


def _loop_in(task: Task, source: PipelineObject, target: PipelineObject, client: Any) -> int:
    connection = _connected(address_of(task, target, SqlDatabases(lambda *_: None)))
    cursor = connection.cursor()
    with tempfile.TemporaryDirectory() as folder:
        client.download_file(*_place(source), f"{folder}/rows")
        with open(f"{folder}/rows", newline="") as file:
            _insert_all(cursor, csv.reader(file, quoting=csv.QUOTE_NONE, escapechar="\\"))
    connection.commit()
    return 0


def _insert_all(cursor: Any, rows: Iterator[list[str]]) -> None:
    statement = f"INSERT INTO rows_out VALUES ({', '.join(['%s'] * COLUMNS)})"
    while batch := [[None if value == "N" else value for value in row] for row in islice(rows, 1000)]:
        cursor.executemany(statement, batch)


def _connected(address: Address) -> Any:
    if address.engine is Engine.POSTGRESQL:
        import psycopg  # noqa: PLC0415  # only the driver that is measured

        return psycopg.connect(host=address.host, port=address.port, user=address.user, dbname=address.database)
    import pymysql  # noqa: PLC0415  # only the driver that is measured

    return pymysql.connect(host=address.host, port=address.port, user=address.user, database=address.database)


def _streaming(connection: Any) -> Any:
    """A cursor that does not hold the whole result."""
    if hasattr(connection, "pgconn"):
        cursor = connection.cursor(name="rows")
        cursor.itersize = 1000
        return cursor
    import pymysql.cursors  # noqa: PLC0415  # only the driver that is measured

    return connection.cursor(pymysql.cursors.SSCursor)


def _place(node: PipelineObject) -> tuple[str, str]:
    bucket, _, key = (node.text("filePath") or "").removeprefix("s3://").partition("/")
    return bucket, key


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
