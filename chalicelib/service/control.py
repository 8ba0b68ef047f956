"""Putting events on the control queue. Owns the message form; must not know who reads it."""

import hashlib
from collections.abc import Sequence

from chalicelib.domain.run.codec import encode_event
from chalicelib.domain.run.events import Event
from chalicelib.domain.values import PipelineId
from chalicelib.ports.queues import Message, Queue, Sender

_LONGEST_ID = 128  # SQS MessageDeduplicationId


def publish(sender: Sender, pipeline_id: PipelineId, events: Sequence[tuple[str, Event]]) -> None:
    """Send events, in order, to whoever advances this pipeline.

    events   (deduplication id, event): a second send of one id within five minutes is dropped
    Raises   Throttled or Unavailable; publishing all of them again is safe
    """
    if events:
        messages = [Message(_short(key), encode_event(event), group=pipeline_id) for key, event in events]
        sender.send(Queue.CONTROL, messages)


def _short(key: str) -> str:
    """Attempt ids hold component ids of up to 256 bytes of any text; SQS takes 128 characters of ASCII."""
    if len(key) <= _LONGEST_ID and key.isascii() and key.isprintable() and " " not in key:
        return key
    return hashlib.sha256(key.encode()).hexdigest()
