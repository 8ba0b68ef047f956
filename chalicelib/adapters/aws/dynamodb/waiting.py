"""ports/waiting.WaitingStore in DynamoDB: an item a job, written once, read once and deleted once."""

import math
from datetime import timedelta

from chalicelib.adapters.aws.dynamodb.items import Item, key_part, number, packed, text, unpacked
from chalicelib.adapters.aws.dynamodb.table import Table
from chalicelib.ports.clock import Clock


class DynamoWaiting:
    """What waits for jobs elsewhere."""

    def __init__(self, work: Table, clock: Clock, retention: timedelta) -> None:
        self._work = work
        self._clock = clock
        self._retention = retention

    def put_waiting(self, job: str, text: str) -> None:
        expires = math.ceil((self._clock.now() + self._retention).timestamp())
        self._work.put({**_key(job), "body": packed(text), "expires_at": number(expires)})

    def waiting(self, job: str) -> str | None:
        item = self._work.get(_key(job))
        if item is None or int(item["expires_at"]["N"]) <= self._clock.now().timestamp():
            return None
        return unpacked(item["body"])

    def drop_waiting(self, job: str) -> None:
        self._work.delete(_key(job))


def _key(job: str) -> Item:
    return {"id": text(key_part(f"job#{job}")), "part": text("waiting")}
