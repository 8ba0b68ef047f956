"""ports/store.StateStore in SQLite."""

from collections.abc import Sequence
from datetime import timedelta

from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, micros, moment_of
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import StoredState, Wake

_COMMITS = "commits"  # the topic that commits announce


class SqliteStates:
    """Live state and the wake index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load_state(self, pipeline_id: PipelineId) -> StoredState | None:
        rows = self._database.read(queries.LOAD_STATE, pipeline_id)
        if not rows:
            return None
        payload, version, wake = rows[0]
        return StoredState(payload, version, None if wake is None else moment_of(wake))

    def save_state(self, pipeline_id: PipelineId, state: StoredState, wake_at: UtcTime | None) -> None:
        wake = None if wake_at is None else micros(wake_at)
        if state.version == 1:
            written = self._database.write(queries.FIRST_STATE, pipeline_id, wake, state.payload)
        else:
            row = (state.version, wake, state.payload, pipeline_id, state.version - 1)
            written = self._database.write(queries.NEXT_STATE, *row)
        if not written:
            raise Conflict("save_state", f"{pipeline_id} version {state.version}")
        self._database.announce(_COMMITS)

    def wait_for_commit(self, pipeline_id: PipelineId, version: int, timeout: timedelta) -> None:
        def changed() -> bool:
            rows = self._database.read(queries.STATE_VERSION, pipeline_id)
            return not rows or rows[0][0] != version

        self._database.wait_until(_COMMITS, changed, timeout)

    def due(self, until: UtcTime, limit: int) -> Sequence[Wake]:
        rows = self._database.read(queries.DUE_STATES, micros(until), limit)
        return [Wake(pipeline_id, moment_of(at)) for pipeline_id, at in rows]

    def delete_state(self, pipeline_id: PipelineId) -> None:
        self._database.write(queries.DELETE_STATE, pipeline_id)
