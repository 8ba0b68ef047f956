"""ports/queues in SQLite: the embedded run's and the simulation's queues.

A message's receipt is its number and its delivery count, so a receipt dies with the next delivery. Dead letters stay in
the same table under their own queue's name.
"""

from collections.abc import Sequence
from datetime import timedelta

from chalicelib.adapters.messages import DEDUPLICATION, check
from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, Row, micros
from chalicelib.ports import trail
from chalicelib.ports.clock import Clock
from chalicelib.ports.queues import Message, Queue, Received


class SqliteQueues:
    """ports/queues.Sender and Receiver.

    clock  decides what is visible, delayed or a duplicate; only the length of `wait` is real time
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def send(self, queue: Queue, messages: Sequence[Message]) -> None:
        for message in messages:
            check(queue, message)
        now, way = self._clock.now(), trail.current()
        with self._database.transaction():
            fresh = self._not_sent(messages) if queue is Queue.CONTROL else messages
            for message in fresh:
                group = message.group if queue is Queue.CONTROL else None
                visible = micros(now + message.delay)
                self._database.write(
                    queries.SEND, queue.value, group, message.body, visible, way.correlation, way.trace
                )
        self._database.announce(queue.value)

    def _not_sent(self, messages: Sequence[Message]) -> Sequence[Message]:
        now = self._clock.now()
        until = micros(now + DEDUPLICATION)
        self._database.write(queries.FORGET_SENT, micros(now))
        return [
            message
            for message in messages
            if self._database.write(queries.REMEMBER_SENT, message.group, message.id, until, micros(now))
        ]

    def receive(self, queue: Queue, limit: int, visibility: timedelta, wait: timedelta) -> Sequence[Received]:
        received: list[Received] = []

        def attempt() -> bool:
            received.extend(self._deliver(queue, limit, visibility))
            return bool(received)

        self._database.wait_until(queue.value, attempt, wait)
        return received

    def _deliver(self, queue: Queue, limit: int, visibility: timedelta) -> Sequence[Received]:
        now = self._clock.now()
        self._database.write(queries.BURY, _dead(queue), queue.value, micros(now))
        query = queries.RECEIVE_FIFO if queue is Queue.CONTROL else queries.RECEIVE_STANDARD
        rows = self._database.read(query, micros(now + visibility), queue.value, micros(now), limit)
        return [_received(row) for row in sorted(rows)]

    def delete(self, queue: Queue, receipts: Sequence[str]) -> None:
        self._database.write_each(queries.DELETE_MESSAGE, [(queue.value, *_delivery(receipt)) for receipt in receipts])
        self._database.announce(queue.value)

    def release(self, queue: Queue, receipts: Sequence[str], after: timedelta) -> None:
        now = self._clock.now()
        again = micros(now + after)
        rows = [(again, queue.value, *_delivery(receipt), micros(now)) for receipt in receipts]
        self._database.write_each(queries.RELEASE_MESSAGE, rows)
        self._database.announce(queue.value)

    def dead(self, queue: Queue) -> int:
        count: int = self._database.read(queries.COUNT_MESSAGES, _dead(queue))[0][0]
        return count


def _dead(queue: Queue) -> str:
    return f"{queue.value}-dead"


def _received(row: Row) -> Received:
    seq, group, body, count, correlation, trace = row
    return Received(str(seq), body, group, f"{seq}-{count}", count, correlation, trace)


def _delivery(receipt: str) -> tuple[str, str]:
    seq, _, count = receipt.partition("-")
    return seq, count
