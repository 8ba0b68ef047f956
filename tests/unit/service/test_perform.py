"""Serverless tasks, from the engine's dispatch to the engine's knowledge of their end, on real queues and storage."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.codec import decode_event, decode_task
from chalicelib.domain.run.events import Activated, Deactivated, Event, TaskEnded, TaskStarted
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import InstanceId, PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.compute import LaunchRequest, ResourceStatus
from chalicelib.ports.errors import Denied
from chalicelib.ports.queues import Queue
from chalicelib.ports.reach import Outside
from chalicelib.service.advance import Engine
from chalicelib.service.chunks import decode_chunk_message, perform_chunk
from chalicelib.service.control import publish
from chalicelib.service.perform import perform
from chalicelib.service.secrets import seal_definition
from chalicelib.service.worksite import Worksite
from chalicelib.transfer.limits import CopyLimits
from tests.s3_on_moto import s3_client
from tests.workbench import databases, dynamodb, warehouses

PIPELINE = PipelineId("df-TEST")
INSTANCE = InstanceId("@Copy_2026-01-01T00:00:00")
LOGS = "logs/df-TEST/Copy/@Copy_2026-01-01T00:00:00/@Copy_2026-01-01T00:00:00_Attempt=1/Activity.log"
CONTROL_EVENTS = timedelta(minutes=1)


def definition(**fields: str) -> dict[str, Any]:
    return {
        "objects": [
            {"id": "Default", "scheduleType": "ondemand", "role": "worker", "pipelineLogUri": "s3://target/logs"},
            {"id": "In", "type": "S3DataNode", "directoryPath": "s3://source/d"},
            {"id": "Out", "type": "S3DataNode", "directoryPath": "s3://target/e"},
            {
                "id": "Copy",
                "type": "CopyActivity",
                "input": {"ref": "In"},
                "output": {"ref": "Out"},
                "maximumRetries": "0",
                **fields,
            },
        ]
    }


class NoMachines:
    """Compute and topics that these pipelines never use."""

    def launch(self, request: LaunchRequest) -> str:
        raise AssertionError(request)

    def terminate(self, resource_id: str) -> None:
        raise AssertionError(resource_id)

    def reason(self, resource_id: str) -> str:
        return ""

    def find(self, token: str, region: str | None = None) -> str | None:
        raise AssertionError(token)

    def status(self, resource_id: str) -> ResourceStatus:
        raise AssertionError(resource_id)

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        raise AssertionError(topic_arn)


class House:
    """Everything wired, pumped by hand."""

    def __init__(self, s3: Any, tmp_path: Path) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.numbers = iter(range(10**6))
        self.left: Iterator[timedelta] = iter(())
        self.roles: list[str | None] = []
        database = open_database(":memory:")
        self.queues = SqliteQueues(database, self)
        self.store = SqliteStore(database, self)
        self.outside = Outside(S3Objects(s3), DynamoTables(dynamodb), databases(), warehouses())
        none = NoMachines()
        self.ports = Ports(
            store=self.store,
            sender=self.queues,
            clock=self,
            ids=self,
            sealer=KeySealer(b"k" * 32),
            notifier=none,
            compute=none,
            limits=Limits(),
        )
        limits = CopyLimits(inline=3, chunk_objects=2, parallel=1)
        self.site = Worksite(self, tmp_path, lambda: next(self.left, timedelta(minutes=14)), limits)
        self.engine = Engine(self.ports)

    def now(self) -> datetime:
        return self.time

    def fresh(self) -> str:
        return f"FRESH{next(self.numbers)}"

    def under(self, role: str | None) -> Outside:
        self.roles.append(role)
        if role == "forbidden":
            raise Denied("assume role", "forbidden may not be assumed")
        return self.outside

    def activate(self, **fields: str) -> None:
        self.store.put_definition(PIPELINE, 1, from_file(definition(**fields)))
        self.publish(Activated("activate", self.now(), 1))

    def publish(self, event: Event) -> None:
        publish(self.queues, PIPELINE, [(self.fresh(), event)])
        self.pump()

    def pump(self) -> list[Event]:
        """Deliver control messages until there are none; what they said."""
        told: list[Event] = []
        while batch := self.queues.receive(Queue.CONTROL, 10, CONTROL_EVENTS, timedelta(0)):
            events = [decode_event(item.body) for item in batch]
            self.engine.process(PIPELINE, events)
            self.queues.delete(Queue.CONTROL, [item.receipt for item in batch])
            told += events
        return told

    def take(self, queue: Queue) -> list[str]:
        taken: list[str] = []
        while batch := self.queues.receive(queue, 10, CONTROL_EVENTS, timedelta(0)):
            self.queues.delete(queue, [item.receipt for item in batch])
            taken += [item.body for item in batch]
        return taken

    def perform_tasks(self) -> None:
        for body in self.take(Queue.TASKS):
            perform(decode_task(body), self.ports, self.site)

    def perform_chunks(self) -> None:
        for body in self.take(Queue.CHUNKS):
            perform_chunk(decode_chunk_message(body), self.ports, self.site)

    def ended(self) -> Instance | None:
        return self.store.history(PIPELINE, [INSTANCE]).get(INSTANCE)

    def status(self) -> Status | None:
        row = self.ended()
        return row.status if row else None


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


@pytest.fixture
def house(s3: Any, tmp_path: Path) -> House:
    return House(s3, tmp_path)


def put(s3: Any, count: int) -> None:
    for number in range(count):
        s3.put_object(Bucket="source", Key=f"d/{number}", Body=b"x")


def copied(s3: Any) -> int:
    return int(s3.list_objects_v2(Bucket="target", Prefix="e/")["KeyCount"])


def test_a_task_is_started_done_and_ended(s3: Any, house: House) -> None:
    put(s3, 3)
    house.activate()
    house.perform_tasks()
    (event,) = house.pump()
    assert isinstance(event, TaskEnded)
    assert event.started is not None
    row = house.ended()
    assert row is not None
    assert (row.status, row.attempts[0].fields) == (Status.FINISHED, (("objectsCopied", "3"), ("bytesCopied", "3")))
    assert copied(s3) == 3


def test_work_runs_under_the_definitions_role(s3: Any, house: House) -> None:
    house.activate()
    house.perform_tasks()
    assert house.roles == ["worker"]


def test_a_role_that_may_not_be_assumed_fails_the_attempt(s3: Any, house: House) -> None:
    house.activate(role="forbidden")
    house.perform_tasks()
    house.pump()
    row = house.ended()
    assert row is not None
    assert (row.status, row.attempts[0].error_id) == (Status.FAILED, "Denied")


def test_the_attempts_log_is_where_the_service_puts_it(s3: Any, house: House) -> None:
    put(s3, 1)
    house.activate()
    house.perform_tasks()
    text = s3.get_object(Bucket="target", Key=LOGS)["Body"].read().decode()
    assert "copied 1 objects" in text
    assert "FINISHED" in text


def test_a_log_that_cannot_be_written_fails_nothing(s3: Any, house: House) -> None:
    house.activate(pipelineLogUri="s3://nowhere/logs")
    house.perform_tasks()
    house.pump()
    row = house.ended()
    assert row is not None
    assert row.status is Status.FINISHED
    assert "logError" in dict(row.attempts[0].fields)


def test_secrets_are_masked_in_what_an_attempt_shows(s3: Any, house: House) -> None:
    given = definition(type="SqlActivity", script="SELECT 1")
    given["objects"][-1] |= {"database": {"ref": "Db"}}
    url = "jdbc:postgresql://127.0.0.1:1/hunter2"
    given["objects"].append(
        {"id": "Db", "type": "JdbcDatabase", "connectionString": url, "username": "me", "*password": "hunter2"}
    )
    house.store.put_definition(PIPELINE, 1, seal_definition(from_file(given), PIPELINE, house.ports.sealer))
    house.publish(Activated("activate", house.now(), 1))
    house.perform_tasks()
    house.pump()
    row = house.ended()
    assert row is not None
    message = row.attempts[0].error_message or ""
    assert message.startswith("connect to PostgreSQL 127.0.0.1:1/*****: ")
    assert "hunter2" not in message
    assert "hunter2" not in s3.get_object(Bucket="target", Key=LOGS)["Body"].read().decode()


def test_a_failure_says_what_failed(s3: Any, house: House) -> None:
    s3.delete_bucket(Bucket="source")
    house.activate()
    house.perform_tasks()
    house.pump()
    row = house.ended()
    assert row is not None
    assert row.status is Status.FAILED
    assert "s3://source/d/" in (row.attempts[0].error_message or "")


def test_a_task_delivered_after_its_end_does_nothing(s3: Any, house: House) -> None:
    put(s3, 1)
    house.activate()
    (body,) = house.take(Queue.TASKS)
    perform(decode_task(body), house.ports, house.site)
    house.pump()
    s3.delete_object(Bucket="target", Key="e/0")
    perform(decode_task(body), house.ports, house.site, delivery=2)
    assert (copied(s3), house.pump()) == (0, [])


def test_a_task_of_a_canceled_attempt_does_nothing(s3: Any, house: House) -> None:
    put(s3, 1)
    house.activate()
    house.publish(Deactivated("stop", house.now(), cancel_active=True))
    house.perform_tasks()
    assert copied(s3) == 0


def test_a_task_of_another_turn_does_nothing(s3: Any, house: House) -> None:
    put(s3, 1)
    house.activate()
    (body,) = house.take(Queue.TASKS)
    perform(replace(decode_task(body), turn=2), house.ports, house.site)
    assert copied(s3) == 0


def test_work_without_time_is_queued_again_and_goes_on(s3: Any, house: House) -> None:
    put(s3, 3)
    house.activate()
    house.left = iter([timedelta(minutes=14), *[timedelta(seconds=1)] * 2])
    house.perform_tasks()
    assert copied(s3) == 0
    house.perform_tasks()
    assert [type(event) for event in house.pump()] == [TaskStarted, TaskEnded]
    assert (copied(s3), house.status()) == (3, Status.FINISHED)


def test_chunks_are_done_in_any_order_and_end_the_task_once(s3: Any, house: House) -> None:
    put(s3, 7)
    house.activate()
    house.perform_tasks()
    chunks = house.take(Queue.CHUNKS)
    assert len(chunks) == 4
    for body in (*reversed(chunks), chunks[0]):
        perform_chunk(decode_chunk_message(body), house.ports, house.site)
    assert sum(isinstance(event, TaskEnded) for event in house.pump()) == 1
    row = house.ended()
    assert row is not None
    fields = dict(row.attempts[0].fields)
    assert (fields["objectsCopied"], fields["chunksMissing"]) == ("7", "0")
    assert copied(s3) == 7


def test_a_chunk_that_is_marked_is_not_done_again(s3: Any, house: House) -> None:
    put(s3, 7)
    house.activate()
    house.perform_tasks()
    first, *_ = house.take(Queue.CHUNKS)
    perform_chunk(decode_chunk_message(first), house.ports, house.site)
    s3.delete_object(Bucket="target", Key="e/0")
    perform_chunk(decode_chunk_message(first), house.ports, house.site, delivery=2)
    assert copied(s3) == 1


def test_a_planner_that_died_is_followed_by_one_that_cuts_the_same_way(s3: Any, house: House) -> None:
    put(s3, 7)
    house.activate()
    (body,) = house.take(Queue.TASKS)
    perform(decode_task(body), house.ports, house.site)
    lost = house.take(Queue.CHUNKS)
    perform_chunk(decode_chunk_message(lost[0]), house.ports, house.site)
    s3.delete_object(Bucket="source", Key="d/2")
    s3.put_object(Bucket="source", Key="d/3a", Body=b"x")
    perform(decode_task(body), house.ports, house.site, delivery=2)
    sent = [decode_chunk_message(text) for text in house.take(Queue.CHUNKS)]
    assert [message.number for message in sent] == [1, 2, 3]
    for message in sent:
        perform_chunk(message, house.ports, house.site)
    house.pump()
    assert (copied(s3), house.status()) == (7, Status.FINISHED)


def test_a_chunk_that_fails_fails_the_task_and_the_others_are_dropped(s3: Any, house: House) -> None:
    put(s3, 7)
    house.activate()
    house.perform_tasks()
    s3.delete_object(Bucket="target", Key=LOGS)
    s3.delete_bucket(Bucket="target")
    first, second, *_ = house.take(Queue.CHUNKS)
    perform_chunk(decode_chunk_message(first), house.ports, house.site)
    house.pump()
    assert house.status() is Status.FAILED
    s3.create_bucket(Bucket="target")
    perform_chunk(decode_chunk_message(second), house.ports, house.site)
    assert copied(s3) == 0
    assert house.store.chunks(decode_chunk_message(second).key) is None


def test_a_chunk_without_time_is_queued_again(s3: Any, house: House) -> None:
    put(s3, 4)
    house.activate()
    house.perform_tasks()
    house.left = iter([timedelta(minutes=14), *[timedelta(seconds=1)] * 2])
    house.perform_chunks()
    assert copied(s3) == 2
    house.perform_chunks()
    house.pump()
    assert (copied(s3), house.status()) == (4, Status.FINISHED)
