"""Definition versions in DynamoDB: compressed, and split where an item cannot hold one.

The head item holds the first part and names the others by the hash of the whole. Parts are written before the head and
forgotten after it, so a reader finds the old version whole or the new one; one that read a head whose parts were
forgotten meanwhile reads again.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from chalicelib.adapters.aws.dynamodb.items import Item, flag, number, text
from chalicelib.adapters.aws.dynamodb.table import Table, partition
from chalicelib.adapters.records import decode_definition, encode_definition
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Throttled
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.store import Page, SavedVersion

_PART_BYTES = 380_000  # an item takes 400 KB, keys and names included
_READ_TRIES = 3
_NOTE = "version#"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DynamoDefinitions:
    """Definitions by pipeline and version."""

    def __init__(self, pipelines: Table) -> None:
        self._pipelines = pipelines

    def put_definition(
        self, pipeline_id: PipelineId, version: int, definition: Definition, saved: SavedVersion | None = None
    ) -> None:
        body = encode_definition(definition)
        digest = hashlib.sha256(body).hexdigest()
        parts = [body[start : start + _PART_BYTES] for start in range(0, len(body), _PART_BYTES)]
        for number_of, part in enumerate(parts[1:], start=1):
            self._pipelines.put({**_part_key(pipeline_id, version, digest, number_of), "body": {"B": part}})
        head = {"digest": text(digest), "parts": number(len(parts)), "body": {"B": parts[0]}}
        replaced = self._pipelines.exchange({**_head_key(pipeline_id, version), **head})
        if replaced is not None and replaced["digest"]["S"] != digest:
            self._pipelines.delete_many(_parts(pipeline_id, version, replaced).values())
        if saved is not None:
            self._pipelines.put(_note(pipeline_id, saved))

    def versions(self, pipeline_id: PipelineId, marker: str | None, limit: int) -> Page[SavedVersion]:
        listing = f"versions of {pipeline_id}"
        start = _note_key(pipeline_id, int(read_marker(listing, marker, "n")[0])) if marker else None
        query = partition(text(pipeline_id), _NOTE)
        rows = self._pipelines.rows(limit + 1, start, ScanIndexForward=False, **query)
        items = tuple(_saved(item) for item in rows.items[:limit])
        more = rows.more or len(rows.items) > limit
        return Page(items, make_marker(listing, [str(items[-1].version)]) if more else None)

    def definition(self, pipeline_id: PipelineId, version: int) -> Definition | None:
        for _ in range(_READ_TRIES):
            head = self._pipelines.get(_head_key(pipeline_id, version))
            if head is None:
                return None
            body = self._whole(pipeline_id, version, head)
            if body is not None:
                return decode_definition(body)
        raise Throttled("definition", f"{pipeline_id} version {version} is being written too fast")

    def _whole(self, pipeline_id: PipelineId, version: int, head: Item) -> bytes | None:
        """All parts joined; None when one is no longer there."""
        parts = _parts(pipeline_id, version, head)
        found = {item["part"]["S"]: item["body"]["B"] for item in self._pipelines.get_many(list(parts.values()))}
        if len(found) < len(parts):
            return None
        return b"".join([head["body"]["B"], *(found[name] for name in parts)])

    def delete_definition(self, pipeline_id: PipelineId, version: int) -> None:
        # By query, not by the head: parts that a crash left without a head go as well.
        query = partition(text(pipeline_id), _head_part(version))
        rows = self._pipelines.all_rows(ProjectionExpression="id, part", **query)
        self._pipelines.delete_many([*rows, _note_key(pipeline_id, version)])


def _note_key(pipeline_id: PipelineId, version: int) -> Item:
    return {"id": text(pipeline_id), "part": text(f"{_NOTE}{version:020d}")}


def _note(pipeline_id: PipelineId, saved: SavedVersion) -> Item:
    """An item of its own, so that listing versions reads none of the definitions."""
    moment = number((saved.saved_at - _EPOCH) // timedelta(microseconds=1))
    told = {"saved_at": moment, "saved_by": text(saved.saved_by), "activated": flag(saved.activated)}
    return {**_note_key(pipeline_id, saved.version), **told}


def _saved(item: Item) -> SavedVersion:
    version = int(item["part"]["S"].removeprefix(_NOTE))
    moment = _EPOCH + timedelta(microseconds=int(item["saved_at"]["N"]))
    return SavedVersion(version, moment, item["saved_by"]["S"], item["activated"]["BOOL"])


def _head_part(version: int) -> str:
    return f"definition#{version:08d}"


def _head_key(pipeline_id: PipelineId, version: int) -> Item:
    return {"id": text(pipeline_id), "part": text(_head_part(version))}


def _part_key(pipeline_id: PipelineId, version: int, digest: str, number_of: int) -> Item:
    return {"id": text(pipeline_id), "part": text(f"{_head_part(version)}#{digest}#{number_of:03d}")}


def _parts(pipeline_id: PipelineId, version: int, head: Item) -> Mapping[str, Item]:
    """Keys of the parts after the first, in order, by their sort key."""
    numbers = range(1, int(head["parts"]["N"]))
    keys = [_part_key(pipeline_id, version, head["digest"]["S"], number_of) for number_of in numbers]
    return {key["part"]["S"]: key for key in keys}
