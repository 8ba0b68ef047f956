"""ports/store.HistoryStore in SQLite. What expired is not read and goes away with the next write."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from chalicelib.adapters.records import listing_of, scheduled_start
from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, micros
from chalicelib.domain.run.codec import decode_instance, encode_instance
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import InstanceId, PipelineId
from chalicelib.ports.clock import Clock
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.store import Page, TimeField, TimeQuery

_BY_TIME = {
    (TimeField.SCHEDULED_START, False): queries.HISTORY_BY_SCHEDULED,
    (TimeField.SCHEDULED_START, True): queries.HISTORY_BY_SCHEDULED_NEWEST,
    (TimeField.ACTUAL_START, False): queries.HISTORY_BY_ACTUAL,
    (TimeField.ACTUAL_START, True): queries.HISTORY_BY_ACTUAL_NEWEST,
}


class SqliteHistory:
    """Ended instances."""

    def __init__(self, database: Database, clock: Clock, retention: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention

    def put_history(self, pipeline_id: PipelineId, instances: Sequence[Instance]) -> None:
        now = self._clock.now()
        expires = micros(now + self._retention)
        self._database.write_each(queries.PUT_HISTORY, [_row(pipeline_id, item, expires) for item in instances])
        self._database.write(queries.EXPIRE_HISTORY, micros(now))

    def history(self, pipeline_id: PipelineId, ids: Sequence[InstanceId]) -> Mapping[InstanceId, Instance]:
        now = micros(self._clock.now())
        found = {}
        for wanted in dict.fromkeys(ids):
            for row in self._database.read(queries.HISTORY_BY_ID, pipeline_id, wanted, now):
                found[wanted] = decode_instance(row[0])
        return found

    def query_history(
        self, pipeline_id: PipelineId, query: TimeQuery, marker: str | None, limit: int
    ) -> Page[Instance]:
        listing = listing_of(pipeline_id, query)
        begin, end = (micros(query.high) + 1, query.low) if query.newest_first else (micros(query.low), query.high)
        time, after = read_marker(listing, marker, "nt") if marker else (str(begin), "")
        bounds = (pipeline_id, micros(end), int(time), after, micros(self._clock.now()))
        rows = self._database.read(_BY_TIME[query.by, query.newest_first], *bounds, limit + 1)
        more = make_marker(listing, [str(rows[limit - 1][0]), rows[limit - 1][1]]) if len(rows) > limit else None
        return Page(tuple(decode_instance(row[2]) for row in rows[:limit]), more)

    def delete_history(self, pipeline_id: PipelineId) -> None:
        self._database.write(queries.DELETE_HISTORY, pipeline_id)


def _row(pipeline_id: PipelineId, instance: Instance, expires: int) -> tuple[object, ...]:
    times = (micros(scheduled_start(instance.id)), micros(instance.created), expires)
    return (pipeline_id, instance.id, *times, encode_instance(instance))
