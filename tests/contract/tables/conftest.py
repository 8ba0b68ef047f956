"""The embedded DynamoDB with its exports, once a session, and a clock that tests move."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.run.task import Task
from chalicelib.ports.tables import Item
from chalicelib.transfer.formats.items import encode_item
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Outcome
from chalicelib.work.registry import SERVERLESS, Executor
from local.tables.api import TableExports, with_table_exports
from tests.workbench import tools

_NUMBERS = count()
START = datetime(2026, 3, 1, tzinfo=UTC)


class MovableClock:
    """Seconds since 1970, as a test wants them."""

    def __init__(self) -> None:
        self.moment = START

    def seconds(self) -> float:
        return self.moment.timestamp()


@dataclass(frozen=True)
class Server:
    """The embedded AWS."""

    url: str
    clock: MovableClock
    exports: TableExports

    @cache  # noqa: B019  # one server a session
    def client(self, service: str, region: str = "us-east-1") -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, endpoint_url=self.url, region_name=region, **keys)


@pytest.fixture(scope="session")
def served() -> Iterator[Server]:
    clock = MovableClock()
    made: list[Server] = []

    def client(service: str) -> Any:
        return made[0].client(service)

    exports = TableExports(client, clock.seconds)
    application = with_table_exports(DomainDispatcherApplication(create_backend_app), exports)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    made.append(Server(f"http://127.0.0.1:{server.server_port}", clock, exports))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made[0]
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass(frozen=True)
class Lab:
    """Tables and a bucket of a test's own."""

    server: Server
    scratch: Path
    name: str

    @property
    def bucket(self) -> str:
        return f"lab-{self.name}"

    def later(self, **length: float) -> datetime:
        self.server.clock.moment += timedelta(**length)
        return self.server.clock.moment

    def dynamodb(self, region: str = "us-east-1") -> Any:
        return self.server.client("dynamodb", region)

    def create(self, name: str, region: str = "us-east-1", recovery: bool = False) -> None:
        """A table with a partition and a sort key."""
        self.dynamodb(region).create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "k", "AttributeType": "S"},
                {"AttributeName": "r", "AttributeType": "N"},
            ],
        )
        if recovery:
            specification = {"PointInTimeRecoveryEnabled": True}
            self.dynamodb(region).update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification=specification
            )

    def put(self, table: str, *keys: str, region: str = "us-east-1", **more: Any) -> None:
        for key in keys:
            self.dynamodb(region).put_item(TableName=table, Item={"k": {"S": key}, "r": {"N": "1"}, **more})

    def delete(self, table: str, key: str) -> None:
        self.dynamodb().delete_item(TableName=table, Key={"k": {"S": key}, "r": {"N": "1"}})

    def items(self, table: str, region: str = "us-east-1") -> list[str]:
        return sorted(encode_item(one) for one in self.dynamodb(region).scan(TableName=table)["Items"])

    def keys(self, table: str, region: str = "us-east-1") -> list[str]:
        found: list[Item] = self.dynamodb(region).scan(TableName=table)["Items"]
        return sorted(str(one["k"]["S"]) for one in found)

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        s3 = self.server.client("s3")
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", ())]
        return {key: s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}

    def run(self, given: Task, executors: Mapping[str, Executor] = SERVERLESS, **changes: Any) -> Outcome:
        s3 = self.server.client("s3")
        outside = {
            "objects": S3Objects(s3),
            "tables": DynamoTables(lambda region: self.dynamodb(region or "us-east-1")),
            "pause": lambda seconds: self.server.exports.wait(),
        }
        return execute(executors, given, tools(given, s3, self.scratch, **{**outside, **changes}))


@pytest.fixture
def lab(served: Server, tmp_path: Path) -> Lab:
    made = Lab(served, tmp_path, str(next(_NUMBERS)))
    served.client("s3").create_bucket(Bucket=made.bucket)
    return made
