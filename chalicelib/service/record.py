"""Changing a pipeline's record without losing anybody else's change."""

from collections.abc import Callable

from chalicelib.domain.errors import PipelineDeleted, PipelineNotFound, Stale
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import PipelineRecord, PipelineStore

_TRIES = 5


def change_record(
    store: PipelineStore, record: PipelineRecord, change: Callable[[PipelineRecord], PipelineRecord]
) -> PipelineRecord:
    """Write `change(record)`; when somebody wrote first, load again and change that.

    Raises   PipelineDeleted when it was deleted meanwhile; Conflict after five lost races
    """
    for _ in range(_TRIES - 1):
        written = _replaced(store, change(record))
        if written is not None:
            return written
        record = _reloaded(store, record)
    return store.replace_pipeline(change(record))


def check_fresh(present: int, wanted: frozenset[int] | None) -> None:
    """Raises Stale when an edit was made of something else than what is there now; None edits anything."""
    if wanted is not None and present not in wanted:
        raise Stale(present)


def _replaced(store: PipelineStore, record: PipelineRecord) -> PipelineRecord | None:
    try:
        return store.replace_pipeline(record)
    except Conflict:
        return None


def _reloaded(store: PipelineStore, record: PipelineRecord) -> PipelineRecord:
    current = store.pipelines([record.pipeline_id]).get(record.pipeline_id)
    if current is None:
        raise PipelineNotFound(record.pipeline_id)
    if current.deleted_at is not None:
        raise PipelineDeleted(record.pipeline_id)
    return current
