"""ports/store.StateStore in DynamoDB: one item a pipeline, one conditional put a commit.

An item that wants to be woken carries a shard and a time, and only such items are in the `wake` index; a tick reads
each shard's beginning. Shards keep one index partition from taking the writes of every pipeline.
"""

import time
import zlib
from collections.abc import Sequence
from datetime import timedelta

from chalicelib.adapters.aws.dynamodb.items import Item, moment_of, number, sortable, text
from chalicelib.adapters.aws.dynamodb.table import Pause, Table
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import StoredState, Wake

WAKE_SHARDS = 4
_LOOK = timedelta(seconds=2)


class DynamoStates:
    """Live state and the wake index."""

    def __init__(self, states: Table, pause: Pause = time.sleep) -> None:
        self._states = states
        self._pause = pause

    def load_state(self, pipeline_id: PipelineId) -> StoredState | None:
        item = self._states.get(_key(pipeline_id))
        if item is None:
            return None
        wake_at = moment_of(item["wake_at"]["S"]) if "wake_at" in item else None
        return StoredState(bytes(item["payload"]["B"]), int(item["commit_number"]["N"]), wake_at)

    def save_state(self, pipeline_id: PipelineId, state: StoredState, wake_at: UtcTime | None) -> None:
        item = {**_key(pipeline_id), "commit_number": number(state.version), "payload": {"B": state.payload}}
        if wake_at is not None:
            item |= {"wake_shard": number(_shard(pipeline_id)), "wake_at": text(sortable(wake_at))}
        try:
            if state.version == 1:
                self._states.put(item, "attribute_not_exists(id)")
            else:
                self._states.put(item, "commit_number = :before", {":before": number(state.version - 1)})
        except Conflict as conflict:
            raise Conflict("save_state", f"{pipeline_id} version {state.version}") from conflict

    def wait_for_commit(self, pipeline_id: PipelineId, version: int, timeout: timedelta) -> None:  # noqa: ARG002 - the port's names
        # Nothing tells a function that an item was written, and asking costs as much as reading the item.
        self._pause(min(timeout, _LOOK).total_seconds())

    def due(self, until: UtcTime, limit: int) -> Sequence[Wake]:
        found = [wake for shard in range(WAKE_SHARDS) for wake in self._due_in(shard, until, limit)]
        return sorted(found, key=lambda wake: (wake.at, wake.pipeline_id))[:limit]

    def _due_in(self, shard: int, until: UtcTime, limit: int) -> Sequence[Wake]:
        rows = self._states.rows(
            limit,
            IndexName="wake",
            KeyConditionExpression="wake_shard = :shard AND wake_at <= :until",
            ExpressionAttributeValues={":shard": number(shard), ":until": text(sortable(until))},
        )
        return [Wake(PipelineId(item["id"]["S"]), moment_of(item["wake_at"]["S"])) for item in rows.items]

    def delete_state(self, pipeline_id: PipelineId) -> None:
        self._states.delete(_key(pipeline_id))


def _key(pipeline_id: PipelineId) -> Item:
    return {"id": text(pipeline_id)}


def _shard(pipeline_id: PipelineId) -> int:
    return zlib.crc32(pipeline_id.encode()) % WAKE_SHARDS
