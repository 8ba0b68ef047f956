"""What every queue refuses, so that a message stored by one implementation is stored by all."""

import re
from datetime import timedelta

from chalicelib.ports.errors import Rejected
from chalicelib.ports.queues import Message, Queue

MAX_RECEIVES = 5
MAX_BODY_BYTES = 256 * 1024
MAX_DELAY = timedelta(minutes=15)
DEDUPLICATION = timedelta(minutes=5)
_UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # as SendMessage documents


def check(queue: Queue, message: Message) -> None:
    """Raise Rejected for a message that the queue can never store."""
    if queue is Queue.CONTROL and not message.group:
        raise Rejected("send", f"message {message.id!r} for {queue.value} has no group")
    if queue is Queue.CONTROL and message.delay:
        raise Rejected("send", f"message {message.id!r}: {queue.value} cannot delay single messages")
    if not timedelta(0) <= message.delay <= MAX_DELAY:
        raise Rejected("send", f"message {message.id!r}: delay {message.delay} is not within 0 to 15 minutes")
    if _UNSENDABLE.search(message.body):
        raise Rejected("send", f"message {message.id!r} holds characters that no queue carries")
    if size_bytes(message) > MAX_BODY_BYTES:
        raise Rejected("send", f"message {message.id!r} is longer than {MAX_BODY_BYTES} bytes of UTF-8")


def size_bytes(message: Message) -> int:
    """Length of the body in UTF-8."""
    return len(message.body) if message.body.isascii() else len(message.body.encode())
