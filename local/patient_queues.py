"""moto's queues, made to answer as SQS does where several ask at once. Runs inside the embedded AWS.

- A long poll of moto's asks only at its beginning which groups somebody works on. Ours asks again: what comes behind a
  message that is deleted meanwhile is handed out at once, not by the next poll a second later.
- Where messages are visible but of such groups, moto's looks again and again: one busy pipeline would take the whole
  process.
- Of two who ask moto at once both may get the same message, and what is sent in the moment of a deletion is lost.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

LOOK_AGAIN_SECONDS = 0.05
"""When a message becomes visible again, nobody is told."""

_receive = SQSBackend.receive_message


def make_queues_wait() -> None:
    """From now on long polls wait until there is something to hand out, and no queue changes in two threads at once."""
    if SQSBackend.receive_message is _receive:
        SQSBackend.receive_message = _received  # type: ignore[method-assign]
        Queue.add_message = _alone(Queue.add_message)  # type: ignore[method-assign]
        Queue.delete_message = _alone(Queue.delete_message)  # type: ignore[method-assign]


def _received(  # noqa: PLR0917 - as moto calls it
    self: SQSBackend,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,
) -> list[Message]:
    changed = self.get_queue(queue_name)._messages_lock
    until = time.monotonic() + wait_seconds_timeout
    with changed:
        while True:
            found = _receive(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
            left = until - time.monotonic()
            if found or left <= 0:
                return found
            changed.wait(min(LOOK_AGAIN_SECONDS, left))


def _alone(change: Callable[..., None]) -> Callable[..., None]:
    @wraps(change)
    def changed(queue: Queue, *given: Any, **named: Any) -> None:
        with queue._messages_lock:
            change(queue, *given, **named)
            queue._messages_lock.notify_all()

    return changed
