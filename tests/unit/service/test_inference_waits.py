"""A lane of a model that answers later waits as a chunk: woken by what is told, looked at when nothing is."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from moto import mock_aws

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.completion import Completion
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.codec import decode_event, decode_task
from chalicelib.domain.run.events import Activated, Deactivated, Event, TaskEnded, TaskStatus
from chalicelib.domain.values import PipelineId
from chalicelib.ports.inference import Analysis, Answer, Endpoint, Promised
from chalicelib.ports.objects import Place
from chalicelib.ports.queues import Queue
from chalicelib.ports.reach import Outside
from chalicelib.service.advance import Engine
from chalicelib.service.chunks import decode_chunk_message, perform_chunk
from chalicelib.service.completions import wake_waiting
from chalicelib.service.control import publish
from chalicelib.service.perform import perform
from chalicelib.service.worksite import Worksite
from tests.s3_on_moto import s3_client
from tests.unit.service.world import World, made_world
from tests.workbench import databases, dynamodb, warehouses

PIPELINE = PipelineId("df-1")
MINUTE = timedelta(minutes=1)
LONG = timedelta(hours=2)
DEFINITION = {
    "objects": [
        {"id": "Default", "scheduleType": "ondemand", "role": "worker", "maximumRetries": "0"},
        {"id": "In", "type": "S3DataNode", "directoryPath": "s3://source/d"},
        {"id": "Out", "type": "S3DataNode", "directoryPath": "s3://target/e"},
        {
            "id": "Ask",
            "type": "InferenceActivity",
            "asyncEndpoint": "slow",
            "items": "lines",
            "input": {"ref": "In"},
            "output": {"ref": "Out"},
        },
    ]
}


class Slow:
    """An asynchronous endpoint that answers, in storage, when a test says so."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def submit(self, endpoint: Endpoint, content: bytes | Place, name: str) -> Promised:
        self.names.append(name)
        return Promised(Place("target", f"later/{name}"), None)

    def answer(self, number: int) -> None:
        s3_client().put_object(Bucket="target", Key=f"later/{self.names[number]}", Body=b"1")

    def invoke(self, endpoint: Endpoint, content: bytes) -> Answer:
        raise AssertionError(endpoint)

    def analyse(self, analysis: Analysis, image: bytes | Place) -> Answer:
        raise AssertionError(analysis)


class House:
    """A pipeline that asks about three lines."""

    def __init__(self, scratch: Path) -> None:
        self.world: World = made_world()
        self.slow = Slow()
        self.site = Worksite(self, scratch, lambda: timedelta(minutes=14))
        self.s3 = s3_client()
        self.s3.put_object(Bucket="source", Key="d/a", Body=b"1\n2\n3\n")
        self.world.ports.store.put_definition(PIPELINE, 1, from_file(DEFINITION))
        self.tell_engine(Activated("activate", self.world.clock.now(), 1))
        (message,) = self.world.queues.receive(Queue.TASKS, 10, MINUTE, timedelta(0))
        perform(decode_task(message.body), self.world.ports, self.site)
        self.world.queues.delete(Queue.TASKS, [message.receipt])

    def under(self, role: str | None) -> Outside:
        outside = Outside(S3Objects(s3_client()), DynamoTables(dynamodb), databases(), warehouses())
        return replace(outside, inference=self.slow)

    def tell_engine(self, event: Activated | Deactivated) -> None:
        publish(self.world.queues, PIPELINE, [(event.id, event)])
        self.advance()

    def advance(self) -> list[Event]:
        told: list[Event] = []
        while batch := self.world.queues.receive(Queue.CONTROL, 10, MINUTE, timedelta(0)):
            events = [decode_event(item.body) for item in batch]
            Engine(self.world.ports).process(PIPELINE, events)
            self.world.queues.delete(Queue.CONTROL, [item.receipt for item in batch])
            told += events
        return told

    def work(self) -> int:
        """Perform every chunk that is to be performed now, until none is; how many those were."""
        done = 0
        while batch := self.world.queues.receive(Queue.CHUNKS, 10, MINUTE, timedelta(0)):
            for item in batch:
                perform_chunk(decode_chunk_message(item.body), self.world.ports, self.site, item.count)
            self.world.queues.delete(Queue.CHUNKS, [item.receipt for item in batch])
            done += len(batch)
        return done

    @property
    def queued(self) -> int:
        return len(self.world.messages(Queue.CHUNKS))

    def tell(self, number: int) -> int:
        return wake_waiting([Completion(f"async-inference#{self.slow.names[number]}")], self.world.ports)

    def ends(self) -> list[TaskStatus]:
        return [event.status for event in self.advance() if isinstance(event, TaskEnded)]

    def outputs(self) -> list[object]:
        body = self.s3.get_object(Bucket="target", Key="e/results.jsonl")["Body"].read()
        return [json.loads(line)["output"] for line in body.splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with mock_aws():
        yield House(tmp_path)


def test_each_answer_that_is_told_brings_the_lane_to_the_next_until_its_task_ends(house: House) -> None:
    house.work()
    for number in range(3):
        house.slow.answer(number)
        assert house.tell(number) == 1
        house.work()
    assert house.ends() == [TaskStatus.FINISHED]
    assert house.outputs() == [1, 1, 1]
    assert len(house.slow.names) == 3


def test_a_woken_lane_leaves_no_look_beside_the_one_that_is_queued(house: House) -> None:
    assert (house.work(), house.queued) == (1, 1)
    house.slow.answer(0)
    house.tell(0)
    assert (house.work(), house.queued) == (2, 1)  # woken, and once more for what it waits for now
    assert house.tell(0) == 0


def test_answers_that_are_not_told_are_found_by_looks_that_get_rarer(house: House) -> None:
    house.work()
    looks, started = 0, house.world.clock.now()
    while house.world.clock.now() - started < LONG:
        house.world.clock.advance(timedelta(seconds=1))
        looks += house.work()
    assert 20 <= looks <= 35
    for number in range(3):
        house.slow.answer(number)
    house.world.clock.advance(timedelta(minutes=5))
    house.work()
    assert house.ends() == [TaskStatus.FINISHED]


def test_an_answer_that_is_told_while_it_is_noted_is_found_at_once(house: House) -> None:
    house.work()
    house.slow.answer(0)
    house.tell(0)
    (woken, *_) = house.world.queues.receive(Queue.CHUNKS, 10, MINUTE, timedelta(0))
    perform_chunk(decode_chunk_message(woken.body), house.world.ports, house.site)
    house.world.queues.delete(Queue.CHUNKS, [woken.receipt])
    house.world.ports.store.drop_waiting(f"async-inference#{house.slow.names[1]}")  # told before it was noted
    house.slow.answer(1)
    house.slow.answer(2)
    house.work()
    assert house.ends() == [TaskStatus.FINISHED]


def test_looks_at_a_lane_whose_pipeline_was_deactivated_end(house: House) -> None:
    house.work()
    house.tell_engine(Deactivated("stop", house.world.clock.now()))
    house.world.clock.advance(LONG)
    assert (house.work(), house.queued) == (1, 0)
