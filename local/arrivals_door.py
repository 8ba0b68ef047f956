"""Where the embedded AWS brings what EventBridge would put on our queues: a loopback address of its own."""

import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.ports.queues import Message, Queue, Sender
from local.gateway.exchange import Answer, Incoming


class ArrivalsDoor:
    """Puts events on the queue. `sender` is asked for when the first one comes: the application starts after it."""

    def __init__(self, sender: Callable[[], Sender]) -> None:
        self._sender = sender

    def answer(self, request: Incoming) -> Answer:
        """Take a JSON list of events; 200 once all of them are on the queue."""
        events: Sequence[Any] = json.loads(request.body)
        told = [(_queue_of(event), json.dumps(event)) for event in events]
        for queue in (Queue.ARRIVALS, Queue.COMPLETIONS):
            messages = [Message(f"{number}", body) for number, (to, body) in enumerate(told) if to is queue]
            if messages:
                self._sender().send(queue, messages)
        return Answer(200, (("Content-Type", "application/json"),), b"{}")


def _queue_of(event: Any) -> Queue:
    """Where the foundation's rules send it."""
    return Queue.ARRIVALS if event["source"] == "aws.s3" else Queue.COMPLETIONS


def put_arrival(sender: Sender, body: str) -> None:
    """Put one message on the queue, as a topic rule does. Raises PortError."""
    sender.send(Queue.ARRIVALS, [Message(uuid.uuid4().hex, body)])
