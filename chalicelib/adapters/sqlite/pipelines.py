"""ports/store.PipelineStore in SQLite."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.adapters.records import claim_key, decode_definition, decode_record, encode_definition, encode_record
from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, micros, moment_of
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Conflict, Full, Missing
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.store import ANY_NUMBER, Page, PipelineRecord, SavedVersion

_ANY_VERSION = 2**62


class SqlitePipelines:
    """Pipelines and definitions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_pipeline(self, record: PipelineRecord, most: int = ANY_NUMBER) -> PipelineRecord:
        claim = claim_key(record)
        row = (record.pipeline_id, record.owner, claim, record.revision, encode_record(record))
        with self._database.transaction():
            found = self._database.read(queries.PIPELINE_BY_CLAIM, claim)
            if not found:
                self._check_room(record.owner, most)
                self._database.write(queries.CREATE_PIPELINE, *row)
                found = self._database.read(queries.PIPELINE_BY_CLAIM, claim)
        if not found:
            raise Conflict("create_pipeline", f"{record.pipeline_id} is the id of another pipeline")
        return decode_record(found[0][0])

    def _check_room(self, owner: str, most: int) -> None:
        """Counting goes through the index of living pipelines only: 10,000 take less than a millisecond."""
        if self._database.read(queries.PIPELINES_COUNTED, owner, most)[0][0] >= most:
            raise Full("create_pipeline", f"{most} pipelines")

    def pipelines(self, ids: Sequence[PipelineId]) -> Mapping[PipelineId, PipelineRecord]:
        rows = [row for wanted in dict.fromkeys(ids) for row in self._database.read(queries.PIPELINE_BY_ID, wanted)]
        records = [decode_record(row[0]) for row in rows]
        return {record.pipeline_id: record for record in records}

    def list_pipelines(self, owner: str, marker: str | None, limit: int) -> Page[PipelineRecord]:
        listing = f"pipelines of {owner}"
        after = read_marker(listing, marker, "t")[0] if marker else ""
        rows = self._database.read(queries.PIPELINES_OF_OWNER, owner, after, limit + 1)
        records = tuple(decode_record(row[0]) for row in rows[:limit])
        return Page(records, make_marker(listing, [records[-1].pipeline_id]) if len(rows) > limit else None)

    def replace_pipeline(self, record: PipelineRecord) -> PipelineRecord:
        written = replace(record, revision=record.revision + 1)
        row = (written.revision, int(written.deleted_at is not None), encode_record(written))
        if not self._database.write(queries.REPLACE_PIPELINE, *row, record.pipeline_id, record.revision):
            known = self._database.read(queries.PIPELINE_BY_ID, record.pipeline_id)
            raise (Conflict if known else Missing)("replace_pipeline", record.pipeline_id)
        return written

    def put_definition(
        self, pipeline_id: PipelineId, version: int, definition: Definition, saved: SavedVersion | None = None
    ) -> None:
        with self._database.transaction():
            self._database.write(queries.PUT_DEFINITION, pipeline_id, version, encode_definition(definition))
            if saved is not None:
                row = (version, micros(saved.saved_at), saved.saved_by, int(saved.activated))
                self._database.write(queries.PUT_VERSION, pipeline_id, *row)

    def versions(self, pipeline_id: PipelineId, marker: str | None, limit: int) -> Page[SavedVersion]:
        listing = f"versions of {pipeline_id}"
        before = int(read_marker(listing, marker, "n")[0]) if marker else _ANY_VERSION
        rows = self._database.read(queries.VERSIONS, pipeline_id, before, limit + 1)
        items = tuple(SavedVersion(row[0], moment_of(row[1]), row[2], bool(row[3])) for row in rows[:limit])
        return Page(items, make_marker(listing, [str(items[-1].version)]) if len(rows) > limit else None)

    def definition(self, pipeline_id: PipelineId, version: int) -> Definition | None:
        rows = self._database.read(queries.DEFINITION, pipeline_id, version)
        return decode_definition(rows[0][0]) if rows else None

    def delete_definition(self, pipeline_id: PipelineId, version: int) -> None:
        with self._database.transaction():
            self._database.write(queries.DELETE_DEFINITION, pipeline_id, version)
            self._database.write(queries.DELETE_VERSION, pipeline_id, version)
