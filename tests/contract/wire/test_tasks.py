"""The Task Runner's side of the wire: poll, report, end, heartbeat."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.codec import decode_event, encode_task
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.events import Event, ResourceReady, TaskEnded, TaskProgressed, TaskStarted, TaskStatus
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId, Ref, TaskId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Queue
from chalicelib.ports.store import WorkerTask
from chalicelib.service.access import scoped_group

ATTEMPT = "@Shell_2026-01-01T00:00:00_Attempt=1"
Offer = Callable[..., str]


@pytest.fixture
def offer(account: str, pipeline: str, ports: Ports) -> Offer:
    """Put a task into the store as dispatch does; answer its worker group."""

    def offered(kind: str = "ShellCommandActivity", *fields: Field, group: str = "g") -> str:
        subject = PipelineObject(ATTEMPT, ATTEMPT, (Field("type", kind), Field("input", Ref("In")), *fields))
        linked = PipelineObject("In", "In", (Field("type", "S3DataNode"),))
        objects = {ATTEMPT: subject, "In": linked}
        task = Task(PipelineId(pipeline), AttemptId(ATTEMPT), 1, Placement.WORKER_GROUP, group, objects)
        ports.store.offer_task(
            WorkerTask(
                TaskId(f"{pipeline}/{ATTEMPT}/1"),
                task.pipeline,
                scoped_group(account, group),
                encode_task(task),
                ports.clock.now(),
            )
        )
        return group

    return offered


def told(pipeline: str) -> Sequence[Event]:
    """The events that went to the engine since the last look, for this pipeline."""
    receiver = bootstrap.receiver()
    found: list[Event] = []
    while messages := receiver.receive(Queue.CONTROL, 10, timedelta(minutes=1), timedelta(0)):
        receiver.delete(Queue.CONTROL, [message.receipt for message in messages])
        found += [decode_event(message.body) for message in messages if message.group == pipeline]
    return found


def poll(client: Any, group: str) -> Any:
    return client.poll_for_task(workerGroup=group, hostname="h")["taskObject"]


def test_a_polled_task_carries_its_attempt_and_what_it_refers_to(client: Any, pipeline: str, offer: Offer) -> None:
    task = poll(client, offer())
    assert task["pipelineId"] == pipeline
    assert task["attemptId"] == ATTEMPT
    assert set(task["objects"]) == {ATTEMPT, "In"}
    assert {"key": "input", "refValue": "In"} in task["objects"][ATTEMPT]["fields"]


def test_a_secret_is_open_in_the_runners_hands_and_nowhere_before(
    client: Any, pipeline: str, offer: Offer, ports: Ports
) -> None:
    sealed = f"{{sealed:{ports.sealer.seal('hunter2', pipeline)}}}"
    group = offer("ShellCommandActivity", Field("command", f"login --password={sealed}"))
    assert {"key": "command", "stringValue": "login --password=hunter2"} in poll(client, group)["objects"][ATTEMPT][
        "fields"
    ]


def test_the_first_report_tells_the_engine_that_work_began_and_the_next_ones_are_quiet(
    client: Any, pipeline: str, offer: Offer
) -> None:
    task_id = poll(client, offer())["taskId"]
    assert client.report_task_progress(taskId=task_id)["canceled"] is False
    client.report_task_progress(taskId=task_id)
    client.report_task_progress(taskId=task_id, fields=[{"key": "percentComplete", "stringValue": "50"}])
    events = told(pipeline)
    assert [type(event) for event in events] == [TaskStarted, TaskProgressed]
    assert isinstance(events[1], TaskProgressed)
    assert events[1].fields == (("percentComplete", "50"),)


def test_a_report_cannot_set_the_services_own_fields(client: Any, pipeline: str, offer: Offer) -> None:
    task_id = poll(client, offer())["taskId"]
    client.report_task_progress(taskId=task_id, fields=[{"key": "@status", "stringValue": "FINISHED"}])
    (started,) = told(pipeline)
    assert isinstance(started, TaskStarted)
    assert started.fields == (("hostname", "h"),)


def test_a_report_too_long_for_a_message_is_cut_short(client: Any, pipeline: str, offer: Offer) -> None:
    task_id = poll(client, offer())["taskId"]
    fields = [{"key": f"field{number}", "stringValue": "\u20ac" * 10_000} for number in range(60)]
    client.report_task_progress(taskId=task_id, fields=fields)
    (started,) = told(pipeline)
    assert isinstance(started, TaskStarted)
    assert [len(value) for _, value in started.fields] == [1, *[1024] * 50]


def test_a_verdict_is_told_once_and_may_be_repeated(client: Any, pipeline: str, offer: Offer) -> None:
    task_id = poll(client, offer())["taskId"]
    for _ in range(2):
        client.set_task_status(
            taskId=task_id, taskStatus="FAILED", errorId="E", errorMessage="m\u0001", errorStackTrace="t" * 5000
        )
    (ended,) = told(pipeline)
    assert isinstance(ended, TaskEnded)
    assert (ended.status, ended.error_id, ended.error_message) == (TaskStatus.FAILED, "E", "m?")
    assert len(ended.error_stack_trace or "") <= 1024


def test_a_verdict_after_an_acknowledgement_is_told_once_and_gives_the_task_to_nobody(
    client: Any, account: str, pipeline: str, offer: Offer, ports: Ports
) -> None:
    task_id = poll(client, offer())["taskId"]
    client.report_task_progress(taskId=task_id)
    for status in ("FINISHED", "FAILED"):
        client.set_task_status(taskId=task_id, taskStatus=status)
    (_, ended) = told(pipeline)
    assert isinstance(ended, TaskEnded)
    assert ended.status is TaskStatus.FINISHED
    later = ports.clock.now() + timedelta(hours=1)
    assert ports.store.claim_task(scoped_group(account, "g"), later, later + timedelta(minutes=2)) is None


def test_a_canceled_task_tells_its_runner_to_stop(client: Any, pipeline: str, offer: Offer, ports: Ports) -> None:
    task_id = poll(client, offer())["taskId"]
    row = ports.store.task(TaskId(f"{pipeline}/{ATTEMPT}/1"))
    assert row is not None
    ports.store.replace_task(replace(row, canceled=True))
    assert client.report_task_progress(taskId=task_id)["canceled"] is True
    client.set_task_status(taskId=task_id, taskStatus="FINISHED")
    assert told(pipeline) == []


def test_a_task_given_out_again_is_lost_to_its_first_runner(
    client: Any, account: str, pipeline: str, offer: Offer, ports: Ports
) -> None:
    first = poll(client, offer())["taskId"]
    later = ports.clock.now() + timedelta(minutes=3)
    assert ports.store.claim_task(scoped_group(account, "g"), later, later + timedelta(minutes=2)) is not None
    with pytest.raises(client.exceptions.TaskNotFoundException, match="poll for another task"):
        client.report_task_progress(taskId=first)
    with pytest.raises(client.exceptions.TaskNotFoundException, match="poll for another task"):
        client.set_task_status(taskId=first, taskStatus="FINISHED")
    assert told(pipeline) == []


@pytest.mark.parametrize("task_id", ["x", "WyJhIiwgMV0=", "e30=", "W10=", "\u00e9", "WyJhIiwgIjEiXQ=="])
def test_an_id_never_issued_is_not_found(client: Any, task_id: str) -> None:
    with pytest.raises(client.exceptions.TaskNotFoundException, match="poll for another task"):
        client.report_task_progress(taskId=task_id)


def test_another_owner_neither_gets_the_task_nor_reports_on_it(
    client: Any, stranger: Any, offer: Offer, ports: Ports
) -> None:
    task_id = poll(client, offer())["taskId"]
    with pytest.raises(stranger.exceptions.TaskNotFoundException):
        stranger.set_task_status(taskId=task_id, taskStatus="FINISHED")


def test_only_preconditions_can_be_false(client: Any, pipeline: str, offer: Offer) -> None:
    task_id = poll(client, offer())["taskId"]
    with pytest.raises(client.exceptions.InvalidRequestException, match="preconditions"):
        client.set_task_status(taskId=task_id, taskStatus="FALSE")


def test_a_precondition_may_be_false(client: Any, pipeline: str, offer: Offer) -> None:
    task_id = poll(client, offer("ShellCommandPrecondition"))["taskId"]
    client.set_task_status(taskId=task_id, taskStatus="FALSE")
    (ended,) = told(pipeline)
    assert isinstance(ended, TaskEnded)
    assert ended.status is TaskStatus.FALSE


def test_an_error_id_of_the_services_own_is_refused(client: Any, offer: Offer) -> None:
    task_id = poll(client, offer())["taskId"]
    with pytest.raises(client.exceptions.InvalidRequestException, match="Service_"):
        client.set_task_status(taskId=task_id, taskStatus="FAILED", errorId="Service_X")


def test_a_machines_first_word_makes_its_resource_ready(client: Any, pipeline: str) -> None:
    group = f"{pipeline}:@Ec2_2026-01-01T00:00:00:2"
    for _ in range(2):
        assert client.report_task_runner_heartbeat(taskrunnerId="r", workerGroup=group)["terminate"] is False
    (ready,) = told(pipeline)
    assert isinstance(ready, ResourceReady)
    assert ready.attempt == "@Ec2_2026-01-01T00:00:00_Attempt=2"


def test_a_stranger_cannot_speak_for_a_machine(stranger: Any, pipeline: str) -> None:
    with pytest.raises(stranger.exceptions.InvalidRequestException, match="end this runner"):
        stranger.poll_for_task(workerGroup=f"{pipeline}:@Ec2_2026-01-01T00:00:00:1")
