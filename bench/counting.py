"""Counting what boto3 clients ask of AWS: requests by operation, items written by table, messages by queue.

Counts requests as they leave, repetitions included. Must know nothing of what is measured.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Counted:
    """What was counted since the start.

    requests       HTTP requests by `service.Operation`
    items_written  DynamoDB puts, updates and deletes by table, those in batches one by one
    messages_sent  SQS messages by queue address
    """

    requests: Counter[str] = field(default_factory=Counter)
    items_written: Counter[str] = field(default_factory=Counter)
    messages_sent: Counter[str] = field(default_factory=Counter)

    def of(self, service: str) -> Mapping[str, int]:
        """Requests to one service by operation."""
        prefix = f"{service}."
        return {name.removeprefix(prefix): n for name, n in self.requests.items() if name.startswith(prefix)}

    def clear(self) -> None:
        """Start again from nothing."""
        for counter in (self.requests, self.items_written, self.messages_sent):
            counter.clear()


@contextmanager
def counting(*clients: Any) -> Iterator[Counted]:
    """Count what these boto3 clients ask for inside the block."""
    counted = Counted()

    def count_request(event_name: str, **_: Any) -> None:
        counted.requests[event_name.partition(".")[2]] += 1

    def count_items(params: Mapping[str, Any], event_name: str, **_: Any) -> None:
        _count_items(counted, event_name.rpartition(".")[2], params)

    hooks = {"before-send": count_request, "provide-client-params": count_items}
    places = [(client.meta.events, f"{event}.{_service(client)}", event) for client in clients for event in hooks]
    for events, name, event in places:
        # First, because an emulator in the same process answers in this event and so ends it.
        events.register_first(name, hooks[event])
    try:
        yield counted
    finally:
        for events, name, event in places:
            events.unregister(name, hooks[event])


def _service(client: Any) -> str:
    return str(client.meta.service_model.service_id.hyphenize())


def _count_items(counted: Counted, operation: str, params: Mapping[str, Any]) -> None:
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            counted.items_written[params["TableName"]] += 1
        case "BatchWriteItem":
            counted.items_written.update({table: len(writes) for table, writes in params["RequestItems"].items()})
        case "SendMessage":
            counted.messages_sent[params["QueueUrl"]] += 1
        case "SendMessageBatch":
            counted.messages_sent[params["QueueUrl"]] += len(params["Entries"])
        case _:
            pass
