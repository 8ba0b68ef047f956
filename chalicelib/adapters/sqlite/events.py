"""ports/events.EventStore in SQLite. What expired is not read and goes away with a later write."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.adapters.records import (
    decode_batch,
    decode_event_record,
    decode_subscription,
    encode_batch,
    encode_event_record,
    encode_subscription,
)
from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, Row, micros, moment_of
from chalicelib.domain.run.waiting import Waiting
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.ports.clock import Clock
from chalicelib.ports.events import EventBatch, EventQuery, EventRecord, Standing
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.page import Page

_FROM: Mapping[Standing, str] = {
    Standing.PENDING: "('dead')",
    Standing.TAKEN: "('pending')",
}


class SqliteEvents:
    """Subscriptions, event records and batches."""

    def __init__(self, database: Database, clock: Clock, retention: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention

    def arm(self, pipeline_id: PipelineId, subscriptions: Sequence[Subscription]) -> None:
        rows = [(pipeline_id, item.source, encode_subscription(item)) for item in subscriptions]
        with self._database.transaction():
            self._database.write(queries.DISARM, pipeline_id)
            for row in rows:
                self._database.write(queries.SUBSCRIBE, *row)

    def listening(self, source: str) -> Sequence[Subscription]:
        return [decode_subscription(row[0]) for row in self._database.read(queries.LISTENING, source)]

    def put_events(self, records: Sequence[EventRecord]) -> Sequence[EventRecord]:
        now = self._clock.now()
        expires = micros(now + self._retention)
        stored = []
        with self._database.transaction():
            self._database.write(queries.EXPIRE_EVENTS, micros(now))
            for record in records:
                fresh = self._database.write(queries.PUT_EVENT, *_row(record, expires))
                stored += [record] if fresh else self._found(record.pipeline_id, record.key)
        return stored

    def events(self, pipeline_id: PipelineId, keys: Sequence[str]) -> Mapping[str, EventRecord]:
        found = [record for key in dict.fromkeys(keys) for record in self._found(pipeline_id, key)]
        return {record.key: record for record in found}

    def _found(self, pipeline_id: PipelineId, key: str) -> list[EventRecord]:
        now = micros(self._clock.now())
        return [_record(row) for row in self._database.read(queries.EVENT, pipeline_id, key, now)]

    def pending_events(self, pipeline_id: PipelineId, limit: int) -> Sequence[Waiting]:
        rows = self._database.read(queries.PENDING_EVENTS, pipeline_id, micros(self._clock.now()), limit)
        return [Waiting(key, moment_of(arrived), size) for key, arrived, size in rows]

    def mark_events(
        self, pipeline_id: PipelineId, keys: Sequence[str], standing: Standing, run: str = "", error: str = ""
    ) -> None:
        if standing is Standing.DEAD:
            self._database.write_each(queries.BURY_EVENT, [(run, error, pipeline_id, key) for key in keys])
            return
        statement = queries.MARK_EVENT + _FROM[standing]
        self._database.write_each(statement, [(standing.value, run, error, pipeline_id, key) for key in keys])

    def reclaim_events(self, pipeline_id: PipelineId, keys: Sequence[str], run: str) -> None:
        self._database.write_each(queries.RECLAIM_EVENT, [(pipeline_id, key, run) for key in keys])

    def query_events(
        self, pipeline_id: PipelineId, query: EventQuery, marker: str | None, limit: int
    ) -> Page[EventRecord]:
        listing = f"events of {pipeline_id} {query.standing}"
        arrived, after = read_marker(listing, marker, "nt") if marker else (str(micros(query.low)), "")
        wanted = [query.standing] if query.standing else list(Standing)
        statement = queries.QUERY_EVENTS % ", ".join(f"'{standing.value}'" for standing in wanted)
        bounds = (pipeline_id, micros(query.high), int(arrived), after, micros(self._clock.now()), limit + 1)
        rows = self._database.read(statement, *bounds)
        records = tuple(_record(row) for row in rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(records, make_marker(listing, [str(last[3]), last[1]]) if last else None)

    def put_batch(self, pipeline_id: PipelineId, run: str, batch: EventBatch) -> None:
        now = self._clock.now()
        self._database.write(queries.PUT_BATCH, pipeline_id, run, micros(now + self._retention), encode_batch(batch))
        self._database.write(queries.EXPIRE_BATCHES, micros(now))

    def batch(self, pipeline_id: PipelineId, run: str) -> EventBatch | None:
        rows = self._database.read(queries.BATCH, pipeline_id, run, micros(self._clock.now()))
        return decode_batch(rows[0][0]) if rows else None

    def is_newest(self, pipeline_id: PipelineId, subject: str, sequence: str) -> bool:
        now = self._clock.now()
        row = (pipeline_id, subject, sequence, micros(now + self._retention), micros(now))
        newest = self._database.write(queries.NEWEST, *row) > 0
        self._database.write(queries.EXPIRE_NEWEST, micros(now))
        return newest

    def newest(self, pipeline_id: PipelineId, subject: str) -> str | None:
        rows = self._database.read(queries.LATEST, pipeline_id, subject, micros(self._clock.now()))
        return str(rows[0][0]) if rows else None

    def delete_events(self, pipeline_id: PipelineId) -> None:
        with self._database.transaction():
            for table in queries.DELETE_EVENTS:
                self._database.write(f"DELETE FROM {table} WHERE pipeline_id = ?", pipeline_id)


def _row(record: EventRecord, expires: int) -> tuple[object, ...]:
    place = (record.pipeline_id, record.key, record.standing.value, micros(record.arrived_at))
    return (*place, record.run, record.error, expires, encode_event_record(record))


def _record(row: Row) -> EventRecord:
    _, _, standing, _, run, error, body = row
    return replace(decode_event_record(body), standing=Standing(standing), run=run, error=error)
