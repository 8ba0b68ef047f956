"""Every write to a table, with the images before and after it. Must not know who asks for them.

moto tells a table's stream of each write, whichever request it came by, so that is where the recorder stands; a stream
that the table has is told in turn.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models.utilities import dynamo_json_dump

Image = dict[str, Any]
"""An item as DynamoDB writes it in JSON: binary values as base64."""


@dataclass(frozen=True, slots=True)
class Change:
    """One write. `at` in seconds since 1970; an image that is None says that there was, or is, no item."""

    at: float
    key: Image
    old: Image | None
    new: Image | None


@dataclass(frozen=True, slots=True)
class Net:
    """What the writes of a window came to for one key."""

    at: float
    key: Image
    old: Image | None
    new: Image | None


class Recorder:
    """Stands in the place of a table's stream, `inner`, from when point-in-time recovery was turned on."""

    def __init__(self, table: Any, now: Callable[[], float]) -> None:
        self._table = table
        self.inner = table.stream_shard
        self._now = now
        self._changes: list[Change] = []
        self.since = now()

    def add(self, old: Any, new: Any) -> None:
        """Note a write, as moto calls a stream."""
        before, after = _image(old), _image(new)
        written = after if after is not None else before or {}
        names = (self._table.hash_key_attr, self._table.range_key_attr)
        key = {name: written[name] for name in names if name is not None}
        self._changes.append(Change(self._now(), key, before, after))
        if self.inner is not None:
            self.inner.add(old, new)

    def __getattr__(self, name: str) -> Any:
        """Whatever else is asked is asked of the stream."""
        return getattr(self.inner, name)

    def images(self, at: float) -> list[Image]:
        """The items that the table had at a moment."""
        found = {_text(self._key(image)): image for image in map(_image, self._table.all_items()) if image is not None}
        for change in reversed(self._changes):
            if change.at > at:
                found.pop(_text(change.key), None)
                if change.old is not None:
                    found[_text(change.key)] = change.old
        return list(found.values())

    def net(self, first: float, behind: float) -> Iterator[Net]:
        """What became of each key that was written in [first, behind); nothing of what came and went inside it."""
        found: dict[str, Net] = {}
        for change in self._changes:
            if first <= change.at < behind:
                name = _text(change.key)
                old = found[name].old if name in found else change.old
                found[name] = Net(change.at, change.key, old, change.new)
        return (item for item in found.values() if item.old is not None or item.new is not None)

    def _key(self, image: Image) -> Image:
        return {name: image[name] for name in (self._table.hash_key_attr, self._table.range_key_attr) if name}


def recorder_of(table: Any) -> Recorder | None:
    """The table's recorder, if its writes are recorded."""
    return table.stream_shard if isinstance(table.stream_shard, Recorder) else None


def record(table: Any, now: Callable[[], float]) -> None:
    """Record the table's writes from now on, unless they are."""
    if recorder_of(table) is None:
        table.stream_shard = Recorder(table, now)


def forget(table: Any) -> None:
    """Stop recording."""
    found = recorder_of(table)
    if found is not None:
        table.stream_shard = found.inner


def _image(item: Any) -> Image | None:
    return None if item is None else json.loads(dynamo_json_dump(item.to_json(root_attr_name="Item")))["Item"]


def _text(key: Image) -> str:
    return json.dumps(key, sort_keys=True)
