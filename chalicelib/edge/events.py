"""What invokes the functions, decoded: queue records and what their bodies say. The only reader of event dicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Delivery:
    """One queue record.

    id     the message's own id: what a partial batch response names
    group  MessageGroupId on a FIFO queue, otherwise None
    count  1 on the first delivery
    """

    id: str
    body: str
    group: str | None
    count: int


def deliveries(event: Mapping[str, Any]) -> tuple[Delivery, ...]:
    """Every record of an SQS event, in order."""
    return tuple(_delivery(record) for record in event.get("Records", ()))


def _delivery(record: Mapping[str, Any]) -> Delivery:
    attributes = record.get("attributes") or {}
    count = int(attributes.get("ApproximateReceiveCount", 1))
    return Delivery(record["messageId"], record["body"], attributes.get("MessageGroupId"), count)
