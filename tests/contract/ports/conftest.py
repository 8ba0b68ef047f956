"""The implementations that the contract suites run over.

moto runs in this process, ministack as a server of its own; both make the foundation from its template. The two know
nothing of each other, so that what both accept is likely what AWS accepts.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config
from moto import mock_aws

from chalicelib.adapters.aws.clock import RandomIds
from chalicelib.adapters.aws.dynamodb.store import DynamoStore, TableNames
from chalicelib.adapters.aws.sqs import QueueUrls, SqsQueues
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.ports.queues import Queue
from deploy.template import parse
from local.deployment.reach import reachable
from tests.contract.ports.clocks import RETENTION, SetClock

TEMPLATE = (Path(__file__).parents[3] / "infra" / "foundation.yaml").read_text()
EVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Foundation:
    """An account in which the template was created: how to make clients, and the stack's outputs."""

    client: Callable[[str], Any]
    outputs: Mapping[str, str]

    def tables(self) -> TableNames:
        names = ("Pipelines", "States", "History", "Work", "Events")
        return TableNames(*(self.outputs[f"{name}TableName"] for name in names))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def fresh() -> Callable[[], str]:
    """Names that no other test uses, in ascending order."""
    prefix, numbers = RandomIds().fresh(), count()
    return lambda: f"df-{prefix}{next(numbers):04d}"


def _client(service: str, endpoint: str | None) -> Any:
    return boto3.client(
        service,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=endpoint,
        config=Config(max_pool_connections=30, retries={"total_max_attempts": 1}),
    )


def _create(endpoint: str | None) -> Foundation:
    stacks = _client("cloudformation", endpoint)
    stacks.create_stack(StackName="foundation", TemplateBody=json.dumps(reachable(parse(TEMPLATE)).template))
    stacks.get_waiter("stack_create_complete").wait(StackName="foundation", WaiterConfig={"Delay": 1})
    (stack,) = stacks.describe_stacks(StackName="foundation")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return Foundation(lambda service: _client(service, endpoint), outputs)


@pytest.fixture(scope="module")
def moto() -> Iterator[Foundation]:
    # Not for the session: moto forgets nothing while one mock_aws is open, and other tests open their own.
    with mock_aws():
        yield _create(None)


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foundation]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "DOCKER_HOST": "unix:///nonexistent",
    }
    log = (tmp_path_factory.mktemp("ministack") / "log").open("wb")
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("ministack"))], env=environment, stdout=log, stderr=log
    )
    _await_port(port, server)
    yield _create(f"http://127.0.0.1:{port}")
    server.send_signal(signal.SIGTERM)
    server.wait(10)


def _await_port(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "ministack ended"
        time.sleep(0.05)
    raise AssertionError("ministack did not come up")


@pytest.fixture(params=["memory", "file", "moto", "ministack"])
def store(request: pytest.FixtureRequest, clock: SetClock, tmp_path: Path) -> Iterator[SqliteStore | DynamoStore]:
    if request.param in ("memory", "file"):
        database = open_database(":memory:" if request.param == "memory" else str(tmp_path / "store.db"))
        yield SqliteStore(database, clock, RETENTION)
        database.close()
        return
    foundation: Foundation = request.getfixturevalue(request.param)
    store = DynamoStore(foundation.client("dynamodb"), foundation.tables(), clock, RETENTION)
    yield store
    for wake in store.due(EVER, 1000):
        store.delete_state(wake.pipeline_id)


@pytest.fixture(params=["memory", "file", "moto", "ministack"])
def queues(request: pytest.FixtureRequest, clock: SetClock, tmp_path: Path) -> Iterator[SqliteQueues | SqsQueues]:
    if request.param in ("memory", "file"):
        database = open_database(":memory:" if request.param == "memory" else str(tmp_path / "queues.db"))
        yield SqliteQueues(database, clock)
        database.close()
        return
    foundation: Foundation = request.getfixturevalue(request.param)
    client = foundation.client("sqs")
    urls = dict(_queues_of_a_test(client))
    yield SqsQueues(client, urls)
    for url in urls.values():
        client.delete_queue(QueueUrl=url.live)
        client.delete_queue(QueueUrl=url.dead)


def _queues_of_a_test(client: Any) -> Iterator[tuple[Queue, QueueUrls]]:
    """The template's queues under names of their own: what one test leaves in flight must not reach the next."""
    resources = yaml.load(TEMPLATE, Plain)["Resources"]
    prefix = RandomIds().fresh()
    for queue in Queue:
        properties = resources[f"{queue.value.title()}Queue"]["Properties"]
        suffix = ".fifo" if properties.get("FifoQueue") else ""
        fifo = {name: str(properties[name]).lower() for name in ("FifoQueue",) if name in properties}
        dead = client.create_queue(QueueName=f"{prefix}-{queue.value}-dead{suffix}", Attributes=fifo)["QueueUrl"]
        arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({**properties["RedrivePolicy"], "deadLetterTargetArn": arn})
        live = client.create_queue(
            QueueName=f"{prefix}-{queue.value}{suffix}", Attributes={**fifo, "RedrivePolicy": redrive}
        )
        yield queue, QueueUrls(live["QueueUrl"], dead)


class Plain(yaml.SafeLoader):
    """Reads the template without resolving its functions."""


Plain.add_multi_constructor("!", lambda _loader, _tag, _node: None)


@pytest.fixture
def pass_time(queues: SqliteQueues | SqsQueues, clock: SetClock) -> Callable[[timedelta], None]:
    """Let the queues see so much time pass."""
    if isinstance(queues, SqliteQueues):
        return clock.advance
    return lambda length: time.sleep(length.total_seconds() + 0.05)
