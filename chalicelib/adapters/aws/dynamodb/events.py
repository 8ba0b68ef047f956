"""ports/events.EventStore in DynamoDB.

A record is put once, on the condition that there is none; then its place in the backlog, an item of its own whose key
sorts by arrival, so that the backlog is read consistently and in order. A writer that dies between the two leaves a
pending record without a place; whoever hears of the event again puts it. That may bring back the place of a record
that was taken meanwhile, so readers of the backlog look at the records themselves and drop such places.

id            part                         what
pipeline id   event#<key>                  record; in index `arrived`, and in `dead` while it is dead
pipeline id   pending#<arrival>#<key>      place in the backlog
pipeline id   batch#<run>                  events of a run
pipeline id   newest#<hash of subject>     latest sequence heard of
pipeline id   armed                        sources it listens to
source#…      <pipeline>/<trigger>         subscription
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.adapters.aws.dynamodb.items import Item, key_part, moment_of, number, packed, sortable, text, unpacked
from chalicelib.adapters.aws.dynamodb.table import Table, partition, side_by_side
from chalicelib.adapters.records import (
    decode_batch,
    decode_event_record,
    decode_subscription,
    encode_batch,
    encode_event_record,
    encode_subscription,
)
from chalicelib.domain.run.waiting import Waiting
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict
from chalicelib.ports.events import EventBatch, EventQuery, EventRecord, Standing
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.page import Page

_ALLOWED: Mapping[Standing, str] = {
    Standing.PENDING: "standing = :dead",
    Standing.TAKEN: "standing = :pending",
    Standing.DEAD: "attribute_exists(id) AND run IN (:nobody, :run)",
}
_MARKED_AT_ONCE = 100
_PENDING = "pending#"
_ARMED = "armed"


class DynamoEvents:
    """Subscriptions, event records and batches."""

    def __init__(self, events: Table, clock: Clock, retention: timedelta) -> None:
        self._events = events
        self._clock = clock
        self._retention = retention

    def arm(self, pipeline_id: PipelineId, subscriptions: Sequence[Subscription]) -> None:
        """The new ones are listed before they are made and the old ones' list replaced last: none is ever forgotten."""
        before = self._armed(pipeline_id)
        wanted = {_subscription_key(item): item for item in subscriptions}
        if not before and not wanted:
            return
        self._list_armed(pipeline_id, [*before, *wanted])
        self._events.put_many(
            {"id": text(name), "part": text(part), "body": text(encode_subscription(item))}
            for (name, part), item in wanted.items()
        )
        gone = [key for key in before if key not in wanted]
        self._events.delete_many([{"id": text(name), "part": text(part)} for name, part in gone])
        self._list_armed(pipeline_id, list(wanted))

    def _armed(self, pipeline_id: PipelineId) -> Sequence[tuple[str, str]]:
        item = self._events.get(_key(pipeline_id, _ARMED))
        return [(pair["L"][0]["S"], pair["L"][1]["S"]) for pair in item["keys"]["L"]] if item else []

    def _list_armed(self, pipeline_id: PipelineId, keys: Sequence[tuple[str, str]]) -> None:
        listed = [{"L": [text(name), text(part)]} for name, part in dict.fromkeys(keys)]
        self._events.put({**_key(pipeline_id, _ARMED), "keys": {"L": listed}})

    def listening(self, source: str) -> Sequence[Subscription]:
        rows = self._events.all_rows(**partition(text(_source_id(source))))
        return [decode_subscription(item["body"]["S"]) for item in rows]

    def put_events(self, records: Sequence[EventRecord]) -> Sequence[EventRecord]:
        stored = side_by_side(self._put_event, records)
        self._place(stored)
        return stored

    def _put_event(self, record: EventRecord) -> EventRecord:
        try:
            self._events.put(_item(record, self._expiry()), "attribute_not_exists(id)")
        except Conflict:
            return self.events(record.pipeline_id, [record.key]).get(record.key, record)
        return record

    def _place(self, records: Sequence[EventRecord]) -> None:
        """Put the pending ones of these into the backlog."""
        expires = {"expires_at": number(self._expiry())}
        pending = {(item.pipeline_id, item.key): item for item in records if item.standing is Standing.PENDING}
        self._events.put_many(
            {**_place_key(item), **expires, "key": text(item.key), "size": number(len(encode_event_record(item)))}
            for item in pending.values()
        )

    def events(self, pipeline_id: PipelineId, keys: Sequence[str]) -> Mapping[str, EventRecord]:
        items = self._events.get_many([_key(pipeline_id, f"event#{key}") for key in keys])
        now = self._clock.now().timestamp()
        records = [_record(item) for item in items if int(item["expires_at"]["N"]) > now]
        return {record.key: record for record in records}

    def pending_events(self, pipeline_id: PipelineId, limit: int) -> Sequence[Waiting]:
        found: list[Waiting] = []
        start: Item | None = None
        while len(found) < limit:
            rows = self._events.rows(limit, start, **partition(text(pipeline_id), _PENDING))
            found += self._still_pending(pipeline_id, rows.items)
            if not rows.more:
                break
            start = {name: rows.items[-1][name] for name in ("id", "part")}
        return found[:limit]

    def _still_pending(self, pipeline_id: PipelineId, places: Sequence[Item]) -> Iterator[Waiting]:
        pending = self._pending(pipeline_id, [place["key"]["S"] for place in places])
        for place in places:
            key, arrived = place["key"]["S"], place["part"]["S"].removeprefix(_PENDING).partition("#")[0]
            if key in pending:
                yield Waiting(key, moment_of(arrived), int(place["size"]["N"]) if "size" in place else 0)
            else:
                self._events.delete({name: place[name] for name in ("id", "part")})

    def _pending(self, pipeline_id: PipelineId, keys: Sequence[str]) -> frozenset[str]:
        """Which of these wait."""
        items = self._events.get_many([_key(pipeline_id, f"event#{key}") for key in keys], "part, standing, expires_at")
        now = self._clock.now().timestamp()
        return frozenset(
            item["part"]["S"].removeprefix("event#")
            for item in items
            if item["standing"]["S"] == Standing.PENDING.value and int(item["expires_at"]["N"]) > now
        )

    def mark_events(
        self, pipeline_id: PipelineId, keys: Sequence[str], standing: Standing, run: str = "", error: str = ""
    ) -> None:
        values = {":run": text(run), ":error": text(error)}
        for first in range(0, len(keys), _MARKED_AT_ONCE):
            wanted = keys[first : first + _MARKED_AT_ONCE]
            if standing is Standing.TAKEN and len(keys) > _MARKED_AT_ONCE:
                # Who ran out of time over a large batch, and comes again, goes on where it was.
                pending = self._pending(pipeline_id, wanted)
                wanted = [key for key in wanted if key in pending]
            found = side_by_side(lambda key: self._moved(pipeline_id, key, standing, values), wanted)
            records = [record for record in found if record is not None]
            self._place(records)
            gone = [record for record in records if record.standing is not Standing.PENDING]
            self._events.delete_many(_place_key(record) for record in gone)

    def _moved(self, pipeline_id: PipelineId, key: str, standing: Standing, values: Item) -> EventRecord | None:
        """The record as it is now; None when there is none."""
        others = {f":{each.value}": text(each.value) for each in (Standing.DEAD, Standing.PENDING)}
        others |= {":nobody": text("")}
        given = {**values, ":standing": text(standing.value), ":id": text(pipeline_id)}
        used = {name: value for name, value in others.items() if name in _ALLOWED[standing]}
        change = "SET standing = :standing, run = :run, failure = :error"
        change += ", dead_id = :id" if standing is Standing.DEAD else " REMOVE dead_id"
        if standing is not Standing.DEAD:
            del given[":id"]
        with suppress(Conflict):  # not from there, or no such record: what is stored decides
            return _record(
                self._events.update(_key(pipeline_id, f"event#{key}"), change, _ALLOWED[standing], {**given, **used})
            )
        return self.events(pipeline_id, [key]).get(key)

    def reclaim_events(self, pipeline_id: PipelineId, keys: Sequence[str], run: str) -> None:
        values = {":taken": text(Standing.TAKEN.value), ":dead": text(Standing.DEAD.value), ":run": text(run)}
        values |= {":none": text("")}

        def reclaim(key: str) -> None:
            with suppress(Conflict):  # not dead, of another run, or no such record: nothing to reclaim
                self._events.update(
                    _key(pipeline_id, f"event#{key}"),
                    "SET standing = :taken, failure = :none REMOVE dead_id",
                    "standing = :dead AND run = :run",
                    values,
                )

        side_by_side(reclaim, keys)

    def query_events(
        self, pipeline_id: PipelineId, query: EventQuery, marker: str | None, limit: int
    ) -> Page[EventRecord]:
        listing = f"events of {pipeline_id} {query.standing}"
        index, owner = ("dead", "dead_id") if query.standing is Standing.DEAD else ("arrived", "log_id")
        values = {
            ":id": text(pipeline_id),
            ":low": text(read_marker(listing, marker, "t")[0] if marker else sortable(query.low)),
            ":high": text(sortable(query.high) + "$"),  # "$" follows "#", which begins the key after the time
        }
        rows = self._events.rows(
            limit + 1,
            IndexName=index,
            KeyConditionExpression=f"{owner} = :id AND arrival BETWEEN :low AND :high",
            ExpressionAttributeValues=values,
        )
        shown = rows.items[:limit]
        records = self.events(pipeline_id, [item["part"]["S"].removeprefix("event#") for item in shown])
        wanted = [record for record in records.values() if query.standing in (None, record.standing)]
        page = tuple(sorted(wanted, key=lambda record: (record.arrived_at, record.key)))
        more = len(rows.items) > limit or rows.more
        return Page(page, make_marker(listing, [shown[-1]["arrival"]["S"] + "!"]) if more else None)

    def put_batch(self, pipeline_id: PipelineId, run: str, batch: EventBatch) -> None:
        body = {"body": packed(encode_batch(batch)), "expires_at": number(self._expiry())}
        self._events.put({**_key(pipeline_id, f"batch#{run}"), **body})

    def batch(self, pipeline_id: PipelineId, run: str) -> EventBatch | None:
        item = self._events.get(_key(pipeline_id, f"batch#{run}"))
        if item is None or int(item["expires_at"]["N"]) <= self._clock.now().timestamp():
            return None
        return decode_batch(unpacked(item["body"]))

    def is_newest(self, pipeline_id: PipelineId, subject: str, sequence: str) -> bool:
        key = _newest_key(pipeline_id, subject)
        item = {**key, "latest": text(sequence), "expires_at": number(self._expiry())}
        try:
            self._events.put(item, "attribute_not_exists(id) OR latest <= :latest", {":latest": text(sequence)})
        except Conflict:
            return False
        return True

    def newest(self, pipeline_id: PipelineId, subject: str) -> str | None:
        item = self._events.get(_newest_key(pipeline_id, subject))
        return str(item["latest"]["S"]) if item is not None else None

    def delete_events(self, pipeline_id: PipelineId) -> None:
        self.arm(pipeline_id, ())
        self._events.clear(text(pipeline_id))

    def _expiry(self) -> int:
        return math.ceil((self._clock.now() + self._retention).timestamp())


