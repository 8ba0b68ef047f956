"""What Lambda does between a queue and a function: receive, invoke, acknowledge what succeeded.

One poller a queue hands batches to a few workers. A batch's visibility is renewed while its handler runs, so that it
can be short and a restart finds abandoned messages soon. Ordered groups are the receiver's promise (ports/queues.py).
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.ports.errors import PortError
from chalicelib.ports.queues import CORRELATION, TRACE, Queue, Received, Receiver
from local.invoke import Context

LOG = logging.getLogger(__name__)
VISIBILITY = timedelta(seconds=30)
RENEWAL_SECONDS = 10.0
WAIT = timedelta(seconds=1)
PAUSE_AFTER_FAULT_SECONDS = 0.5
LONGEST_RETRY = timedelta(seconds=30)
Handler = Callable[[dict[str, Any], Context], Any]


@dataclass(frozen=True, slots=True)
class Source:
    """An event source mapping: which queue feeds which function, messages a batch, batches at once."""

    queue: Queue
    name: str
    handler: Handler
    batch: int
    workers: int


def sqs_event(source: Source, messages: Sequence[Received]) -> dict[str, Any]:
    """The event that Lambda makes of received messages."""
    return {"Records": [_record(source, message) for message in messages]}


def _record(source: Source, message: Received) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(message.count)}
    if message.group is not None:
        attributes["MessageGroupId"] = message.group
    if message.trace:
        attributes[TRACE] = message.trace
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": _attributes(message),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{source.queue.value}",
        "awsRegion": "us-east-1",
    }


def _attributes(message: Received) -> dict[str, Any]:
    return {CORRELATION: {"dataType": "String", "stringValue": message.correlation}} if message.correlation else {}


def failed_ids(answer: object, messages: Sequence[Received]) -> frozenset[str]:
    """The ids of the messages that a handler's answer reports as failed (`batchItemFailures`)."""
    if not isinstance(answer, Mapping):
        return frozenset()
    reported = {item["itemIdentifier"] for item in answer.get("batchItemFailures", ())}
    return frozenset(message.id for message in messages if message.id in reported)


class Pump:
    """One event source mapping at work."""

    def __init__(self, receiver: Receiver, source: Source) -> None:
        self._receiver = receiver
        self._source = source
        self._stopping = threading.Event()
        self._free = threading.Semaphore(source.workers)
        self._workers = ThreadPoolExecutor(source.workers, thread_name_prefix=source.queue.value)
        self._poller = threading.Thread(target=self._poll, name=f"poll-{source.queue.value}", daemon=True)
        self._in_flight: set[tuple[str, ...]] = set()
        self._renewing = threading.Lock()  # a renewal behind the release of a failed message would put off its retry
        self._renewer = threading.Thread(target=self._renew, name=f"renew-{source.queue.value}", daemon=True)

    def start(self) -> None:
        """Poll until `stop`."""
        self._poller.start()
        self._renewer.start()

    def ask_to_stop(self) -> None:
        """Take up nothing more, without waiting."""
        self._stopping.set()

    def stop(self) -> None:
        """Take up nothing more, and wait for what is being handled."""
        self.ask_to_stop()
        self._poller.join()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._free.acquire()
            messages = self._received()
            if messages:
                self._workers.submit(self._handle, messages)
            else:
                self._free.release()

    def _received(self) -> Sequence[Received]:
        try:
            return self._receiver.receive(self._source.queue, self._source.batch, VISIBILITY, WAIT)
        except PortError as error:
            LOG.warning("receive failed queue=%s error=%s", self._source.queue.value, error)
            self._stopping.wait(PAUSE_AFTER_FAULT_SECONDS)
            return ()

    def _handle(self, messages: Sequence[Received]) -> None:
        receipts = tuple(message.receipt for message in messages)
        self._in_flight.add(receipts)
        try:
            failed = self._invoke(messages)
        finally:
            with self._renewing:
                self._in_flight.discard(receipts)
            self._free.release()
        self._settle(messages, failed)

    def _invoke(self, messages: Sequence[Received]) -> frozenset[str]:
        event = sqs_event(self._source, messages)
        try:
            answer = self._source.handler(event, Context(self._source.name))
        except Exception:
            LOG.exception("function failed name=%s", self._source.name)
            return frozenset(message.id for message in messages)
        return failed_ids(answer, messages)

    def _settle(self, messages: Sequence[Received], failed: frozenset[str]) -> None:
        done = [message.receipt for message in messages if message.id not in failed]
        try:
            if done:
                self._receiver.delete(self._source.queue, done)
            for message in messages:
                if message.id in failed:
                    self._receiver.release(self._source.queue, [message.receipt], retry_delay(message.count))
        except PortError as error:
            LOG.warning("acknowledge failed queue=%s error=%s", self._source.queue.value, error)

    def _renew(self) -> None:
        while not self._stopping.wait(RENEWAL_SECONDS):
            for receipts in tuple(self._in_flight):
                with self._renewing:
                    self._extend(receipts)

    def _extend(self, receipts: tuple[str, ...]) -> None:
        if receipts not in self._in_flight:
            return
        try:
            self._receiver.release(self._source.queue, receipts, VISIBILITY)
        except PortError as error:
            LOG.warning("renew failed queue=%s error=%s", self._source.queue.value, error)


def stop_all(pumps: Sequence[Pump]) -> None:
    """Stop pumps at the same time."""
    for pump in pumps:
        pump.ask_to_stop()
    for pump in pumps:
        pump.stop()


def retry_delay(count: int) -> timedelta:
    """How long a message that failed `count` times stays hidden: 1, 2, 4 … at most 30 seconds."""
    return min(timedelta(seconds=2 ** (min(count, 6) - 1)), LONGEST_RETRY)
