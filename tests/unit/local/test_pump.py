"""The pump acknowledges exactly what a function did not report as failed."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chalicelib.ports.queues import Queue, Received
from local.pump import Pump, Source, failed_ids, retry_delay


class OneBatch:
    """A receiver that delivers one batch and remembers what was done with it."""

    def __init__(self, messages: Sequence[Received]) -> None:
        self._messages = [messages]
        self.deleted: list[str] = []
        self.released: list[str] = []
        self.settled = threading.Event()

    def receive(self, queue: Queue, limit: int, visibility: timedelta, wait: timedelta) -> Sequence[Received]:
        return self._messages.pop() if self._messages else ()

    def delete(self, queue: Queue, receipts: Sequence[str]) -> None:
        self.deleted += receipts
        self._settle()

    def release(self, queue: Queue, receipts: Sequence[str], after: timedelta) -> None:
        self.released += receipts
        self._settle()

    def _settle(self) -> None:
        if len(self.deleted) + len(self.released) == 2:
            self.settled.set()


def message(name: str) -> Received:
    return Received(id=name, body=f"body of {name}", group="df-1", receipt=f"receipt of {name}", count=1)


def pumped(handler: Any) -> OneBatch:
    receiver = OneBatch([message("a"), message("b")])
    pump = Pump(receiver, Source(Queue.CONTROL, "advance", handler, batch=10, workers=1))
    pump.start()
    assert receiver.settled.wait(5)
    pump.stop()
    return receiver


def test_a_function_that_returns_nothing_acknowledges_its_whole_batch() -> None:
    seen: list[dict[str, Any]] = []
    receiver = pumped(lambda event, context: seen.append(event))
    assert receiver.deleted == ["receipt of a", "receipt of b"]
    assert [record["body"] for record in seen[0]["Records"]] == ["body of a", "body of b"]
    assert seen[0]["Records"][0]["attributes"]["MessageGroupId"] == "df-1"


def test_reported_failures_are_released_and_the_rest_deleted() -> None:
    receiver = pumped(lambda event, context: {"batchItemFailures": [{"itemIdentifier": "b"}]})
    assert (receiver.deleted, receiver.released) == (["receipt of a"], ["receipt of b"])


def test_a_function_that_raises_fails_its_whole_batch() -> None:
    def broken(event: Any, context: Any) -> None:
        raise ValueError(event)

    assert pumped(broken).released == ["receipt of a", "receipt of b"]


def test_an_id_that_was_not_in_the_batch_is_ignored() -> None:
    assert failed_ids({"batchItemFailures": [{"itemIdentifier": "z"}]}, [message("a")]) == frozenset()


def test_retries_come_later_each_time_up_to_a_limit() -> None:
    assert [retry_delay(count).total_seconds() for count in (1, 2, 3, 50)] == [1, 2, 4, 30]
