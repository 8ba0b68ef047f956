"""Events on the control queue."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.domain.run.codec import decode_event
from chalicelib.domain.run.events import Woke
from chalicelib.domain.values import PipelineId
from chalicelib.ports.queues import Message, Queue
from chalicelib.service.control import publish

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PIPELINE = PipelineId("df-1")


class Kept:
    """A sender that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, queue: Queue, messages: list[Message]) -> None:
        assert queue is Queue.CONTROL
        self.messages += messages


def test_events_travel_in_order_in_their_pipelines_group_and_a_repeat_is_dropped() -> None:
    queues = SqliteQueues(open_database(":memory:"), SystemClock())
    events = [("a", Woke(NOW)), ("b", Woke(NOW + timedelta(seconds=1)))]
    publish(queues, PIPELINE, events)
    publish(queues, PIPELINE, events)
    received = queues.receive(Queue.CONTROL, 10, timedelta(seconds=1), timedelta(0))
    assert [decode_event(message.body) for message in received] == [event for _, event in events]
    assert {message.group for message in received} == {PIPELINE}


def test_nothing_to_publish_sends_nothing() -> None:
    kept = Kept()
    publish(kept, PIPELINE, [])
    assert kept.messages == []


@pytest.mark.parametrize("key", ["x" * 129, "\u00e9", "with blank", "@Comp\u4e2d_2026-01-01T00:00:00_Attempt=1/1"])
def test_an_id_that_the_queue_would_refuse_becomes_one_that_it_takes(key: str) -> None:
    kept = Kept()
    publish(kept, PIPELINE, [(key, Woke(NOW)), (key, Woke(NOW)), (key + "2", Woke(NOW))])
    first, again, other = (message.id for message in kept.messages)
    assert first == again != other
    assert len(first) <= 128
    assert first.isascii()
    assert " " not in first
