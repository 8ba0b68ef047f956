"""What every EventStore promises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.records import encode_event_record
from chalicelib.domain.run.waiting import Waiting
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Rejected
from chalicelib.ports.events import EventBatch, EventQuery, EventRecord, Standing
from chalicelib.ports.store import Store
from tests.contract.ports.clocks import RETENTION, SetClock
from tests.contract.ports.racing import WRITES_ATOMICALLY, race

NOW = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EVER = EventQuery(NOW - timedelta(days=1), NOW + timedelta(days=1))
Fresh = Callable[[], str]


@pytest.fixture
def pipeline(fresh: Fresh) -> PipelineId:
    return PipelineId(fresh())


def record(pipeline: PipelineId, key: str, after: int = 0) -> EventRecord:
    at = NOW + after * SECOND
    return EventRecord(pipeline, key, "Dropped", {"@key": f"é {key}%20+.csv"}, NOW, at)


def waiting(event: EventRecord) -> Waiting:
    return Waiting(event.key, event.arrived_at, len(encode_event_record(event)))


def keys(records: object) -> list[str]:
    return [item.key for item in records]  # type: ignore[attr-defined]


def test_a_subscription_is_found_by_its_source_until_it_is_replaced(store: Store, pipeline: PipelineId) -> None:
    first, second = (Subscription(pipeline, "T", f"s3#{pipeline}-{name}", prefix="in/") for name in ("a", "b"))
    store.arm(pipeline, [first])
    assert list(store.listening(first.source)) == [first]
    store.arm(pipeline, [second])
    assert list(store.listening(first.source)) == []
    assert list(store.listening(second.source)) == [second]
    store.arm(pipeline, [])
    assert list(store.listening(second.source)) == []


def test_arming_again_changes_what_a_subscription_asks_for(store: Store, pipeline: PipelineId) -> None:
    subscription = Subscription(pipeline, "T", f"s3#{pipeline}")
    store.arm(pipeline, [subscription])
    store.arm(pipeline, [replace(subscription, suffix=".csv")])
    assert [item.suffix for item in store.listening(subscription.source)] == [".csv"]


def test_several_pipelines_listen_to_one_source(store: Store, fresh: Fresh) -> None:
    one, other = PipelineId(fresh()), PipelineId(fresh())
    source = f"s3#{one}"
    for pipeline in (one, other):
        store.arm(pipeline, [Subscription(pipeline, "T", source)])
    assert {item.pipeline for item in store.listening(source)} == {one, other}
    store.arm(one, [])
    assert {item.pipeline for item in store.listening(source)} == {other}


def test_an_event_is_stored_once(store: Store, pipeline: PipelineId) -> None:
    first, again = record(pipeline, "a"), record(pipeline, "a", 5)
    assert list(store.put_events([first])) == [first]
    assert list(store.put_events([again])) == [first]
    assert list(store.pending_events(pipeline, 10)) == [waiting(first)]
    assert store.events(pipeline, ["a", "nobody"]) == {"a": first}


def test_the_backlog_is_in_order_of_arrival(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, "late", 2), record(pipeline, "b"), record(pipeline, "a")])
    assert keys(store.pending_events(pipeline, 10)) == ["a", "b", "late"]
    assert keys(store.pending_events(pipeline, 2)) == ["a", "b"]


def test_what_a_run_took_is_not_in_the_backlog(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, "a"), record(pipeline, "b")])
    store.mark_events(pipeline, ["a", "nobody"], Standing.TAKEN, "run1")
    assert keys(store.pending_events(pipeline, 10)) == ["b"]
    found = store.events(pipeline, ["a"])["a"]
    assert (found.standing, found.run) == (Standing.TAKEN, "run1")


def test_a_telling_after_the_run_does_not_bring_the_event_back(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, "a")])
    store.mark_events(pipeline, ["a"], Standing.TAKEN, "run1")
    (stored,) = store.put_events([record(pipeline, "a", 9)])
    assert stored.standing is Standing.TAKEN
    assert list(store.pending_events(pipeline, 10)) == []


def test_marking_again_changes_nothing(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, "a")])
    store.mark_events(pipeline, ["a"], Standing.TAKEN, "run1")
    store.mark_events(pipeline, ["a"], Standing.TAKEN, "run2")
    assert store.events(pipeline, ["a"])["a"].run == "run1"


def test_a_late_marking_does_not_raise_the_dead(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, "a")])
    store.mark_events(pipeline, ["a"], Standing.DEAD, "run1", "it broke")
    store.mark_events(pipeline, ["a"], Standing.TAKEN, "run1")
    found = store.events(pipeline, ["a"])["a"]
    assert (found.standing, found.error) == (Standing.DEAD, "it broke")
    assert list(store.pending_events(pipeline, 10)) == []


def test_only_the_dead_return_to_the_backlog(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, "dead"), record(pipeline, "taken")])
    store.mark_events(pipeline, ["dead"], Standing.DEAD, "run1", "it broke")
    store.mark_events(pipeline, ["taken"], Standing.TAKEN, "run2")
    for _ in range(2):
        store.mark_events(pipeline, ["dead", "taken"], Standing.PENDING)
    assert keys(store.pending_events(pipeline, 10)) == ["dead"]
    assert store.events(pipeline, ["dead"])["dead"].error == ""


def test_the_events_of_a_run_that_is_run_again_are_taken_off_the_dead_letters(
    store: Store, pipeline: PipelineId
) -> None:
    store.put_events([record(pipeline, name) for name in ("mine", "other", "waits")])
    store.mark_events(pipeline, ["mine"], Standing.DEAD, "run1", "it broke")
    store.mark_events(pipeline, ["other"], Standing.DEAD, "run2", "it broke")
    for _ in range(2):
        store.reclaim_events(pipeline, ["mine", "other", "waits", "nobody"], "run1")
    found = store.events(pipeline, ["mine", "other", "waits", "nobody"])
    told = {key: (item.standing, item.run, item.error) for key, item in found.items()}
    assert told == {
        "mine": (Standing.TAKEN, "run1", ""),
        "other": (Standing.DEAD, "run2", "it broke"),
        "waits": (Standing.PENDING, "", ""),
    }
    dead = store.query_events(pipeline, replace(EVER, standing=Standing.DEAD), None, 10)
    assert keys(dead.items) == ["other"]


def test_a_run_does_not_bury_events_that_another_run_has(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, "a")])
    store.mark_events(pipeline, ["a"], Standing.DEAD, "run1", "it broke")
    store.mark_events(pipeline, ["a"], Standing.PENDING)
    store.mark_events(pipeline, ["a"], Standing.TAKEN, "run2")
    store.mark_events(pipeline, ["a"], Standing.DEAD, "run1", "it broke")
    assert store.events(pipeline, ["a"])["a"].standing is Standing.TAKEN
    store.mark_events(pipeline, ["a"], Standing.DEAD, "run2", "it broke too")
    assert store.events(pipeline, ["a"])["a"].error == "it broke too"


def test_one_that_arrives_dead_is_listed_and_never_waits(store: Store, pipeline: PipelineId) -> None:
    store.put_events([replace(record(pipeline, "a"), standing=Standing.DEAD, error="too large")])
    assert list(store.pending_events(pipeline, 10)) == []
    dead = store.query_events(pipeline, replace(EVER, standing=Standing.DEAD), None, 10)
    assert [(item.key, item.error) for item in dead.items] == [("a", "too large")]


@pytest.mark.parametrize("standing", [None, *Standing])
def test_events_are_listed_by_time_and_standing_page_by_page(
    store: Store, pipeline: PipelineId, standing: Standing | None
) -> None:
    store.put_events([record(pipeline, name, after) for after, name in enumerate("abcdef")])
    store.mark_events(pipeline, ["b", "c"], Standing.TAKEN, "run1")
    store.mark_events(pipeline, ["d", "e"], Standing.DEAD, "run2", "it broke")
    query = EventQuery(NOW + SECOND, NOW + 5 * SECOND, standing)
    wanted = {None: "bcdef", Standing.PENDING: "f", Standing.TAKEN: "bc", Standing.DEAD: "de"}[standing]
    found, marker = [], None
    while True:
        page = store.query_events(pipeline, query, marker, 2)
        found += keys(page.items)
        marker = page.marker
        if marker is None:
            break
    assert found == list(wanted)


def test_a_marker_of_another_listing_is_refused(store: Store, pipeline: PipelineId) -> None:
    store.put_events([record(pipeline, name) for name in "abc"])
    marker = store.query_events(pipeline, EVER, None, 1).marker
    with pytest.raises(Rejected):
        store.query_events(pipeline, replace(EVER, standing=Standing.DEAD), marker, 1)


def test_a_batch_of_ten_thousand_events_reads_back(store: Store, pipeline: PipelineId) -> None:
    batch = EventBatch(tuple(f"{number:032x}" for number in range(10_000)), "s3://b/k", {"@count": "10000"})
    assert store.batch(pipeline, "run1") is None
    store.put_batch(pipeline, "run1", EventBatch(("a",)))
    store.put_batch(pipeline, "run1", batch)
    assert store.batch(pipeline, "run1") == batch


def test_the_newest_event_of_a_subject_is_known(store: Store, pipeline: PipelineId) -> None:
    assert store.is_newest(pipeline, "é/key", "0002")
    assert store.is_newest(pipeline, "é/key", "0002")
    assert not store.is_newest(pipeline, "é/key", "0001")
    assert store.is_newest(pipeline, "other", "0001")
    assert store.is_newest(pipeline, "é/key", "0003")
    assert [store.newest(pipeline, subject) for subject in ("é/key", "other", "none")] == ["0003", "0001", None]


def test_records_and_batches_expire(store: Store, pipeline: PipelineId, clock: SetClock) -> None:
    store.put_events([record(pipeline, "a")])
    store.put_batch(pipeline, "run1", EventBatch(("a",)))
    clock.advance(RETENTION + SECOND)
    assert store.events(pipeline, ["a"]) == {}
    assert list(store.pending_events(pipeline, 10)) == []
    assert store.batch(pipeline, "run1") is None


def test_nothing_of_a_forgotten_pipeline_is_left(store: Store, pipeline: PipelineId) -> None:
    store.arm(pipeline, [Subscription(pipeline, "T", f"s3#{pipeline}")])
    store.put_events([record(pipeline, "a")])
    store.put_batch(pipeline, "run1", EventBatch(("a",)))
    store.delete_events(pipeline)
    assert list(store.listening(f"s3#{pipeline}")) == []
    assert store.events(pipeline, ["a"]) == {}
    assert list(store.pending_events(pipeline, 10)) == []
    assert store.batch(pipeline, "run1") is None


@WRITES_ATOMICALLY
def test_of_tellers_at_once_all_see_one_record(store: Store, pipeline: PipelineId) -> None:
    stored = race(4, lambda number: store.put_events([record(pipeline, "a", number)])[0].arrived_at)
    assert len(set(stored)) == 1
    assert len(store.pending_events(pipeline, 10)) == 1
