"""Ends of jobs that are told wake what waits for them, once, and looks go on for those that are not told."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from moto import mock_aws

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.completion import Completion
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.codec import decode_event, decode_task
from chalicelib.domain.run.events import Activated, Event, ResourceFailed, ResourceReady, TaskEnded, TaskStatus
from chalicelib.domain.values import AttemptId, InstanceId, PipelineId
from chalicelib.ports.jobs import FunctionAnswer, Job, JobReport, JobStatus
from chalicelib.ports.queues import Queue
from chalicelib.ports.reach import Outside
from chalicelib.service.advance import Engine
from chalicelib.service.completions import WaitingCluster, await_cluster, wake_waiting
from chalicelib.service.control import publish
from chalicelib.service.perform import perform
from chalicelib.service.worksite import Worksite
from tests.s3_on_moto import s3_client
from tests.unit.service.world import World, made_world
from tests.workbench import databases, dynamodb, warehouses

PIPELINE = PipelineId("df-1")
JOB = "glue#jr_1"
MINUTE = timedelta(minutes=1)
LONG = timedelta(hours=2)
DEFINITION = {
    "objects": [
        {"id": "Default", "scheduleType": "ondemand", "role": "worker", "maximumRetries": "0"},
        {"id": "Job", "type": "GlueJobActivity", "jobName": "nightly"},
    ]
}


@dataclass
class Glue:
    """One job, which ends when the test says so."""

    status: JobStatus = JobStatus.RUNNING
    started: int = 0
    looked: int = 0
    stopped: list[str] = field(default_factory=list)

    def start(self, job: Job, token: str) -> str:
        self.started += 1
        return "jr_1"

    def report(self, job: Job, job_id: str) -> JobReport:
        self.looked += 1
        return JobReport(self.status)

    def stop(self, job: Job, job_id: str) -> None:
        self.stopped.append(job_id)

    def invoke(self, function: str, payload: bytes, wait: bool, region: str | None) -> FunctionAnswer:
        raise AssertionError(function)


class House:
    """A pipeline whose job runs elsewhere."""

    def __init__(self, scratch: Path) -> None:
        self.world: World = made_world()
        self.glue = Glue()
        self.site = Worksite(self, scratch, lambda: timedelta(minutes=14))
        self.world.ports.store.put_definition(PIPELINE, 1, from_file(DEFINITION))
        event = Activated("activate", self.world.clock.now(), 1)
        publish(self.world.queues, PIPELINE, [(event.id, event)])
        self.advance()

    def under(self, role: str | None) -> Outside:
        outside = Outside(S3Objects(s3_client()), DynamoTables(dynamodb), databases(), warehouses())
        return replace(outside, jobs=self.glue)

    def advance(self) -> list[Event]:
        told: list[Event] = []
        while batch := self.world.queues.receive(Queue.CONTROL, 10, MINUTE, timedelta(0)):
            events = [decode_event(item.body) for item in batch]
            Engine(self.world.ports).process(PIPELINE, events)
            self.world.queues.delete(Queue.CONTROL, [item.receipt for item in batch])
            told += events
        return told

    def work(self) -> int:
        """Perform every task that is to be performed now; how many those were."""
        batch = self.world.queues.receive(Queue.TASKS, 10, MINUTE, timedelta(0))
        for item in batch:
            perform(decode_task(item.body), self.world.ports, self.site, item.count)
        self.world.queues.delete(Queue.TASKS, [item.receipt for item in batch])
        return len(batch)

    @property
    def queued(self) -> int:
        return len(self.world.messages(Queue.TASKS))

    def tell(self, job: str = JOB) -> int:
        return wake_waiting([Completion(job)], self.world.ports)

    def ends(self) -> list[TaskStatus]:
        return [event.status for event in self.advance() if isinstance(event, TaskEnded)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with mock_aws():
        yield House(tmp_path)


def test_a_task_goes_on_when_the_end_of_its_job_is_told(house: House) -> None:
    assert (house.work(), house.work(), house.queued) == (1, 0, 1)
    house.glue.status = JobStatus.SUCCEEDED
    assert house.tell() == 1
    assert house.work() == 1
    assert house.ends() == [TaskStatus.FINISHED]


def test_an_end_that_is_told_again_wakes_nobody(house: House) -> None:
    house.work()
    house.glue.status = JobStatus.SUCCEEDED
    assert (house.tell(), house.tell()) == (1, 0)
    assert house.work() == 1


def test_a_job_that_nobody_waits_for_is_ignored(house: House) -> None:
    assert house.tell("glue#jr_somebody_elses") == 0


def test_an_end_that_is_told_too_early_leaves_the_looks_as_they_were(house: House) -> None:
    house.work()
    house.tell()
    assert (house.work(), house.queued) == (1, 1)
    house.glue.status = JobStatus.SUCCEEDED
    house.world.clock.advance(LONG)
    house.work()
    assert house.ends() == [TaskStatus.FINISHED]


def test_an_end_that_is_not_told_is_found_by_looks_that_get_rarer(house: House) -> None:
    started = house.world.clock.now()
    house.work()
    while house.world.clock.now() - started < LONG:
        house.world.clock.advance(timedelta(seconds=1))
        house.work()
    assert 20 <= house.glue.looked <= 35
    house.glue.status = JobStatus.SUCCEEDED
    house.world.clock.advance(timedelta(minutes=5))
    house.work()
    assert house.ends() == [TaskStatus.FINISHED]
    assert house.glue.started == 1


def test_the_look_that_comes_after_the_end_changes_nothing(house: House) -> None:
    house.work()
    house.glue.status = JobStatus.SUCCEEDED
    house.tell()
    house.work()
    house.advance()
    house.world.clock.advance(LONG)
    assert (house.work(), house.work(), house.ends(), house.glue.started) == (1, 0, [], 1)


def test_what_waits_is_kept_once_for_a_job_however_often_it_is_looked_at(house: House) -> None:
    house.work()
    first = house.world.ports.store.waiting(JOB)
    house.world.ports.store.drop_waiting(JOB)
    house.world.clock.advance(LONG)
    house.work()
    assert first is not None
    assert house.world.ports.store.waiting(JOB) is None


def test_a_cluster_that_is_up_or_ends_is_told_to_its_pipeline() -> None:
    world = made_world()
    attempt = AttemptId("@Cluster_2026-01-01T00:00:00_Attempt=1")
    instance = InstanceId("@Cluster_2026-01-01T00:00:00")
    await_cluster("j-1", WaitingCluster(PIPELINE, instance, attempt), world.ports)
    up, ended = Completion("cluster#j-1", up=True), Completion("cluster#j-1", reason="it is gone")
    assert wake_waiting([up, up, ended, ended], world.ports) == 3
    events = [decode_event(item.body) for item in world.messages(Queue.CONTROL)]
    now = world.clock.now()
    assert events == [ResourceReady(instance, attempt, now), ResourceFailed(instance, attempt, now, "it is gone")]
