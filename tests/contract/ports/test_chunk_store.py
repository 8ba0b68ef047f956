"""What every ChunkStore promises."""

from collections.abc import Callable

import pytest

from chalicelib.ports.errors import Missing
from chalicelib.ports.store import ChunkTally, Store
from tests.contract.ports.racing import WRITES_ATOMICALLY, race

Fresh = Callable[[], str]


def test_a_fan_out_never_announced_is_none(store: Store, fresh: Fresh) -> None:
    assert store.chunks(fresh()) is None


def test_marks_and_note_read_back(store: Store, fresh: Fresh) -> None:
    key = f"@Copy_é_Attempt=1/{fresh()}"
    store.begin_chunks(key, 3, "nöte")
    assert store.chunks(key) == ChunkTally(3, "nöte", {})
    assert [store.end_chunk(key, chunk, f"☃{chunk}") for chunk in (2, 0)] == [2, 1]
    assert store.chunks(key) == ChunkTally(3, "nöte", {0: "☃0", 2: "☃2"})


def test_announcing_again_changes_nothing(store: Store, fresh: Fresh) -> None:
    key = fresh()
    store.begin_chunks(key, 2, "first")
    store.end_chunk(key, 0, "")
    store.begin_chunks(key, 9, "second")
    assert store.chunks(key) == ChunkTally(2, "first", {0: ""})
    assert store.end_chunk(key, 1, "") == 0


def test_the_last_mark_and_every_one_after_it_answer_none_missing(store: Store, fresh: Fresh) -> None:
    key = fresh()
    store.begin_chunks(key, 2, "")
    assert [store.end_chunk(key, chunk, "") for chunk in (0, 1, 1, 0)] == [1, 0, 0, 0]


def test_a_chunk_marked_twice_is_counted_once_and_keeps_its_first_result(store: Store, fresh: Fresh) -> None:
    key = fresh()
    store.begin_chunks(key, 2, "")
    assert [store.end_chunk(key, 0, result) for result in ("first", "second", "third")] == [1, 1, 1]
    assert store.chunks(key) == ChunkTally(2, "", {0: "first"})
    assert store.end_chunk(key, 1, "") == 0


def test_marking_a_chunk_of_nothing_announced_is_missing(store: Store, fresh: Fresh) -> None:
    key = fresh()
    with pytest.raises(Missing):
        store.end_chunk(key, 0, "")
    store.begin_chunks(key, 1, "")
    assert store.end_chunk(key, 0, "") == 0


@WRITES_ATOMICALLY
def test_workers_at_once_count_every_chunk_once_and_one_learns_that_all_is_done(store: Store, fresh: Fresh) -> None:
    key = fresh()
    store.begin_chunks(key, 12, "")
    answers = race(24, lambda number: store.end_chunk(key, number % 12, str(number % 12)))
    assert 0 in answers
    assert store.chunks(key) == ChunkTally(12, "", {chunk: str(chunk) for chunk in range(12)})
    assert store.end_chunk(key, 3, "") == 0


def test_hundreds_of_marks_read_back(store: Store, fresh: Fresh) -> None:
    key = fresh()
    store.begin_chunks(key, 120, "")
    assert [store.end_chunk(key, chunk, "r" * 900) for chunk in range(120)][-1] == 0
    tally = store.chunks(key)
    assert tally is not None
    assert sorted(tally.done) == list(range(120))


def test_deleted_marks_are_gone(store: Store, fresh: Fresh) -> None:
    key = fresh()
    store.begin_chunks(key, 40, "")
    for chunk in range(30):
        store.end_chunk(key, chunk, "")
    store.delete_chunks(key)
    store.delete_chunks(key)
    assert store.chunks(key) is None
    store.begin_chunks(key, 1, "")
    assert store.chunks(key) == ChunkTally(1, "", {})
