"""SQS's own metrics of the queues, as they are in the embedded run: how many messages wait, and how old the oldest is.

Queues in SQLite are looked at in the database; those of the embedded AWS are asked, which does not tell of age.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.sqlite.database import Database
from chalicelib.ports.queues import Queue

EVERY_SECONDS = 15.0
_WAITING = "SELECT COUNT(*), MIN(visible_at) FROM messages WHERE queue = ? AND visible_at <= ?"
_MICROSECONDS = 1_000_000
Look = Callable[[Queue, bool], tuple[int, float]]
"""How many messages of a queue, or of its dead letters, wait, and the age of the oldest in seconds."""


def in_database(database: Database) -> Look:
    """Of queues in SQLite."""

    def look(queue: Queue, dead: bool) -> tuple[int, float]:
        now = int(time.time() * _MICROSECONDS)
        name = f"{queue.value}-dead" if dead else queue.value
        count, oldest = database.read(_WAITING, name, now)[0]
        return count, (now - oldest) / _MICROSECONDS if count else 0.0

    return look


def at_sqs(client: Any, name: Callable[..., str]) -> Look:
    """Of queues of the embedded AWS; `name` names one."""

    def look(queue: Queue, dead: bool) -> tuple[int, float]:
        url = client.get_queue_url(QueueName=name(queue, dead=dead))["QueueUrl"]
        wanted = "ApproximateNumberOfMessages"
        return int(client.get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])["Attributes"][wanted]), 0.0

    return look


class QueueWatch:
    """Puts the metrics of every queue from time to time, until it is stopped."""

    def __init__(self, look: Look, cloudwatch: Any, name: Callable[..., str], every: float = EVERY_SECONDS) -> None:
        self._look = look
        self._cloudwatch = cloudwatch
        self._name = name
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is under way is waited for."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            with suppress(ClientError, BotoCoreError):  # the embedded AWS ends before this does, or is busy
                self._cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=list(self._data()))
            self._over.wait(self._every)

    def _data(self) -> Iterator[dict[str, Any]]:
        now = time.time()
        for queue in Queue:
            for dead in (False, True):
                count, age = self._look(queue, dead)
                named = [{"Name": "QueueName", "Value": self._name(queue, dead=dead)}]
                yield _datum("ApproximateNumberOfMessagesVisible", named, count, now)
                yield _datum("ApproximateAgeOfOldestMessage", named, age, now)


def _datum(metric: str, named: list[dict[str, str]], value: float, now: float) -> dict[str, Any]:
    return {"MetricName": metric, "Dimensions": named, "Value": value, "Timestamp": now}
