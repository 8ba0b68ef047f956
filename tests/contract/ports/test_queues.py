"""What every pair of Sender and Receiver promises."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

import pytest

from chalicelib.ports import trail
from chalicelib.ports.errors import Rejected
from chalicelib.ports.queues import Message, Queue, Received, Receiver, Sender
from tests.contract.ports.racing import race

NO_WAIT = timedelta(0)
BRIEF = timedelta(seconds=1)
LONG = timedelta(seconds=60)
STANDARD = [Queue.TASKS, Queue.CHUNKS, Queue.TIMERS]
Fresh = Callable[[], str]
PassTime = Callable[[timedelta], None]
# moto 5.2.5 forgets a deduplication id together with its message, accepts replaced receipts, and begins with a group's
# second message when the visibility of several has passed; it takes no lock. The promises stand: ministack and SQLite
# keep them.
NOT_MOTO = pytest.mark.parametrize("queues", ["memory", "file", "ministack"], indirect=True)


class Queues(Sender, Receiver, Protocol):
    """Both halves."""


def take(queues: Queues, queue: Queue, limit: int = 10, visibility: timedelta = LONG) -> Sequence[Received]:
    return queues.receive(queue, limit, visibility, NO_WAIT)


def drain(queues: Queues, queue: Queue) -> list[str]:
    """Bodies of everything in the queue, received and deleted until nothing comes."""
    bodies = []
    while True:
        received = queues.receive(queue, 10, LONG, NO_WAIT)
        if not received:
            return bodies
        bodies += [message.body for message in received]
        queues.delete(queue, [message.receipt for message in received])


def to_groups(fresh: Fresh, *bodies: str) -> list[Message]:
    """Control messages whose group is the first letter of the body."""
    return [Message(fresh(), body, group=body[0]) for body in bodies]


@pytest.mark.parametrize("queue", STANDARD)
def test_what_is_sent_is_received(queues: Queues, fresh: Fresh, queue: Queue) -> None:
    queues.send(queue, [Message(fresh(), "☃ 𝄞 \t\n\r é")])
    (received,) = take(queues, queue)
    assert (received.body, received.group, received.count) == ("☃ 𝄞 \t\n\r é", None, 1)


def test_control_messages_come_with_their_group(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.CONTROL, [Message(fresh(), "body", group="df-1")])
    (received,) = take(queues, Queue.CONTROL)
    assert (received.body, received.group, received.count) == ("body", "df-1", 1)


def test_an_empty_queue_gives_nothing(queues: Queues) -> None:
    assert list(take(queues, Queue.TASKS)) == []
    assert list(take(queues, Queue.CONTROL)) == []


def test_nothing_sent_deleted_or_released_is_no_error(queues: Queues) -> None:
    queues.send(Queue.TASKS, [])
    queues.delete(Queue.TASKS, [])
    queues.release(Queue.TASKS, [], NO_WAIT)


def test_queues_are_apart(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "task")])
    queues.send(Queue.CHUNKS, [Message(fresh(), "chunk")])
    assert drain(queues, Queue.TIMERS) == []
    assert drain(queues, Queue.CHUNKS) == ["chunk"]
    assert drain(queues, Queue.TASKS) == ["task"]


@pytest.mark.parametrize("queue", [Queue.CONTROL, Queue.TASKS])
def test_more_messages_than_one_request_takes_all_arrive_once(queues: Queues, fresh: Fresh, queue: Queue) -> None:
    bodies = [f"g{number:02d}" for number in range(33)]
    queues.send(queue, [Message(fresh(), body, group="g") for body in bodies])
    assert sorted(drain(queues, queue)) == bodies


def test_messages_whose_sum_is_too_long_for_one_request_all_arrive(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "é" * 60_000) for _ in range(7)])
    assert [len(body) for body in drain(queues, Queue.TASKS)] == [60_000] * 7


def test_the_longest_message_arrives_and_a_longer_one_is_rejected(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "x" * (256 * 1024))])
    assert [len(body) for body in drain(queues, Queue.TASKS)] == [256 * 1024]
    with pytest.raises(Rejected):
        queues.send(Queue.TASKS, [Message(fresh(), "fits"), Message(fresh(), "é" * (128 * 1024) + "x")])
    assert drain(queues, Queue.TASKS) == []


def test_no_more_than_the_limit_is_received(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), str(number)) for number in range(5)])
    assert len(take(queues, Queue.TASKS, limit=2)) <= 2


def test_a_received_message_is_hidden_until_its_visibility_passes(
    queues: Queues, fresh: Fresh, pass_time: PassTime
) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "body")])
    (first,) = take(queues, Queue.TASKS, visibility=BRIEF)
    assert list(take(queues, Queue.TASKS)) == []
    pass_time(BRIEF)
    (second,) = take(queues, Queue.TASKS)
    assert (second.id, second.body, second.count) == (first.id, "body", 2)
    assert second.receipt != first.receipt


def test_a_deleted_message_never_comes_again(queues: Queues, fresh: Fresh, pass_time: PassTime) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "body")])
    (received,) = take(queues, Queue.TASKS, visibility=BRIEF)
    queues.delete(Queue.TASKS, [received.receipt])
    queues.delete(Queue.TASKS, [received.receipt])
    pass_time(BRIEF)
    assert list(take(queues, Queue.TASKS)) == []


def test_of_a_batch_only_the_acknowledged_are_deleted(queues: Queues, fresh: Fresh, pass_time: PassTime) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), str(number)) for number in range(3)])
    received = []
    while len(received) < 3:
        received += take(queues, Queue.TASKS, visibility=BRIEF)
    queues.delete(Queue.TASKS, [message.receipt for message in received if message.body != "1"])
    pass_time(BRIEF)
    assert drain(queues, Queue.TASKS) == ["1"]


def test_a_released_message_comes_again_at_once(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "body")])
    (received,) = take(queues, Queue.TASKS)
    queues.release(Queue.TASKS, [received.receipt], NO_WAIT)
    (again,) = take(queues, Queue.TASKS)
    assert again.count == 2


def test_a_message_released_for_later_comes_later(queues: Queues, fresh: Fresh, pass_time: PassTime) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "body")])
    (received,) = take(queues, Queue.TASKS)
    queues.release(Queue.TASKS, [received.receipt], BRIEF)
    assert list(take(queues, Queue.TASKS)) == []
    pass_time(BRIEF)
    assert drain(queues, Queue.TASKS) == ["body"]


@NOT_MOTO
def test_a_receipt_that_a_later_delivery_replaced_is_ignored(queues: Queues, fresh: Fresh, pass_time: PassTime) -> None:
    queues.send(Queue.CONTROL, to_groups(fresh, "a"))
    (first,) = take(queues, Queue.CONTROL, visibility=BRIEF)
    pass_time(BRIEF)
    (second,) = take(queues, Queue.CONTROL, visibility=BRIEF)
    queues.delete(Queue.CONTROL, [first.receipt])
    queues.release(Queue.CONTROL, [first.receipt], NO_WAIT)
    assert list(take(queues, Queue.CONTROL)) == []
    pass_time(BRIEF)
    (third,) = take(queues, Queue.CONTROL)
    assert (third.id, third.count) == (second.id, 3)


def test_releasing_what_was_deleted_is_ignored(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), "body")])
    (received,) = take(queues, Queue.TASKS)
    queues.delete(Queue.TASKS, [received.receipt])
    queues.release(Queue.TASKS, [received.receipt], NO_WAIT)
    assert list(take(queues, Queue.TASKS)) == []


@pytest.mark.parametrize("queue", [Queue.TASKS, Queue.TIMERS])
def test_a_delayed_message_comes_after_its_delay(
    queues: Queues, fresh: Fresh, pass_time: PassTime, queue: Queue
) -> None:
    queues.send(queue, [Message(fresh(), "later", delay=BRIEF), Message(fresh(), "now")])
    assert drain(queues, queue) == ["now"]
    pass_time(BRIEF)
    assert drain(queues, queue) == ["later"]


@pytest.mark.parametrize(
    ("queue", "message"),
    [
        (Queue.CONTROL, Message("id", "body")),
        (Queue.CONTROL, Message("id", "body", group="g", delay=BRIEF)),
        (Queue.TIMERS, Message("id", "body", delay=timedelta(minutes=15, seconds=1))),
        (Queue.TIMERS, Message("id", "body", delay=-BRIEF)),
        *((Queue.TASKS, Message("id", f"body {bad}")) for bad in "\x00\x1f\ud800\uffff"),
    ],
)
def test_a_message_that_the_queue_cannot_carry_is_rejected(queues: Queues, queue: Queue, message: Message) -> None:
    with pytest.raises(Rejected):
        queues.send(queue, [message])
    assert drain(queues, queue) == []


def test_a_group_comes_in_order(queues: Queues, fresh: Fresh) -> None:
    bodies = [f"{group}{number:02d}" for number in range(8) for group in "ab"]
    queues.send(Queue.CONTROL, to_groups(fresh, *bodies))
    received = drain(queues, Queue.CONTROL)
    assert [body for body in received if body[0] == "a"] == bodies[::2]
    assert [body for body in received if body[0] == "b"] == bodies[1::2]


def test_a_group_with_messages_in_flight_waits_and_others_go_on(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.CONTROL, to_groups(fresh, "a1", "a2"))
    (first,) = take(queues, Queue.CONTROL, limit=1)
    queues.send(Queue.CONTROL, to_groups(fresh, "b1"))
    (other,) = take(queues, Queue.CONTROL)
    assert (first.body, other.body) == ("a1", "b1")
    queues.delete(Queue.CONTROL, [first.receipt])
    assert [message.body for message in take(queues, Queue.CONTROL)] == ["a2"]


@NOT_MOTO
def test_a_group_comes_in_order_again_after_its_visibility_passed(
    queues: Queues, fresh: Fresh, pass_time: PassTime
) -> None:
    queues.send(Queue.CONTROL, to_groups(fresh, "a1", "a2", "a3"))
    assert [message.body for message in take(queues, Queue.CONTROL, limit=2, visibility=BRIEF)] == ["a1", "a2"]
    pass_time(BRIEF)
    assert [message.body for message in take(queues, Queue.CONTROL)] == ["a1", "a2", "a3"]


@NOT_MOTO
def test_a_second_send_of_an_id_is_dropped_on_control(queues: Queues, fresh: Fresh) -> None:
    message = Message(fresh(), "body", group="a")
    queues.send(Queue.CONTROL, [message, Message(fresh(), "other", group="a")])
    queues.send(Queue.CONTROL, [message])
    assert drain(queues, Queue.CONTROL) == ["body", "other"]
    queues.send(Queue.CONTROL, [message])
    assert drain(queues, Queue.CONTROL) == []


def test_an_id_counts_within_its_group_only(queues: Queues) -> None:
    queues.send(Queue.CONTROL, [Message("woke", "a", group="a"), Message("woke", "b", group="b")])
    assert sorted(drain(queues, Queue.CONTROL)) == ["a", "b"]


def test_an_id_may_be_any_text(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.CONTROL, [Message(f"☃ {number} " * 100, str(number), group="g") for number in range(2)])
    assert drain(queues, Queue.CONTROL) == ["0", "1"]


def test_one_send_may_hold_an_id_twice(queues: Queues, fresh: Fresh) -> None:
    message = Message(fresh(), "body", group="a")
    queues.send(Queue.CONTROL, [message, message])
    assert drain(queues, Queue.CONTROL) == ["body"]


def test_standard_queues_carry_an_id_as_often_as_it_is_sent(queues: Queues) -> None:
    queues.send(Queue.TASKS, [Message("any id: ☃ " * 30, "1"), Message("any id: ☃ " * 30, "2")])
    assert sorted(drain(queues, Queue.TASKS)) == ["1", "2"]


@pytest.mark.parametrize("queue", [Queue.CONTROL, Queue.TASKS])
def test_after_five_deliveries_a_message_is_dead(queues: Queues, fresh: Fresh, queue: Queue) -> None:
    assert queues.dead(queue) == 0
    queues.send(queue, [Message(fresh(), "poison", group="a")])
    for delivery in range(1, 6):
        (received,) = take(queues, queue)
        assert received.count == delivery
        queues.release(queue, [received.receipt], NO_WAIT)
    queues.send(queue, [Message(fresh(), "next", group="a")])
    assert drain(queues, queue) == ["next"]
    assert queues.dead(queue) == 1


def test_receiving_waits_for_a_message(queues: Queues, fresh: Fresh) -> None:
    threading.Timer(0.2, queues.send, (Queue.TASKS, [Message(fresh(), "body")])).start()
    began = time.monotonic()
    (received,) = queues.receive(Queue.TASKS, 10, LONG, timedelta(seconds=20))
    assert received.body == "body"
    assert time.monotonic() - began < 19


def test_receiving_ends_when_the_time_is_over(queues: Queues) -> None:
    began = time.monotonic()
    assert list(queues.receive(Queue.CONTROL, 10, LONG, BRIEF)) == []
    assert 0.5 < time.monotonic() - began < 30


@NOT_MOTO
def test_receivers_at_once_never_share_a_message(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.TASKS, [Message(fresh(), str(number)) for number in range(24)])
    received = race(12, lambda _: [message.body for message in take(queues, Queue.TASKS, limit=3)])
    bodies = [body for batch in received for body in batch] + drain(queues, Queue.TASKS)
    assert sorted(bodies, key=int) == [str(number) for number in range(24)]


@NOT_MOTO
def test_receivers_at_once_never_share_a_group(queues: Queues, fresh: Fresh) -> None:
    queues.send(Queue.CONTROL, to_groups(fresh, *(f"{group}{number}" for number in range(9) for group in "abc")))
    batches = race(8, lambda _: [message.group for message in take(queues, Queue.CONTROL, limit=2)])
    owners = [(number, group) for number, batch in enumerate(batches) for group in set(batch)]
    assert len({group for _, group in owners}) == len(owners)


@NOT_MOTO
def test_senders_at_once_lose_nothing(queues: Queues, fresh: Fresh) -> None:
    race(10, lambda sender: queues.send(Queue.CONTROL, to_groups(fresh, *(f"{sender}{part}" for part in "abc"))))
    received = drain(queues, Queue.CONTROL)
    assert sorted(received) == sorted(f"{sender}{part}" for sender in range(10) for part in "abc")
    assert all([body[1] for body in received if body[0] == str(sender)] == ["a", "b", "c"] for sender in range(10))


@pytest.mark.parametrize("queue", Queue)
def test_the_senders_correlation_travels_with_a_message(queues: Queues, fresh: Fresh, queue: Queue) -> None:
    with trail.along(correlation="c-1"):
        queues.send(queue, [Message(fresh(), "under way", group="g")])
    queues.send(queue, [Message(fresh(), "by itself", group="h")])
    assert {item.body: item.correlation for item in take(queues, queue)} == {"under way": "c-1", "by itself": ""}


# Neither emulator of SQS keeps system attributes of batches; what is sent to it is held in test_sqs.py.
@pytest.mark.parametrize("queues", ["memory", "file"], indirect=True)
def test_the_senders_trace_travels_with_a_message(queues: Queues, fresh: Fresh) -> None:
    with trail.along(trace="Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"):
        queues.send(Queue.TASKS, [Message(fresh(), "traced")])
    (received,) = take(queues, Queue.TASKS)
    assert received.trace == "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
