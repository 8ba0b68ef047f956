"""ports/store.KeyStore in DynamoDB: an item a key, put once; what expired counts as absent before it goes away."""

import math
from contextlib import suppress

from chalicelib.adapters.aws.dynamodb.items import Item, number, text
from chalicelib.adapters.aws.dynamodb.table import Table
from chalicelib.domain.values import UtcTime
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import KeyedRequest

_PART = "key"


class DynamoKeys:
    """Idempotency keys."""

    def __init__(self, work: Table, clock: Clock) -> None:
        self._work = work
        self._clock = clock

    def claim_key(self, key: str, digest: str, until: UtcTime) -> KeyedRequest:
        item = {**_key(key), "digest": text(digest), "expires_at": number(math.ceil(until.timestamp()))}
        now = number(math.floor(self._clock.now().timestamp()))
        try:
            self._work.put(item, "attribute_not_exists(id) OR expires_at <= :now", {":now": now})
        except Conflict:
            return _request(self._work.get(_key(key)) or item)
        return KeyedRequest(digest)

    def answer_key(self, key: str, answer: str) -> None:
        with suppress(Conflict):  # it expired meanwhile
            self._work.update(_key(key), "SET answer = :answer", "attribute_exists(id)", {":answer": text(answer)})


def _key(key: str) -> Item:
    return {"id": text(f"key#{key}"), "part": text(_PART)}


def _request(item: Item) -> KeyedRequest:
    return KeyedRequest(item["digest"]["S"], item["answer"]["S"] if "answer" in item else None)
