"""The control plane over a real store and real queues, in memory: a definition in, tasks out, verdicts in."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.codec import decode_event, decode_state, decode_task
from chalicelib.domain.run.events import Activated, Deleted, TaskEnded, TaskStarted, TaskStatus, Woke
from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import InstanceId, PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.compute import LaunchRequest, ResourceStatus
from chalicelib.ports.errors import Conflict, Unavailable
from chalicelib.ports.queues import Queue
from chalicelib.ports.store import StoredState
from chalicelib.service.advance import Engine
from chalicelib.service.control import publish
from chalicelib.service.tick import tick, wake

PIPELINE = PipelineId("df-TEST")
COPY = InstanceId("@Copy_2026-01-01T00:00:00")
DEFINITION = {
    "objects": [
        {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr"},
        {"id": "In", "type": "S3DataNode", "filePath": "s3://a/in.csv"},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://a/#{format(@scheduledStartTime,'YYYY')}/#{myName}"},
        {
            "id": "Copy",
            "type": "CopyActivity",
            "input": {"ref": "In"},
            "output": {"ref": "Out"},
            "onSuccess": {"ref": "Alarm"},
            "maximumRetries": "1",
            "retryDelay": "10 minutes",
        },
        {
            "id": "Alarm",
            "type": "SnsAlarm",
            "topicArn": "arn:t",
            "subject": "#{node.name}",
            "message": "#{node.@status} #{node.output.filePath}",
        },
    ],
    "values": {"myName": "copy.csv"},
}


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def fresh(self) -> str:
        return "FRESH"


@dataclass
class Outside:
    """Topics and machines of these tests: they only remember."""

    published: list[tuple[str, str, str]] = field(default_factory=list)

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        self.published.append((topic_arn, subject, message))

    def launch(self, request: LaunchRequest) -> str:
        return f"i-{request.token}"

    def terminate(self, resource_id: str) -> None:
        return None

    def reason(self, resource_id: str) -> str:
        return ""

    def find(self, token: str, region: str | None = None) -> str | None:
        return None

    def status(self, resource_id: str) -> ResourceStatus:
        return ResourceStatus.GONE

    def seal(self, text: str, context: str) -> str:
        return text

    def unseal(self, sealed: str, context: str) -> str:
        return sealed


class House:
    """Everything wired, pumped by hand."""

    def __init__(self) -> None:
        self.clock = Hand()
        database = open_database(":memory:")
        self.queues = SqliteQueues(database, self.clock)
        self.outside = Outside()
        self.ports = Ports(
            store=SqliteStore(database, self.clock),
            sender=self.queues,
            clock=self.clock,
            ids=self.clock,
            sealer=self.outside,
            notifier=self.outside,
            compute=self.outside,
            limits=Limits(),
        )
        self.engine = Engine(self.ports)

    def activate(self) -> None:
        self.ports.store.put_definition(PIPELINE, 1, from_file(DEFINITION))
        publish(self.queues, PIPELINE, [("activate", Activated("activate", self.clock.now(), 1))])
        self.pump()

    def pump(self) -> None:
        """Deliver control messages until there are none."""
        while batch := self.queues.receive(Queue.CONTROL, 10, timedelta(minutes=1), timedelta(0)):
            self.engine.process(PIPELINE, [decode_event(item.body) for item in batch])
            self.queues.delete(Queue.CONTROL, [item.receipt for item in batch])

    def tasks(self) -> list[Task]:
        batch = self.queues.receive(Queue.TASKS, 10, timedelta(minutes=1), timedelta(0))
        self.queues.delete(Queue.TASKS, [item.receipt for item in batch])
        return [decode_task(item.body) for item in batch]

    def report(self, event: TaskStarted | TaskEnded) -> None:
        publish(self.queues, PIPELINE, [(f"{event.attempt}/{event.turn}/{type(event).__name__}", event)])
        self.pump()

    def place(self) -> datetime:
        """Where the pipeline stands in the wake index."""
        stored = self.ports.store.load_state(PIPELINE)
        assert stored is not None
        assert stored.wake_at is not None
        return stored.wake_at

    @property
    def state(self) -> PipelineState:
        stored = self.ports.store.load_state(PIPELINE)
        assert stored is not None
        return decode_state(stored.payload)


@pytest.fixture
def house() -> House:
    made = House()
    made.activate()
    return made


def test_an_activated_definition_becomes_a_task_with_evaluated_objects(house: House) -> None:
    (task,) = house.tasks()
    assert task.attempt == "@Copy_2026-01-01T00:00:00_Attempt=1"
    (source,) = task.linked(task.subject, "input")
    (target,) = task.linked(task.subject, "output")
    assert source.text("filePath") == "s3://a/in.csv"
    assert target.id == "@Out_2026-01-01T00:00:00"
    assert target.text("filePath") == "s3://a/2026/copy.csv"


def test_a_run_goes_from_activation_to_finished_with_its_alarm(house: House) -> None:
    (task,) = house.tasks()
    house.report(TaskStarted(task.attempt, 1, house.clock.now()))
    assert house.state.instances[InstanceId("@Copy_2026-01-01T00:00:00")].status is Status.RUNNING
    house.report(TaskEnded(task.attempt, 1, house.clock.now(), TaskStatus.FINISHED))
    assert house.state.status is PipelineStatus.FINISHED
    assert not house.state.outbox
    assert house.outside.published == [("arn:t", "Copy", "FINISHED s3://a/2026/copy.csv")]
    rows = house.ports.store.history(PIPELINE, [InstanceId("@Out_2026-01-01T00:00:00")])
    assert [row.status for row in rows.values()] == [Status.FINISHED]


def test_quick_work_is_reported_once_with_its_beginning_and_its_end(house: House) -> None:
    (task,) = house.tasks()
    began = house.clock.now()
    house.clock.time += timedelta(milliseconds=300)
    house.report(TaskEnded(task.attempt, 1, house.clock.now(), TaskStatus.FINISHED, started=began))
    name = InstanceId("@Copy_2026-01-01T00:00:00")
    (attempt,) = house.ports.store.history(PIPELINE, [name])[name].attempts
    assert (attempt.started, attempt.ended) == (began, began + timedelta(milliseconds=300))


def test_a_wake_up_that_only_gets_later_keeps_its_place_until_it_comes(house: House) -> None:
    first = house.place()
    (task,) = house.tasks()
    house.clock.time += timedelta(seconds=30)
    house.report(TaskStarted(task.attempt, 1, house.clock.now()))
    assert house.place() == first
    house.clock.time = first
    publish(house.queues, PIPELINE, [("woke", Woke(first))])
    house.pump()
    assert house.place() > first


def test_the_tick_wakes_a_pipeline_for_its_retry(house: House) -> None:
    (task,) = house.tasks()
    house.report(TaskEnded(task.attempt, 1, house.clock.now(), TaskStatus.FAILED, "E", "no"))
    assert tick(house.ports) == 0
    house.clock.time += timedelta(minutes=9, seconds=30)
    assert tick(house.ports) == 1
    house.clock.time += timedelta(seconds=30)
    (timer,) = house.queues.receive(Queue.TIMERS, 10, timedelta(minutes=1), timedelta(0))
    wake(PipelineId(timer.body), house.ports)
    house.pump()
    assert [again.attempt[-1] for again in house.tasks()] == ["2"]


def test_a_second_writer_fails_its_commit_and_changes_nothing(house: House) -> None:
    stored = house.ports.store.load_state(PIPELINE)
    assert stored is not None
    with pytest.raises(Conflict):
        house.ports.store.save_state(PIPELINE, StoredState(stored.payload, stored.version), None)


def test_a_batch_delivered_twice_sends_the_same_effects_and_no_more(house: House) -> None:
    before = house.state
    house.engine.process(PIPELINE, [Activated("activate", house.clock.now(), 1)])
    (first, again) = house.tasks()
    assert first == again
    assert house.state.instances == before.instances


def test_an_edited_definition_is_what_later_instances_are_read_from(house: House) -> None:
    (task,) = house.tasks()
    house.ports.store.put_definition(PIPELINE, 2, from_file(DEFINITION))
    publish(house.queues, PIPELINE, [("again", Activated("again", house.clock.now(), 2))])
    house.pump()
    house.report(TaskEnded(task.attempt, 1, house.clock.now(), TaskStatus.FINISHED))
    assert {instance.version for instance in house.state.instances.values()} == {2}


def test_a_deleted_pipeline_leaves_nothing_behind(house: House) -> None:
    publish(house.queues, PIPELINE, [("gone", Deleted("gone", house.clock.now()))])
    house.pump()
    assert house.ports.store.load_state(PIPELINE) is None
    (task,) = house.tasks()
    house.report(TaskEnded(task.attempt, 1, house.clock.now(), TaskStatus.FINISHED))
    assert house.ports.store.load_state(PIPELINE) is None


class Interrupted(SqliteStore):
    """A store that lets something happen just before its next commit, or after it."""

    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def save_state(self, pipeline_id: PipelineId, state: StoredState, wake_at: datetime | None) -> None:
        before, self.before = self.before, None
        after, self.after = self.after, None
        if before is not None:
            before()
        super().save_state(pipeline_id, state, wake_at)
        if after is not None:
            after()


def ended(house: House, status: TaskStatus) -> TaskEnded:
    (task,) = house.tasks()
    return TaskEnded(task.attempt, 1, house.clock.now(), status, "E", "no")


def interrupted(house: House) -> tuple[Interrupted, Engine]:
    store = Interrupted(house.queues._database, house.clock)
    return store, Engine(replace(house.ports, store=store))


def test_a_writer_that_was_overtaken_leaves_no_history_behind(house: House) -> None:
    event = ended(house, TaskStatus.FINISHED)
    store, slow = interrupted(house)
    store.before = lambda: house.engine.process(PIPELINE, [event])
    with pytest.raises(Conflict):
        slow.process(PIPELINE, [replace(event, status=TaskStatus.FAILED)])
    rows = house.ports.store.history(PIPELINE, [COPY])
    assert rows[COPY].status is Status.FINISHED


def test_a_writer_killed_after_its_commit_loses_neither_history_nor_effects(house: House) -> None:
    event = ended(house, TaskStatus.FINISHED)
    store, doomed = interrupted(house)

    def die() -> None:
        raise Unavailable("save_state", "killed")

    store.after = die
    with pytest.raises(Unavailable):
        doomed.process(PIPELINE, [event])
    assert not house.ports.store.history(PIPELINE, [COPY])
    house.engine.process(PIPELINE, [event, TaskStarted(event.attempt, 1, house.clock.now())])
    assert house.ports.store.history(PIPELINE, [COPY])[COPY].status is Status.FINISHED
    assert len(house.outside.published) == 1
