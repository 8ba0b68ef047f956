"""Where the embedded AWS brings what EventBridge would put on the arrivals queue: a loopback address of its own."""

import json
import uuid
from collections.abc import Callable, Sequence

from chalicelib.ports.queues import Message, Queue, Sender
from local.gateway.exchange import Answer, Incoming


class ArrivalsDoor:
    """Puts events on the queue. `sender` is asked for when the first one comes: the application starts after it."""

    def __init__(self, sender: Callable[[], Sender]) -> None:
        self._sender = sender

    def answer(self, request: Incoming) -> Answer:
        """Take a JSON list of events; 200 once all of them are on the queue."""
        events: Sequence[object] = json.loads(request.body)
        messages = [Message(f"{number}", json.dumps(event)) for number, event in enumerate(events)]
        self._sender().send(Queue.ARRIVALS, messages)
        return Answer(200, (("Content-Type", "application/json"),), b"{}")


def put_arrival(sender: Sender, body: str) -> None:
    """Put one message on the queue, as a topic rule does. Raises PortError."""
    sender.send(Queue.ARRIVALS, [Message(uuid.uuid4().hex, body)])
