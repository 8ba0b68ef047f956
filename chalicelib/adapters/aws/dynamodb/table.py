"""One DynamoDB table: single items, batches repeated until all is done, and queries page by page.

Reads of items are consistent. Every error leaves as a port error; a failed condition is a Conflict.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from chalicelib.adapters.aws.dynamodb.items import Item, Value
from chalicelib.adapters.aws.errors import call
from chalicelib.ports.errors import Throttled

_GET_BATCH = 100
_WRITE_BATCH = 25
_BATCH_TRIES = 8
_CLEARED_AT_ONCE = 1000
_PARALLEL = 8
_FIRST_PAUSE_SECONDS = 0.025

Pause = Callable[[float], None]
Given = TypeVar("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a query; `more` says whether the query stopped before its end."""

    items: tuple[Item, ...]
    more: bool


class Table:
    """client  a boto3 DynamoDB client
    name    of the table
    pause   sleeps so many seconds; batches use it before they repeat what was not processed
    """

    def __init__(self, client: Any, name: str, pause: Pause = time.sleep) -> None:
        self._client = client
        self._name = name
        self._pause = pause

    def get(self, key: Item) -> Item | None:
        """The item, read consistently."""
        answer = call("GetItem", self._client.get_item, TableName=self._name, Key=key, ConsistentRead=True)
        found: Item | None = answer.get("Item")
        return found

    def put(self, item: Item, condition: str | None = None, values: Item | None = None) -> None:
        """Write the whole item. Raises Conflict when the condition does not hold."""
        call("PutItem", self._client.put_item, TableName=self._name, Item=item, **_condition(condition, values))

    def exchange(self, item: Item) -> Item | None:
        """Write the whole item and return the one that it replaced."""
        answer = call("PutItem", self._client.put_item, TableName=self._name, Item=item, ReturnValues="ALL_OLD")
        replaced: Item | None = answer.get("Attributes")
        return replaced

    def update(self, key: Item, expression: str, condition: str, values: Item) -> Item:
        """Change attributes and return the new item. Raises Conflict when the condition does not hold."""
        answer = call(
            "UpdateItem",
            self._client.update_item,
            TableName=self._name,
            Key=key,
            UpdateExpression=expression,
            ReturnValues="ALL_NEW",
            **_condition(condition, values),
        )
        written: Item = answer["Attributes"]
        return written

    def delete(self, key: Item, condition: str | None = None, values: Item | None = None) -> None:
        """Forget the item; no error when absent, unless the condition says so."""
        call("DeleteItem", self._client.delete_item, TableName=self._name, Key=key, **_condition(condition, values))

    def get_many(self, keys: Sequence[Item], attributes: str | None = None) -> Iterator[Item]:
        """The items that exist, or these attributes of them, in any order, read consistently."""
        shown = {"ProjectionExpression": attributes} if attributes else {}
        for batch in _batches(_distinct(keys), _GET_BATCH):
            yield from self._get_batch(batch, shown)

    def _get_batch(self, keys: Sequence[Item], shown: Mapping[str, str]) -> Iterator[Item]:
        for attempt in range(_BATCH_TRIES):
            wanted = {self._name: {"Keys": keys, "ConsistentRead": True, **shown}}
            answer = call("BatchGetItem", self._client.batch_get_item, RequestItems=wanted)
            yield from answer["Responses"].get(self._name, ())
            keys = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", ())
            if not keys:
                return
            self._pause(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise Throttled("BatchGetItem", f"{len(keys)} items of {self._name} were not read")

    def put_many(self, items: Iterable[Item]) -> None:
        """Write whole items in any order; no two may have the same key."""
        self._write_many([{"PutRequest": {"Item": item}} for item in items])

    def delete_many(self, keys: Iterable[Item]) -> None:
        """Forget items in any order; absent ones are no error."""
        self._write_many([{"DeleteRequest": {"Key": key}} for key in _distinct(keys)])

    def _write_many(self, requests: Sequence[Mapping[str, Any]]) -> None:
        for batch in _batches(requests, _WRITE_BATCH):
            self._write_batch(batch)

    def _write_batch(self, requests: Sequence[Mapping[str, Any]]) -> None:
        for attempt in range(_BATCH_TRIES):
            answer = call("BatchWriteItem", self._client.batch_write_item, RequestItems={self._name: requests})
            requests = answer.get("UnprocessedItems", {}).get(self._name, ())
            if not requests:
                return
            self._pause(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise Throttled("BatchWriteItem", f"{len(requests)} items of {self._name} were not written")

    def clear(self, identifier: Value) -> None:
        """Forget every item of a partition, a page at a time: who ends half-way leaves less to the next."""
        while True:
            page = self.rows(_CLEARED_AT_ONCE, ProjectionExpression="id, part", **partition(identifier))
            requests = [{"DeleteRequest": {"Key": key}} for key in page.items]
            side_by_side(self._write_batch, list(_batches(requests, _WRITE_BATCH)))
            if not page.more:
                return

    def rows(self, limit: int, start: Item | None = None, **query: Any) -> Rows:
        """At least `limit` items of a query where there are so many, from after the key `start`.

        Reads on while filters leave too few, so there may be more than `limit`: the caller cuts.
        """
        items: list[Item] = []
        while True:
            arguments = query if start is None else {**query, "ExclusiveStartKey": start}
            answer = call("Query", self._client.query, TableName=self._name, Limit=limit, **arguments)
            items += answer["Items"]
            start = answer.get("LastEvaluatedKey")
            if start is None or len(items) >= limit:
                return Rows(tuple(items), start is not None)

    def all_rows(self, **query: Any) -> Iterator[Item]:
        """Every item of a query, a page at a time."""
        start: Item | None = None
        while True:
            arguments = query if start is None else {**query, "ExclusiveStartKey": start}
            answer = call("Query", self._client.query, TableName=self._name, **arguments)
            yield from answer["Items"]
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return

    def count_rows(self, **query: Any) -> int:
        """How many items a query finds."""
        total = 0
        start: Item | None = None
        while True:
            arguments = query if start is None else {**query, "ExclusiveStartKey": start}
            answer = call("Query", self._client.query, TableName=self._name, Select="COUNT", **arguments)
            total += int(answer["Count"])
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return total


def side_by_side(act: Callable[[Given], Result], items: Sequence[Given]) -> list[Result]:
    """`act` of each, in their order; of what has a condition of its own, say, which no batch takes."""
    if len(items) < 2:
        return [act(item) for item in items]
    with ThreadPoolExecutor(min(_PARALLEL, len(items))) as pool:
        return list(pool.map(act, items))


def partition(identifier: Value, beginning: str | None = None) -> Mapping[str, Any]:
    """The query for the items of one partition, read consistently; only those whose part begins so, if given."""
    if beginning is None:
        return {
            "KeyConditionExpression": "id = :id",
            "ExpressionAttributeValues": {":id": identifier},
            "ConsistentRead": True,
        }
    return {
        "KeyConditionExpression": "id = :id AND begins_with(part, :part)",
        "ExpressionAttributeValues": {":id": identifier, ":part": {"S": beginning}},
        "ConsistentRead": True,
    }


def _condition(condition: str | None, values: Item | None) -> Mapping[str, Any]:
    arguments: dict[str, Any] = {}
    if condition is not None:
        arguments["ConditionExpression"] = condition
    if values:
        arguments["ExpressionAttributeValues"] = values
    return arguments


def _distinct(keys: Iterable[Item]) -> Sequence[Item]:
    """Without repetitions, which batches refuse."""
    return list({tuple(sorted((name, str(value)) for name, value in key.items())): key for key in keys}.values())


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
