"""DynamoDB request units of what clients ask: what on-demand capacity is billed by, worked out from item sizes.

Write unit  1 KB of the item, for the table and again for every index whose entry changes; an entry whose key changes is
            deleted and put
Read unit   4 KB read consistently, half of one otherwise
Sources     DynamoDB developer guide, "Read/write capacity mode", "Item sizes", "Global secondary indexes"
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Item = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index: its own keys, and what it holds (None for everything)."""

    keys: frozenset[str]
    held: frozenset[str] | None

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of an item; None when the item is not in it."""
        if item is None or not self.keys <= item.keys():
            return None
        return item if self.held is None else {name: value for name, value in item.items() if name in self.held}

    def cost(self, before: Item | None, after: Item | None) -> int:
        """Write units of bringing the entry up to date."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is not None and new is not None and all(old[key] == new[key] for key in self.keys):
            return max(write_units(old), write_units(new))
        return sum(write_units(entry) for entry in (old, new) if entry is not None)


@dataclass(slots=True)
class Units:
    """What was consumed so far; the shadow of every item written tells what an index entry was before."""

    writes: Counter[str] = field(default_factory=Counter)
    index_writes: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    largest: Counter[str] = field(default_factory=Counter)
    _indexes: dict[str, tuple[Index, ...]] = field(default_factory=dict)
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _shadow: dict[tuple[str, ...], Item] = field(default_factory=dict)

    def learn(self, description: Mapping[str, Any]) -> None:
        """Take in a table's keys and indexes from DescribeTable."""
        name = description["TableName"]
        keys = tuple(part["AttributeName"] for part in description["KeySchema"])
        indexes = [*description.get("GlobalSecondaryIndexes", ()), *description.get("LocalSecondaryIndexes", ())]
        self._keys[name] = keys
        self._indexes[name] = tuple(_index(index, keys) for index in indexes)

    def clear(self) -> None:
        """Count from nothing; what was written is remembered."""
        for counter in (self.writes, self.index_writes, self.reads, self.largest):
            counter.clear()

    def wrote(self, table: str, item: Item) -> None:
        """A whole item was put or is what an update left."""
        where = self._where(table, item)
        before = self._shadow.get(where)
        self.writes[table] += max(write_units(item), write_units(before) if before else 1)
        self.index_writes[table] += sum(index.cost(before, item) for index in self._indexes[table])
        self.largest[table] = max(self.largest[table], size_bytes(item))
        self._shadow[where] = item

    def deleted(self, table: str, key: Item) -> None:
        """An item was deleted."""
        before = self._shadow.pop(self._where(table, key), None)
        self.writes[table] += write_units(before) if before else 1
        self.index_writes[table] += sum(index.cost(before, None) for index in self._indexes[table])

    def read(self, table: str, items: list[Item], *, apart: bool, consistent: bool) -> None:
        """Items were read, `apart` each by its key or together by a query."""
        sizes = [size_bytes(item) for item in items]
        fours = sum(math.ceil(max(size, 1) / 4096) for size in sizes) if apart else math.ceil(sum(sizes) / 4096)
        self.reads[table] += max(fours, 1) * (2 if consistent else 1)  # in halves

    def _where(self, table: str, item: Item) -> tuple[str, ...]:
        return (table, *(str(item[name]) for name in self._keys[table]))


def _index(described: Mapping[str, Any], table_keys: tuple[str, ...]) -> Index:
    keys = frozenset(part["AttributeName"] for part in described["KeySchema"])
    projection = described["Projection"]
    if projection["ProjectionType"] == "ALL":
        return Index(keys, None)
    return Index(keys, keys | frozenset(table_keys) | frozenset(projection.get("NonKeyAttributes", ())))


def write_units(item: Item) -> int:
    """Of one item."""
    return max(1, math.ceil(size_bytes(item) / 1024))


def size_bytes(item: Item) -> int:
    """As DynamoDB counts: names and values, numbers by two digits a byte."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(content)
        case "N":
            return len(content) // 2 + 2
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(item) for name, item in content.items())
        case "L":
            return 3 + sum(1 + _value_bytes(item) for item in content)
        case _:
            return 1


@contextmanager
def units_of(client: Any, tables: list[str]) -> Iterator[Units]:
    """Work out the units of everything that this DynamoDB client does inside the block."""
    units = Units()
    for table in tables:
        units.learn(client.describe_table(TableName=table)["Table"])
    asked: dict[str, Any] = {}
    hooks: dict[str, Callable[..., None]] = {
        "provide-client-params.dynamodb": lambda params, **_: asked.update(params=params),
        "after-call.dynamodb": lambda parsed, model, http_response, **_: (
            _settled(units, model.name, asked["params"], parsed) if http_response.status_code < 300 else None
        ),
    }
    for name, hook in hooks.items():
        client.meta.events.register_first(name, hook)
    try:
        yield units
    finally:
        for name, hook in hooks.items():
            client.meta.events.unregister(name, hook)


def _settled(units: Units, operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    if operation in ("GetItem", "BatchGetItem", "Query"):
        _read(units, operation, asked, answer)
    else:
        _wrote(units, operation, asked, answer)


def _wrote(units: Units, operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    match operation:
        case "PutItem":
            units.wrote(asked["TableName"], asked["Item"])
        case "UpdateItem":
            units.wrote(asked["TableName"], answer["Attributes"])
        case "DeleteItem":
            units.deleted(asked["TableName"], asked["Key"])
        case "BatchWriteItem":
            for name, writes in asked["RequestItems"].items():
                _batch(units, name, writes)


def _read(units: Units, operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    consistent = asked.get("ConsistentRead", False)
    match operation:
        case "GetItem":
            found = [answer["Item"]] if "Item" in answer else []
            units.read(asked["TableName"], found, apart=True, consistent=consistent)
        case "BatchGetItem":
            for name, wanted in asked["RequestItems"].items():
                found = list(answer["Responses"].get(name, ()))
                units.read(name, found, apart=True, consistent=wanted.get("ConsistentRead", False))
        case "Query":
            units.read(asked["TableName"], answer["Items"], apart=False, consistent=consistent)


def _batch(units: Units, table: str, writes: list[Mapping[str, Any]]) -> None:
    for write in writes:
        if "PutRequest" in write:
            units.wrote(table, write["PutRequest"]["Item"])
        else:
            units.deleted(table, write["DeleteRequest"]["Key"])
