"""Polling and reporting with a clock in hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.aws.clock import RandomIds
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.codec import encode_task
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.events import TaskStatus
from chalicelib.domain.run.task import Task
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import AttemptId, PipelineId, TaskId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Queue
from chalicelib.ports.store import WorkerTask
from chalicelib.service.access import Caller, scoped_group
from chalicelib.service.tasks import (
    LONGEST_POLL,
    HandedOut,
    PollForTask,
    ReportTaskProgress,
    SetTaskStatus,
    poll_for_task,
    report_task_progress,
    set_task_status,
)
from tests.unit.service.nobody import Nobody

CALLER = Caller("123456789012", "me")
ATTEMPT = AttemptId("@A_2026-01-01T00:00:00_Attempt=1")


class SteppingClock:
    """Time that goes on by `step` each time it is asked for."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.step = timedelta(0)

    def now(self) -> UtcTime:
        self.time += self.step
        return self.time


class House:
    """The ports, and what was sent."""

    def __init__(self) -> None:
        self.clock = SteppingClock()
        database = open_database(":memory:")
        self.queues = SqliteQueues(database, self.clock)
        self.ports = Ports(
            SqliteStore(database, self.clock),
            self.queues,
            self.clock,
            RandomIds(),
            KeySealer(b"k" * 32),
            Nobody(),
            Nobody(),
            Limits(),
        )

    def offer(self, *fields: Field) -> None:
        subject = PipelineObject(ATTEMPT, ATTEMPT, (Field("type", "ShellCommandActivity"), *fields))
        task = Task(PipelineId("df-1"), ATTEMPT, 1, Placement.WORKER_GROUP, "g", {ATTEMPT: subject})
        group = scoped_group(CALLER.account, "g")
        row = WorkerTask(TaskId("row"), task.pipeline, group, encode_task(task), self.clock.time)
        self.ports.store.offer_task(row)

    def poll(self) -> HandedOut | None:
        return poll_for_task(PollForTask("g"), CALLER, self.ports)

    def report(self, task_id: str) -> bool:
        return report_task_progress(ReportTaskProgress(task_id), CALLER, self.ports)

    def told(self) -> int:
        found = self.queues.receive(Queue.CONTROL, 10, timedelta(seconds=1), timedelta(0))
        self.queues.delete(Queue.CONTROL, [message.receipt for message in found])
        return len(found)


@pytest.fixture
def house() -> House:
    return House()


def test_a_poll_that_finds_nothing_ends_after_twenty_seconds(house: House) -> None:
    house.clock.step = LONGEST_POLL
    assert house.poll() is None


def test_a_task_that_nobody_acknowledges_is_given_out_again_after_two_minutes(house: House) -> None:
    house.offer()
    first = house.poll()
    house.clock.time += timedelta(minutes=2, seconds=1)
    second = house.poll()
    assert first is not None
    assert second is not None
    assert first.attempt_id == second.attempt_id
    assert first.task_id != second.task_id


def test_an_acknowledged_task_is_given_to_nobody_else(house: House) -> None:
    house.offer()
    given = house.poll()
    assert given is not None
    house.report(given.task_id)
    house.clock.time += timedelta(hours=1)
    house.clock.step = LONGEST_POLL
    assert house.poll() is None


@pytest.mark.parametrize(
    ("timeout", "reports_per_hour", "told"),
    [(None, 60, 13), ("15 minutes", 60, 13), ("30 minutes", 60, 7), ("1 minute", 60, 61)],
)
def test_the_engine_is_told_thrice_per_progress_timeout(
    house: House, timeout: str | None, reports_per_hour: int, told: int
) -> None:
    house.offer(*([Field("reportProgressTimeout", timeout)] if timeout else []))
    given = house.poll()
    assert given is not None
    heard = 0
    for _ in range(reports_per_hour + 1):
        assert house.report(given.task_id) is False
        heard += house.told()
        house.clock.time += timedelta(minutes=1)
    assert heard == told


def test_canceling_reaches_the_runner_with_its_next_report(house: House) -> None:
    house.offer()
    given = house.poll()
    assert given is not None
    house.report(given.task_id)
    row = house.ports.store.task(TaskId("row"))
    assert row is not None
    house.ports.store.replace_task(replace(row, canceled=True))
    assert house.report(given.task_id) is True


def test_the_limit_is_the_timeout_where_an_activity_gives_none(house: House) -> None:
    house.ports = replace(house.ports, limits=Limits(progress_timeout=Period(30, Unit.SECOND)))
    house.offer()
    given = house.poll()
    assert given is not None
    house.report(given.task_id)
    assert house.told() == 1
    house.clock.time += timedelta(seconds=11)
    house.report(given.task_id)
    assert house.told() == 1


def test_what_any_runner_says_is_masked(house: House) -> None:
    token = f"{{sealed:{house.ports.sealer.seal('hunter2', 'df-1')}}}"
    house.offer(Field("command", f"login {token}"))
    given = house.poll()
    assert given is not None
    assert given.objects[ATTEMPT].text("command") == "login hunter2"
    report_task_progress(ReportTaskProgress(given.task_id, (Field("note", "as hunter2"),)), CALLER, house.ports)
    status = SetTaskStatus(given.task_id, TaskStatus.FAILED, "Failed", "hunter2 refused", "at login(hunter2)")
    set_task_status(status, CALLER, house.ports)
    found = house.queues.receive(Queue.CONTROL, 10, timedelta(seconds=1), timedelta(0))
    said = " ".join(message.body for message in found)
    assert "hunter2" not in said
    assert all(text in said for text in ("as *****", "***** refused", "at login(*****)"))
