"""ports/store.PipelineStore's records in DynamoDB.

A name is claimed by an item of its own, keyed by the hash of (owner, name, unique id). Record and claim are not written
as one transaction, which costs double; they are written in an order that a crash at any point leaves harmless:

    1. put the record, pending: no read shows it, and it expires
                        a crash here leaves a record that expires
    2. put the claim, if nobody has it
                        a crash here leaves a pending record with a claim: whoever asks for the name next confirms it
    3. confirm the record: it no longer expires, and is listed

Before 1, the owner's tally is raised; see tally.py.

A claim whose record is gone or is a tombstone is void: the next caller takes it over, on the condition that it still
names that record.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from chalicelib.adapters.aws.dynamodb.items import Item, number, text
from chalicelib.adapters.aws.dynamodb.table import Table
from chalicelib.adapters.aws.dynamodb.tally import Tally
from chalicelib.adapters.records import claim_key, decode_record, encode_record
from chalicelib.domain.values import PipelineId
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing, Throttled
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.store import ANY_NUMBER, Page, PipelineRecord

_PENDING_FOR = timedelta(days=1)
_CLAIM_TRIES = 5
_PART = "pipeline"


class DynamoPipelines:
    """Pipeline records and name claims."""

    def __init__(self, pipelines: Table, clock: Clock) -> None:
        self._pipelines = pipelines
        self._clock = clock

    @property
    def _tally(self) -> Tally:
        return Tally(self._pipelines)

    def create_pipeline(self, record: PipelineRecord, most: int = ANY_NUMBER) -> PipelineRecord:
        for _ in range(_CLAIM_TRIES):
            claim = self._pipelines.get(_claim(record))
            holder = self._holder(claim)
            if holder is not None:
                return self._confirmed(holder)
            self._tally.raise_for(record.owner, most)
            self._pipelines.put({**_item(record), "expires_at": number(self._pending_until())})
            if self._took(record, claim):
                return self._confirmed(record)
            self._pipelines.delete(_key(record.pipeline_id))
            self._tally.lower_for(record.owner)
        raise Throttled("create_pipeline", f"{record.name!r} is being created and deleted too fast")

    def _holder(self, claim: Item | None) -> PipelineRecord | None:
        """The living record, pending or not, that has the claim."""
        item = self._pipelines.get(_key(PipelineId(claim["pipeline_id"]["S"]))) if claim else None
        record = _record(item) if item else None
        return None if record is None or record.deleted_at else record

    def _took(self, record: PipelineRecord, void: Item | None) -> bool:
        claim = {**_claim(record), "pipeline_id": text(record.pipeline_id)}
        try:
            if void is None:
                self._pipelines.put(claim, "attribute_not_exists(id)")
            else:
                self._pipelines.put(claim, "pipeline_id = :void", {":void": void["pipeline_id"]})
        except Conflict:
            return False
        return True

    def _confirmed(self, record: PipelineRecord) -> PipelineRecord:
        with suppress(Conflict):  # it was confirmed before
            self._pipelines.update(
                _key(record.pipeline_id),
                "SET owner_id = :owner REMOVE expires_at",
                "attribute_exists(expires_at)",
                {":owner": text(record.owner)},
            )
        return record

    def _pending_until(self) -> int:
        return int((self._clock.now() + _PENDING_FOR).timestamp())

    def pipelines(self, ids: Sequence[PipelineId]) -> Mapping[PipelineId, PipelineRecord]:
        items = self._pipelines.get_many([_key(wanted) for wanted in ids])
        records = [_record(item) for item in items if "expires_at" not in item]
        return {record.pipeline_id: record for record in records}

    def list_pipelines(self, owner: str, marker: str | None, limit: int) -> Page[PipelineRecord]:
        listing = f"pipelines of {owner}"
        start = None
        if marker:
            start = {**_key(PipelineId(read_marker(listing, marker, "t")[0])), "owner_id": text(owner)}
        rows = self._pipelines.rows(
            limit + 1,
            start,
            IndexName="owner",
            KeyConditionExpression="owner_id = :owner",
            ExpressionAttributeValues={":owner": text(owner)},
        )
        records = tuple(_record(item) for item in rows.items[:limit])
        more = rows.more or len(rows.items) > limit
        return Page(records, make_marker(listing, [records[-1].pipeline_id]) if more else None)

    def replace_pipeline(self, record: PipelineRecord) -> PipelineRecord:
        written = replace(record, revision=record.revision + 1)
        item = _item(written) if written.deleted_at else {**_item(written), "owner_id": text(record.owner)}
        seen = {":seen": number(record.revision)}
        try:
            self._pipelines.put(item, "revision = :seen AND attribute_not_exists(expires_at)", seen)
        except Conflict as conflict:
            if record.pipeline_id not in self.pipelines([record.pipeline_id]):
                raise Missing("replace_pipeline", record.pipeline_id) from conflict
            raise
        if written.deleted_at:
            self._free(written)
        return written

    def _free(self, record: PipelineRecord) -> None:
        try:
            self._pipelines.delete(_claim(record), "pipeline_id = :id", {":id": text(record.pipeline_id)})
        except Conflict:  # it was freed before, or a successor has the claim
            return
        self._tally.lower_for(record.owner)


def _key(pipeline_id: PipelineId) -> Item:
    return {"id": text(pipeline_id), "part": text(_PART)}


def _claim(record: PipelineRecord) -> Item:
    return {"id": text(f"claim#{claim_key(record)}"), "part": text("claim")}


def _item(record: PipelineRecord) -> Item:
    return {
        **_key(record.pipeline_id),
        "revision": number(record.revision),
        "body": text(encode_record(record)),
    }


def _record(item: Item) -> PipelineRecord:
    return decode_record(item["body"]["S"])
