"""ports/store.HistoryStore in DynamoDB.

The sort key is the scheduled start and the id. Both follow from the instance's id, so a row is read by id without an
index of its own; the other time is a local index. Expired rows go away within days; until then no read shows them.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.adapters.aws.dynamodb.items import Item, key_part, number, packed, sortable, text, unpacked
from chalicelib.adapters.aws.dynamodb.table import Table
from chalicelib.adapters.records import listing_of, scheduled_start
from chalicelib.domain.run.codec import decode_instance, encode_instance
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import InstanceId, PipelineId
from chalicelib.ports.clock import Clock
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.store import Page, TimeField, TimeQuery

_BY_TIME: Mapping[TimeField, tuple[str, Mapping[str, Any]]] = {
    TimeField.SCHEDULED_START: ("part", {}),
    TimeField.ACTUAL_START: ("started_at", {"IndexName": "started"}),
}


class DynamoHistory:
    """Ended instances."""

    def __init__(self, history: Table, clock: Clock, retention: timedelta) -> None:
        self._history = history
        self._clock = clock
        self._retention = retention

    def put_history(self, pipeline_id: PipelineId, instances: Sequence[Instance]) -> None:
        expires = math.ceil((self._clock.now() + self._retention).timestamp())
        newest = {instance.id: instance for instance in instances}
        self._history.put_many(_item(pipeline_id, instance, expires) for instance in newest.values())

    def history(self, pipeline_id: PipelineId, ids: Sequence[InstanceId]) -> Mapping[InstanceId, Instance]:
        items = self._history.get_many([_key(pipeline_id, wanted) for wanted in ids])
        now = self._clock.now().timestamp()
        found = [_instance(item) for item in items if int(item["expires_at"]["N"]) > now]
        return {instance.id: instance for instance in found}

    def query_history(
        self, pipeline_id: PipelineId, query: TimeQuery, marker: str | None, limit: int
    ) -> Page[Instance]:
        listing = listing_of(pipeline_id, query)
        start = _start(pipeline_id, *read_marker(listing, marker, "tt")) if marker else None
        attribute, index = _BY_TIME[query.by]
        if query.by is TimeField.SCHEDULED_START and start is not None:
            start = {"id": start["id"], "part": start["part"]}
        rows = self._history.rows(
            limit + 1,
            start,
            **index,
            ScanIndexForward=not query.newest_first,
            KeyConditionExpression=f"id = :id AND {attribute} BETWEEN :low AND :high",
            FilterExpression="expires_at > :now",
            ExpressionAttributeValues={
                ":id": text(pipeline_id),
                ":low": text(sortable(query.low)),
                ":high": text(sortable(query.high) + "$"),  # "$" follows "#", which begins every id part
                ":now": number(math.floor(self._clock.now().timestamp())),
            },
        )
        shown = rows.items[:limit]
        if not (rows.more or len(rows.items) > limit):
            return Page(tuple(_instance(item) for item in shown))
        last = [shown[-1]["part"]["S"], shown[-1]["started_at"]["S"]]
        return Page(tuple(_instance(item) for item in shown), make_marker(listing, last))

    def delete_history(self, pipeline_id: PipelineId) -> None:
        self._history.clear(text(pipeline_id))


def _key(pipeline_id: PipelineId, instance: InstanceId) -> Item:
    scheduled = sortable(scheduled_start(instance))
    return {"id": text(pipeline_id), "part": text(f"{scheduled}#{key_part(instance)}")}


def _start(pipeline_id: PipelineId, part: str, started: str) -> Item:
    return {"id": text(pipeline_id), "part": text(part), "started_at": text(started)}


def _item(pipeline_id: PipelineId, instance: Instance, expires: int) -> Item:
    return {
        **_key(pipeline_id, instance.id),
        "started_at": text(f"{sortable(instance.created)}#{key_part(instance.id)}"),
        "expires_at": number(expires),
        "body": packed(encode_instance(instance)),
    }


def _instance(item: Item) -> Instance:
    return decode_instance(unpacked(item["body"]))
