"""Long polls of the embedded queues."""

import time

from moto.sqs.models import SQSBackend

from local.patient_queues import make_queues_wait

ATTRIBUTES = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


def test_a_long_poll_behind_a_group_at_work_costs_next_to_nothing() -> None:
    make_queues_wait()
    backend = SQSBackend("us-east-1", "123456789012")
    backend.create_queue("control.fifo", {}, **ATTRIBUTES)
    for body in ("first", "second"):
        backend.send_message("control.fifo", body, group_id="pipeline")
    assert [each.body for each in backend.receive_message("control.fifo", 1, 0, 30)] == ["first"]
    spent = time.thread_time()
    assert backend.receive_message("control.fifo", 1, 1, 30) == []
    assert time.thread_time() - spent < 0.5
