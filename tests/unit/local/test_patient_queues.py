"""Long polls of the embedded queues."""

import sys
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
from moto.sqs.models import SQSBackend

from local.patient_queues import make_queues_wait

ATTRIBUTES = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns at almost every instruction."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def made_queue() -> SQSBackend:
    make_queues_wait()
    backend = SQSBackend("us-east-1", "123456789012")
    backend.create_queue("control.fifo", {}, **ATTRIBUTES)
    return backend


def test_a_message_behind_one_that_is_deleted_is_handed_out_to_who_waits_already() -> None:
    backend = made_queue()
    for body in ("first", "second"):
        backend.send_message("control.fifo", body, group_id="pipeline")
    (first,) = backend.receive_message("control.fifo", 1, 0, 30)
    began = time.monotonic()
    threading.Timer(0.2, lambda: backend.delete_message("control.fifo", str(first.receipt_handle))).start()
    assert [each.body for each in backend.receive_message("control.fifo", 1, 10, 30)] == ["second"]
    assert 0.2 <= time.monotonic() - began < 5


def test_a_message_that_is_released_is_handed_out_to_who_waits_already() -> None:
    backend = made_queue()
    backend.send_message("control.fifo", "first", group_id="pipeline")
    (first,) = backend.receive_message("control.fifo", 1, 0, 30)
    release = partial(backend.change_message_visibility, "control.fifo", str(first.receipt_handle), 0)
    threading.Timer(0.2, release).start()
    assert [each.body for each in backend.receive_message("control.fifo", 1, 10, 30)] == ["first"]


def test_a_message_is_handed_out_to_one_of_many_who_wait_in_its_groups_order(hasty: None) -> None:
    backend, number, seen, until = made_queue(), 200, list[int](), time.monotonic() + 60

    def receive() -> None:
        while len(seen) < number and time.monotonic() < until:
            for each in backend.receive_message("control.fifo", 2, 1, 30):
                seen.append(int(str(each.body)))
                backend.delete_message("control.fifo", str(each.receipt_handle))

    receivers = [threading.Thread(target=receive) for _ in range(4)]
    for receiver in receivers:
        receiver.start()
    for each in range(number):
        backend.send_message("control.fifo", f"{each}", group_id="pipeline")
    for receiver in receivers:
        receiver.join()
    assert seen == list(range(number))


def test_a_long_poll_behind_a_group_at_work_costs_next_to_nothing() -> None:
    backend = made_queue()
    for body in ("first", "second"):
        backend.send_message("control.fifo", body, group_id="pipeline")
    assert [each.body for each in backend.receive_message("control.fifo", 1, 0, 30)] == ["first"]
    spent = time.thread_time()
    assert backend.receive_message("control.fifo", 1, 1, 30) == []
    assert time.thread_time() - spent < 0.5
