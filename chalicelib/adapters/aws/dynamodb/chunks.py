"""ports/store.ChunkStore in DynamoDB: two writes a chunk, without transactions.

A chunk's mark is an item of its own, put once; then the head counts it. A worker that dies between the two leaves a
mark that was never counted, so `done` may be too low, never too high. Its message comes again, meets the mark, and
raises `doubt` instead:

    worker A   mark 7 ──╳ (dies)                 mark 7 is there: doubt = 1
    worker B             mark 8   done = total-1               ▲
                                                  done + doubt ≥ total: count the marks themselves

Marks are counted only when `done` and `doubt` together could mean that all is done.
"""

import math
from contextlib import suppress
from datetime import timedelta

from chalicelib.adapters.aws.dynamodb.items import Item, number, text
from chalicelib.adapters.aws.dynamodb.table import Table, partition
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.store import ChunkTally

_HEAD = "fanout"
_MARK = "chunk#"


class DynamoChunks:
    """Marks of fanned-out work. They expire as history does, should nobody delete them."""

    def __init__(self, work: Table, clock: Clock, retention: timedelta) -> None:
        self._work = work
        self._clock = clock
        self._retention = retention

    def begin_chunks(self, key: str, total: int, note: str) -> None:
        counts = {"chunk_total": number(total), "chunk_done": number(0), "chunk_doubt": number(0)}
        item = {**_head(key), **counts, "note": text(note), "expires_at": number(self._expiry())}
        with suppress(Conflict):  # announced before
            self._work.put(item, "attribute_not_exists(id)")

    def end_chunk(self, key: str, chunk: int, result: str) -> int:
        fresh = self._marked(key, chunk, result)
        try:
            head = self._work.update(
                _head(key),
                f"ADD {'chunk_done' if fresh else 'chunk_doubt'} :one",
                "attribute_exists(id)",
                {":one": number(1)},
            )
        except Conflict as conflict:
            self._work.delete(_mark(key, chunk))
            raise Missing("end_chunk", f"{key} was never announced") from conflict
        total, done, doubt = (int(head[name]["N"]) for name in ("chunk_total", "chunk_done", "chunk_doubt"))
        if done + doubt < total:
            return total - done
        return total - self._work.count_rows(**partition(text(_id(key)), _MARK))

    def _marked(self, key: str, chunk: int, result: str) -> bool:
        """Put the mark; False when it was there."""
        item = {**_mark(key, chunk), "result": text(result), "expires_at": number(self._expiry())}
        try:
            self._work.put(item, "attribute_not_exists(id)")
        except Conflict:
            return False
        return True

    def chunks(self, key: str) -> ChunkTally | None:
        items = {item["part"]["S"]: item for item in self._work.all_rows(**partition(text(_id(key))))}
        head = items.pop(_HEAD, None)
        if head is None:
            return None
        done = {int(part.removeprefix(_MARK)): item["result"]["S"] for part, item in items.items()}
        return ChunkTally(total=int(head["chunk_total"]["N"]), note=head["note"]["S"], done=done)

    def delete_chunks(self, key: str) -> None:
        self._work.clear(text(_id(key)))

    def _expiry(self) -> int:
        return math.ceil((self._clock.now() + self._retention).timestamp())


def _id(key: str) -> str:
    return f"fanout#{key}"


def _head(key: str) -> Item:
    return {"id": text(_id(key)), "part": text(_HEAD)}


def _mark(key: str, chunk: int) -> Item:
    return {"id": text(_id(key)), "part": text(f"{_MARK}{chunk:08d}")}
