"""Changing a pipeline's record while others change it too."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.errors import PipelineDeleted
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import PipelineRecord
from chalicelib.service.record import change_record

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(open_database(":memory:"), SystemClock())


@pytest.fixture
def record(store: SqliteStore) -> PipelineRecord:
    return store.create_pipeline(PipelineRecord(PipelineId("df-1"), "o", "u", "n", "q", "", NOW, {}))


def described(text: str, given: PipelineRecord) -> PipelineRecord:
    return replace(given, description=text)


def test_a_change_is_made_again_on_top_of_somebody_elses(store: SqliteStore, record: PipelineRecord) -> None:
    store.replace_pipeline(replace(record, tags={"theirs": "1"}))
    written = change_record(store, record, lambda given: described("mine", given))
    assert (written.description, dict(written.tags)) == ("mine", {"theirs": "1"})


def test_a_change_that_always_loses_gives_up(store: SqliteStore, record: PipelineRecord) -> None:
    def beaten(given: PipelineRecord) -> PipelineRecord:
        store.replace_pipeline(described("theirs", given))
        return described("mine", given)

    with pytest.raises(Conflict):
        change_record(store, record, beaten)


def test_a_pipeline_deleted_meanwhile_is_not_changed(store: SqliteStore, record: PipelineRecord) -> None:
    store.replace_pipeline(replace(record, deleted_at=NOW))
    with pytest.raises(PipelineDeleted):
        change_record(store, record, lambda given: described("mine", given))
