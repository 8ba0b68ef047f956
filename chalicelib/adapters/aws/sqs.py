"""ports/queues over SQS. Owns batching and the repetition of what a batch request did not store."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.adapters.messages import check, size_bytes
from chalicelib.ports import trail
from chalicelib.ports.errors import Rejected, Throttled
from chalicelib.ports.queues import CORRELATION, TRACE, Message, Queue, Received

_BATCH_MESSAGES = 10
_BATCH_BYTES = 256 * 1024
_ATTRIBUTE_BYTES = 256
"""At most, of the attribute that carries a correlation: its name, type and value count, system attributes do not."""
_TRIES = 4
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_WAIT = timedelta(seconds=20)
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass(frozen=True, slots=True)
class QueueUrls:
    """Where a queue and its dead letters are; infra/foundation.yaml makes both."""

    live: str
    dead: str


class FoundQueues(Mapping[Queue, QueueUrls]):
    """The queues of a deployment, looked for when the first is needed: their addresses differ in their last part only.

    named  a queue's name, or with `dead` that of its dead letters
    """

    def __init__(self, client: Any, named: Callable[[Queue, bool], str]) -> None:
        self._client = client
        self._named = named

    @cached_property
    def _before(self) -> str:
        name = self._named(Queue.CONTROL, False)
        return str(call("GetQueueUrl", self._client.get_queue_url, QueueName=name)["QueueUrl"]).rpartition("/")[0]

    def __getitem__(self, queue: Queue) -> QueueUrls:
        return QueueUrls(*(f"{self._before}/{self._named(queue, dead)}" for dead in (False, True)))

    def __iter__(self) -> Iterator[Queue]:
        return iter(Queue)

    def __len__(self) -> int:
        return len(Queue)


class SqsQueues:
    """ports/queues.Sender and Receiver.

    client  a boto3 SQS client
    pause   sleeps so many seconds before a failed part of a batch is sent again
    """

    def __init__(
        self, client: Any, urls: Mapping[Queue, QueueUrls], pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._urls = urls
        self._pause = pause

    def send(self, queue: Queue, messages: Sequence[Message]) -> None:
        for message in messages:
            check(queue, message)
        for batch in _batches(messages):
            self._send_batch(queue, batch)

    def _send_batch(self, queue: Queue, messages: Sequence[Message]) -> None:
        left = [_entry(queue, message, str(place)) for place, message in enumerate(messages)]
        for attempt in range(_TRIES):
            answer = self._call("SendMessageBatch", self._client.send_message_batch, queue, Entries=left)
            failed = {failure["Id"]: failure for failure in answer.get("Failed", ())}
            if not failed:
                return
            _refuse(failed.values())
            left = [entry for entry in left if entry["Id"] in failed]
            self._pause(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise Throttled("SendMessageBatch", f"{len(left)} of {len(messages)} messages were not stored")

    def receive(self, queue: Queue, limit: int, visibility: timedelta, wait: timedelta) -> Sequence[Received]:
        answer = self._call(
            "ReceiveMessage",
            self._client.receive_message,
            queue,
            MaxNumberOfMessages=limit,
            VisibilityTimeout=_seconds(visibility),
            WaitTimeSeconds=_seconds(min(wait, _LONGEST_WAIT)),
            AttributeNames=["ApproximateReceiveCount", "MessageGroupId", TRACE],
            MessageAttributeNames=[CORRELATION],
        )
        return [_received(queue, message) for message in answer.get("Messages", ())]

    def delete(self, queue: Queue, receipts: Sequence[str]) -> None:
        for start in range(0, len(receipts), _BATCH_MESSAGES):
            entries = [
                {"Id": str(place), "ReceiptHandle": receipt}
                for place, receipt in enumerate(receipts[start : start + _BATCH_MESSAGES])
            ]
            # A receipt that failed has expired or was replaced: the message comes again, as the port says.
            self._call("DeleteMessageBatch", self._client.delete_message_batch, queue, Entries=entries)

    def release(self, queue: Queue, receipts: Sequence[str], after: timedelta) -> None:
        for start in range(0, len(receipts), _BATCH_MESSAGES):
            entries = [
                {"Id": str(place), "ReceiptHandle": receipt, "VisibilityTimeout": _seconds(after)}
                for place, receipt in enumerate(receipts[start : start + _BATCH_MESSAGES])
            ]
            # As in delete: what cannot be released is no longer ours.
            method = self._client.change_message_visibility_batch
            self._call("ChangeMessageVisibilityBatch", method, queue, Entries=entries)

    def dead(self, queue: Queue) -> int:
        url = self._urls[queue].dead
        answer = call(
            "GetQueueAttributes", self._client.get_queue_attributes, QueueUrl=url, AttributeNames=list(_COUNTS)
        )
        return sum(int(answer["Attributes"][name]) for name in _COUNTS)

    def _call(self, operation: str, method: Callable[..., Any], queue: Queue, **arguments: Any) -> Any:
        return call(operation, method, QueueUrl=self._urls[queue].live, **arguments)


def _batches(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """As few batches, in order, as the limits of one request allow."""
    batch: list[Message] = []
    total = 0
    for message in messages:
        size = min(size_bytes(message) + _ATTRIBUTE_BYTES, _BATCH_BYTES)
        if batch and (len(batch) == _BATCH_MESSAGES or total + size > _BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(message)
        total += size
    if batch:
        yield batch


def _entry(queue: Queue, message: Message, place: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": place, "MessageBody": message.body, **_carried(message)}
    if queue is Queue.CONTROL:
        # Hashed: ids are any text, SQS takes 128 characters of ASCII. An id counts within its group only.
        unique = hashlib.sha256(f"{message.group}\n{message.id}".encode()).hexdigest()
        return entry | {"MessageGroupId": message.group, "MessageDeduplicationId": unique}
    return entry | {"DelaySeconds": _seconds(message.delay)} if message.delay else entry


def _carried(message: Message) -> dict[str, Any]:
    """The trail under which it is sent, as attributes."""
    way = trail.current()
    carried: dict[str, Any] = {}
    if way.correlation and size_bytes(message) + _ATTRIBUTE_BYTES <= _BATCH_BYTES:
        carried["MessageAttributes"] = {CORRELATION: _text(way.correlation)}
    if way.trace:
        carried["MessageSystemAttributes"] = {TRACE: _text(way.trace)}
    return carried


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def _refuse(failures: Any) -> None:
    """Raise Rejected when the fault is in a message: sending it again would not help."""
    for failure in failures:
        if failure.get("SenderFault"):
            raise Rejected("SendMessageBatch", f"{failure.get('Code')}: {failure.get('Message', '')}")


def _received(queue: Queue, message: Mapping[str, Any]) -> Received:
    attributes = message.get("Attributes", {})
    return Received(
        id=message["MessageId"],
        body=message["Body"],
        group=attributes.get("MessageGroupId") if queue is Queue.CONTROL else None,
        receipt=message["ReceiptHandle"],
        count=int(attributes.get("ApproximateReceiveCount", 1)),
        correlation=message.get("MessageAttributes", {}).get(CORRELATION, {}).get("StringValue", ""),
        trace=attributes.get(TRACE, ""),
    )


def _seconds(length: timedelta) -> int:
    """SQS counts whole seconds; a part of one counts as one, so that nothing comes too early."""
    return -(-length // timedelta(seconds=1))