def _newest_key(pipeline_id: PipelineId, subject: str) -> dict[str, Any]:
    return _key(pipeline_id, f"newest#{hashlib.sha256(subject.encode()).hexdigest()}")


def _source_id(source: str) -> str:
    return key_part(f"source#{source}")


def _subscription_key(item: Subscription) -> tuple[str, str]:
    return _source_id(item.source), key_part(f"{item.pipeline}/{item.trigger}")


def _key(pipeline_id: PipelineId, part: str) -> dict[str, Any]:
    return {"id": text(pipeline_id), "part": text(part)}


def _arrival(record: EventRecord) -> str:
    return f"{sortable(record.arrived_at)}#{record.key}"


def _place_key(record: EventRecord) -> Item:
    return _key(record.pipeline_id, f"{_PENDING}{_arrival(record)}")


def _item(record: EventRecord, expires: int) -> Item:
    dead = {"dead_id": text(record.pipeline_id)} if record.standing is Standing.DEAD else {}
    return {
        **dead,
        **_key(record.pipeline_id, f"event#{record.key}"),
        "log_id": text(record.pipeline_id),
        "arrival": text(_arrival(record)),
        "standing": text(record.standing.value),
        "run": text(record.run),
        "failure": text(record.error),
        "body": packed(encode_event_record(record)),
        "expires_at": number(expires),
    }


def _record(item: Item) -> EventRecord:
    record = decode_event_record(unpacked(item["body"]))
    standing = Standing(item["standing"]["S"])
    return replace(record, standing=standing, run=item["run"]["S"], error=item["failure"]["S"])
