"""Everything that is stored or sent reads back as it was."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.codec import (
    decode_event,
    decode_instance,
    decode_state,
    decode_task,
    encode_event,
    encode_instance,
    encode_state,
    encode_task,
)
from chalicelib.domain.run.effects import CancelTask, Placement
from chalicelib.domain.run.events import Activated, StatusSet, TaskEnded, TaskStatus, Woke
from chalicelib.domain.run.state import Attempt, ComponentState, Instance, Outgoing, PipelineState, Span
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, ComponentId, InstanceId, PipelineId, Ref

NOW = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
INSTANCE = Instance(
    id=InstanceId("@Copy_2026-02-03T04:00:00"),
    component=ComponentId("Copy"),
    index=7,
    start=NOW,
    end=NOW,
    version=2,
    status=Status.RUNNING,
    created=NOW,
    tries_left=2,
    attempts=(
        Attempt(1, Status.FAILED, NOW, error_id="E", fields=(("hostname", "h"),)),
        Attempt(2, Status.RUNNING, NOW),
    ),
)


def test_an_instance_reads_back() -> None:
    assert decode_instance(encode_instance(INSTANCE)) == INSTANCE


@pytest.mark.parametrize("count", [1, 2_000], ids=["in a small window", "in a large one"])
def test_a_state_reads_back(count: int) -> None:
    many = [replace(INSTANCE, id=InstanceId(f"@Copy_{number}"), index=number) for number in range(count)]
    state = PipelineState(
        pipeline_id=PipelineId("df-1"),
        status=PipelineStatus.SCHEDULED,
        definition_version=2,
        first_activation=NOW,
        activated_at=NOW,
        components={ComponentId("Copy"): ComponentState(next_index=8, exceptions=(Span(1, 2, Status.FAILED),))},
        instances={instance.id: instance for instance in many},
        outbox={"c": Outgoing(CancelTask("c", AttemptId("a"), 1), NOW)},
        recent=("one",),
    )
    assert decode_state(encode_state(state)) == state


@pytest.mark.parametrize(
    "event",
    [
        Woke(NOW),
        Activated("id", NOW, 3, start=NOW),
        StatusSet("id", NOW, Command.RERUN, ("a", "b")),
        TaskEnded(AttemptId("a"), 2, NOW, TaskStatus.FALSE, error_message="m", fields=(("k", "v"),)),
    ],
)
def test_an_event_reads_back(event: Woke | Activated | StatusSet | TaskEnded) -> None:
    assert decode_event(encode_event(event)) == event


def test_a_task_reads_back() -> None:
    subject = PipelineObject("a", "a", (Field("command", "ls"), Field("input", Ref("b"))))
    task = Task(PipelineId("df-1"), AttemptId("a"), 1, Placement.WORKER_GROUP, "g", {"a": subject})
    assert decode_task(encode_task(task)) == task
    assert decode_task(encode_task(replace(task, worker_group=None))).worker_group is None


@pytest.mark.parametrize("text", ["é☃𝄞", "\x00\x1f\t\n", "\ufffe\uffff", "\ud800", "\udc00\ud800", '\\"\uffff'])
def test_any_text_is_sendable_and_reads_back(text: str) -> None:
    event = TaskEnded(AttemptId("a"), 1, NOW, TaskStatus.FAILED, error_message=text)
    sent = encode_event(event)
    assert not set(sent.encode().decode()) & set("\x00\x1f\ufffe\uffff")
    assert decode_event(sent) == event
