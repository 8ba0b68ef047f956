"""What every StateStore promises."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import Store, StoredState, Wake
from tests.contract.ports.racing import WRITES_ATOMICALLY, race

NOW = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Fresh = Callable[[], str]


def test_a_pipeline_never_saved_has_no_state(store: Store, fresh: Fresh) -> None:
    assert store.load_state(PipelineId(fresh())) is None


def test_a_saved_state_reads_back(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.save_state(pipeline_id, StoredState(b"\x00one", 1), None)
    store.save_state(pipeline_id, StoredState(b"\xfftwo", 2), NOW)
    assert store.load_state(pipeline_id) == StoredState(b"\xfftwo", 2, NOW)


def test_a_state_of_300_kilobytes_fits(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    state = StoredState(bytes(range(250)) * 1200, 1)
    store.save_state(pipeline_id, state, None)
    assert store.load_state(pipeline_id) == state


@pytest.mark.parametrize("version", [1, 2, 4, 5])
def test_a_commit_that_does_not_follow_the_stored_one_conflicts(store: Store, fresh: Fresh, version: int) -> None:
    pipeline_id = PipelineId(fresh())
    for number in (1, 2):
        store.save_state(pipeline_id, StoredState(b"kept", number), NOW)
    with pytest.raises(Conflict):
        store.save_state(pipeline_id, StoredState(b"lost", version), None)
    assert store.load_state(pipeline_id) == StoredState(b"kept", 2, NOW)
    assert Wake(pipeline_id, NOW) in store.due(NOW, 1000)


def test_a_first_commit_must_have_version_one(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    with pytest.raises(Conflict):
        store.save_state(pipeline_id, StoredState(b"lost", 2), NOW)
    assert store.load_state(pipeline_id) is None


@WRITES_ATOMICALLY
def test_of_writers_at_once_one_wins_every_version(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())

    def commit(number: int) -> int:
        won = 0
        for version in range(1, 11):
            try:
                store.save_state(pipeline_id, StoredState(b"%d" % number, version), None)
            except Conflict:
                continue
            won += 1
        return won

    wins = race(10, commit)
    state = store.load_state(pipeline_id)
    assert state is not None
    assert sum(wins) == state.version


def test_only_what_is_due_is_found_to_the_microsecond(store: Store, fresh: Fresh) -> None:
    early, exact, late, never = (PipelineId(fresh()) for _ in range(4))
    microsecond = timedelta(microseconds=1)
    for pipeline_id, at in ((early, NOW - MINUTE), (exact, NOW), (late, NOW + microsecond), (never, None)):
        store.save_state(pipeline_id, StoredState(b"", 1), at)
    assert {wake.pipeline_id: wake.at for wake in store.due(NOW, 100)} == {early: NOW - MINUTE, exact: NOW}


def test_a_commit_moves_the_wake_time(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.save_state(pipeline_id, StoredState(b"", 1), NOW)
    store.save_state(pipeline_id, StoredState(b"", 2), NOW + MINUTE)
    assert store.due(NOW, 100) == []
    assert store.due(NOW + MINUTE, 100) == [Wake(pipeline_id, NOW + MINUTE)]
    store.save_state(pipeline_id, StoredState(b"", 3), None)
    assert store.due(NOW + MINUTE, 100) == []


def test_no_more_than_the_limit_is_found_and_the_earliest_is_among_it(store: Store, fresh: Fresh) -> None:
    ids = [PipelineId(fresh()) for _ in range(20)]
    for number, pipeline_id in enumerate(ids):
        store.save_state(pipeline_id, StoredState(b"", 1), NOW + number * MINUTE)
    found = store.due(NOW + timedelta(days=1), 6)
    assert len(found) == 6
    assert Wake(ids[0], NOW) in found


def test_times_far_from_now_keep_their_order(store: Store, fresh: Fresh) -> None:
    times = [datetime(year, 1, 1, tzinfo=UTC) for year in (1, 999, 1969, 2026, 9999)]
    for at in times:
        store.save_state(PipelineId(fresh()), StoredState(b"", 1), at)
    assert sorted(wake.at for wake in store.due(times[3], 100)) == times[:4]


def test_a_deleted_state_is_gone_and_no_longer_due(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.save_state(pipeline_id, StoredState(b"", 1), NOW)
    store.delete_state(pipeline_id)
    store.delete_state(pipeline_id)
    assert store.load_state(pipeline_id) is None
    assert store.due(NOW, 100) == []


def test_a_commit_ends_the_wait_for_it_or_the_time_does(store: Store, fresh: Callable[[], str]) -> None:
    pipeline = PipelineId(fresh())
    store.wait_for_commit(pipeline, 0, timedelta(milliseconds=1))
    store.save_state(pipeline, StoredState(b"x", 1), None)
    store.wait_for_commit(pipeline, 0, timedelta(milliseconds=100))
    store.wait_for_commit(pipeline, 1, timedelta(milliseconds=100))
    assert store.load_state(pipeline) == StoredState(b"x", 1)
