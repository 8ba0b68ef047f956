"""The embedded AWS with a real PostgreSQL behind its Redshift, once a session; a database of its own for each test."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import PipelineId, Ref
from chalicelib.ports.databases import Address
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Outcome
from chalicelib.work.registry import SERVERLESS
from local.redshift.api import DataApi, with_redshift_data
from local.redshift.engine import Engine
from tests.servers import mariadb, postgresql
from tests.workbench import item, task, tools

_NUMBERS = count()
Clients = Callable[[str], Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one worker: the servers start once."""
    for each in items:
        if "contract/redshift" in str(each.path):
            each.add_marker(pytest.mark.xdist_group("redshift"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Address]:
    with postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def mysql() -> Iterator[Address]:
    with mariadb() as address:
        yield address


@pytest.fixture(scope="session")
def clients(postgres: Address) -> Iterator[Clients]:
    """Clients of the embedded AWS."""

    @cache
    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    engine = Engine(postgres.port, postgres.user, client)
    application = with_redshift_data(DomainDispatcherApplication(create_backend_app), DataApi(lambda: engine))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield client
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass(frozen=True)
class Lab:
    """One database and one bucket of a test's own."""

    clients: Clients
    scratch: Path
    database: str
    bucket: str

    def put(self, key: str, content: str | bytes) -> None:
        body = content if isinstance(content, bytes) else content.encode()
        self.clients("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def read(self, key: str) -> bytes:
        return bytes(self.clients("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def keys(self, prefix: str = "") -> list[str]:
        found = self.clients("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", ())]

    def place(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def sql(self, *sqls: str) -> list[tuple[Any, ...]]:
        """Run statements as one transaction; the rows of the last."""
        data = self.clients("redshift-data")
        where = {"ClusterIdentifier": "lab", "Database": self.database, "DbUser": "tester", "WaitTimeSeconds": 20}
        run = (
            data.execute_statement(Sql=sqls[0], **where)
            if len(sqls) == 1
            else data.batch_execute_statement(Sqls=list(sqls), **where)
        )
        found = data.describe_statement(Id=run["Id"], WaitTimeSeconds=20)
        assert found["Status"] == "FINISHED", found["Error"]
        if not found["HasResultSet"]:
            return []
        last = run["Id"] if len(sqls) == 1 else f"{run['Id']}:{len(sqls)}"
        records = data.get_statement_result(Id=last)["Records"]
        return [tuple(None if "isNull" in value else next(iter(value.values())) for value in row) for row in records]

    def table(self, name: str = "target") -> list[tuple[Any, ...]]:
        return sorted(self.sql(f"SELECT * FROM {name}"), key=str)

    def redshift(self, name: str = "Db", **fields: Any) -> PipelineObject:
        given = {"clusterId": "lab", "databaseName": self.database, "username": "tester", **fields}
        return item(name, type="RedshiftDatabase", **given)

    def copy(self, source: PipelineObject, target: PipelineObject, *others: PipelineObject, **fields: Any) -> Task:
        """A RedshiftCopyActivity between two nodes."""
        subject = item("Copy", type="RedshiftCopyActivity", input=Ref(source.id), output=Ref(target.id), **fields)
        return self.task(subject, source, target, self.redshift(), *others)

    def task(self, subject: PipelineObject, *others: PipelineObject) -> Task:
        return replace(task(subject, *others), pipeline=PipelineId(f"df-{self.database}"))

    def run(self, given: Task, **changes: Any) -> Outcome:
        s3 = self.clients("s3")
        outside = {
            "objects": S3Objects(s3),
            "tables": DynamoTables(lambda region: self.clients("dynamodb")),
            "warehouses": RedshiftData(lambda region: self.clients("redshift-data")),
        }
        held = tools(given, s3, self.scratch, **{**outside, **changes})
        return execute(SERVERLESS, given, held)


@pytest.fixture
def lab(clients: Clients, tmp_path: Path) -> Lab:
    number = next(_NUMBERS)
    bucket = f"lab-{number}"
    clients("s3").create_bucket(Bucket=bucket)
    return Lab(clients, tmp_path, f"db{number}", bucket)
