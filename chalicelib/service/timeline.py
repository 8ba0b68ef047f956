"""A pipeline's instances as one line in order of (time, id), live and ended ones merged, from any place on, either way.

What ends between two readings keeps its place, because its times do not change. Must not know what is read for whom.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.values import InstanceId, PipelineId, UtcTime
from chalicelib.ports.store import HistoryStore, TimeField, TimeQuery

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_AT_ONCE = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Place = tuple[int, str]
"""Microseconds since 1970, and an instance id."""


def placed_instances(
    query: TimeQuery, pipeline_id: PipelineId, state: PipelineState | None, after: Place | None, store: HistoryStore
) -> Iterator[tuple[Place, Instance]]:
    """Instances of the range from the place `after` on, itself included; one that is live again is not an ended one.

    state  None when the engine has not heard of the pipeline
    """
    live = state.shown if state is not None else {}
    now = sorted(
        (
            (_place(item, query.by), item)
            for item in live.values()
            if query.low <= _moment(item, query.by) <= query.high
        ),
        key=lambda entry: entry[0],
        reverse=query.newest_first,
    )
    ended = _ended(_from(query, after), pipeline_id, live, store)
    for place, instance in heapq.merge(now, ended, key=lambda entry: entry[0], reverse=query.newest_first):
        if after is None or (place <= after if query.newest_first else place >= after):
            yield place, instance


def _ended(
    query: TimeQuery, pipeline_id: PipelineId, live: Mapping[InstanceId, Instance], store: HistoryStore
) -> Iterator[tuple[Place, Instance]]:
    page = store.query_history(pipeline_id, query, None, _AT_ONCE)
    while True:
        yield from ((_place(item, query.by), item) for item in page.items if item.id not in live)
        if page.marker is None:
            return
        page = store.query_history(pipeline_id, query, page.marker, _AT_ONCE)


def _from(query: TimeQuery, after: Place | None) -> TimeQuery:
    if after is None:
        return query
    moment = _EPOCH + after[0] * _MICROSECOND
    if query.newest_first:
        return replace(query, high=min(query.high, moment))
    return replace(query, low=max(query.low, moment))


def _moment(instance: Instance, by: TimeField) -> UtcTime:
    """The time the index has: a scheduled start is kept to the second."""
    return instance.created if by is TimeField.ACTUAL_START else instance.start.replace(microsecond=0)


def _place(instance: Instance, by: TimeField) -> Place:
    return (_moment(instance, by) - _EPOCH) // _MICROSECOND, instance.id
