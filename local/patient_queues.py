"""moto's queues made to wait. Runs inside the embedded AWS.

Where messages are visible but belong to groups that somebody works on, moto's long poll looks again at once, and again:
one busy pipeline's control messages would take the whole process.
"""

from moto.sqs.models import Queue

LOOK_AGAIN_SECONDS = 0.05


def make_queues_wait() -> None:
    """From now on a long poll that found nothing to hand out looks again after a moment."""
    Queue.wait_for_messages = _wait  # type: ignore[method-assign, assignment]


def _wait(queue: Queue, timeout: int) -> None:
    with queue._messages_lock:
        if queue.messages:
            queue._messages_lock.wait(LOOK_AGAIN_SECONDS)
        else:
            queue._messages_lock.wait_for(lambda: queue.messages, timeout=timeout)
