"""What invokes the functions, decoded: queue records and what their bodies say. The only reader of event dicts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.ports.queues import CORRELATION, TRACE
from chalicelib.ports.trail import mark


@dataclass(frozen=True, slots=True)
class Delivery:
    """One queue record.

    id           the message's own id: what a partial batch response names
    group        MessageGroupId on a FIFO queue, otherwise None
    count        1 on the first delivery
    correlation  what its sender worked on; the message's own id when the sender says nothing
    trace        X-Ray's header of the sender; empty when it was not traced
    """

    id: str
    body: str
    group: str | None
    count: int
    correlation: str
    trace: str


def deliveries(event: Mapping[str, Any]) -> tuple[Delivery, ...]:
    """Every record of an SQS event, in order."""
    return tuple(_delivery(record) for record in event.get("Records", ()))


def stream_deliveries(event: Mapping[str, Any]) -> tuple[Delivery, ...]:
    """Every record of a Kinesis event, in order: `id` is its sequence number, `body` what a pipe would make of it."""
    return tuple(_streamed(record) for record in event.get("Records", ()))


def _streamed(record: Mapping[str, Any]) -> Delivery:
    found = record["kinesis"]
    body = {"eventSource": "aws:kinesis", "eventID": record.get("eventID", ""), "data": found["data"]}
    return Delivery(found["sequenceNumber"], json.dumps(body), None, 1, mark(body["eventID"]), "")


def _delivery(record: Mapping[str, Any]) -> Delivery:
    attributes = record.get("attributes") or {}
    told = (record.get("messageAttributes") or {}).get(CORRELATION) or {}
    return Delivery(
        record["messageId"],
        record["body"],
        attributes.get("MessageGroupId"),
        int(attributes.get("ApproximateReceiveCount", 1)),
        mark(told.get("stringValue")) or mark(record["messageId"]),
        mark(attributes.get(TRACE)),
    )
