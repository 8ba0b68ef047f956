"""What DynamoDB adds to the contracts: crashes between two writes, partial batches, and what is paid for."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from bench.counting import counting
from chalicelib.adapters.aws.dynamodb.items import moment_of, number, sortable, text
from chalicelib.adapters.aws.dynamodb.states import WAKE_SHARDS
from chalicelib.adapters.aws.dynamodb.store import DynamoStore
from chalicelib.adapters.aws.dynamodb.table import Table, partition
from chalicelib.domain.values import PipelineId, TaskId, WorkerGroup
from chalicelib.ports.errors import Full, Missing, Rejected, Throttled, Unavailable
from chalicelib.ports.events import EventRecord, Standing
from chalicelib.ports.store import PipelineRecord, StoredState, TimeField, TimeQuery, WorkerTask
from tests.contract.ports.clocks import RETENTION, START, SetClock
from tests.contract.ports.conftest import Foundation
from tests.contract.ports.test_history_store import HOUR, instance
from tests.contract.ports.test_pipeline_store import incompressible

Fresh = Callable[[], str]


@pytest.fixture(params=["moto", "ministack"])
def foundation(request: pytest.FixtureRequest) -> Foundation:
    found: Foundation = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(foundation: Foundation) -> Any:
    return foundation.client("dynamodb")


@pytest.fixture
def store(foundation: Foundation, client: Any, clock: SetClock) -> DynamoStore:
    return DynamoStore(client, foundation.tables(), clock, RETENTION)


@contextmanager
def dying_after(client: Any, writes: int) -> Iterator[None]:
    """Let so many writes through; every one after them finds nobody."""
    left = [writes]

    def die(params: Any, event_name: str, **_: Any) -> None:
        if not event_name.endswith(("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")):
            return
        if not left[0]:
            raise ConnectTimeoutError(endpoint_url="gone")
        left[0] -= 1

    client.meta.events.register("provide-client-params.dynamodb", die)
    yield
    client.meta.events.unregister("provide-client-params.dynamodb", die)


def pipeline(fresh: Fresh, owner: str, unique_id: str = "u") -> PipelineRecord:
    return PipelineRecord(PipelineId(fresh()), owner, "user", "name", unique_id, "", START, {})


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_a_creator_that_dies_leaves_the_name_to_the_next(
    store: DynamoStore, client: Any, fresh: Fresh, writes: int
) -> None:
    owner = fresh()
    first, second = pipeline(fresh, owner), pipeline(fresh, owner)
    with dying_after(client, writes), pytest.raises(Unavailable):
        store.create_pipeline(first)
    assert store.pipelines([first.pipeline_id]) == {}
    assert store.list_pipelines(owner, None, 10).items == ()
    got = store.create_pipeline(second)
    assert got == (first if writes == 3 else second)
    assert store.list_pipelines(owner, None, 10).items == (got,)
    assert store.create_pipeline(pipeline(fresh, owner)) == got


def test_a_claim_whose_record_expired_is_taken_over(
    store: DynamoStore, client: Any, foundation: Foundation, fresh: Fresh
) -> None:
    owner = fresh()
    first, second = pipeline(fresh, owner), pipeline(fresh, owner)
    with dying_after(client, 3), pytest.raises(Unavailable):
        store.create_pipeline(first)
    expired = {"id": text(first.pipeline_id), "part": text("pipeline")}
    client.delete_item(TableName=foundation.tables().pipelines, Key=expired)
    assert store.create_pipeline(second) == second
    assert store.create_pipeline(first) == second


def test_a_deleter_that_dies_before_it_frees_the_name_has_freed_it(
    store: DynamoStore, client: Any, fresh: Fresh
) -> None:
    owner = fresh()
    first, second = store.create_pipeline(pipeline(fresh, owner)), pipeline(fresh, owner)
    with dying_after(client, 1), pytest.raises(Unavailable):
        store.replace_pipeline(replace(first, deleted_at=START))
    assert store.create_pipeline(second) == second
    assert store.list_pipelines(owner, None, 10).items == (second,)


def test_creators_and_deleters_that_died_take_no_room(store: DynamoStore, client: Any, fresh: Fresh) -> None:
    owner = fresh()
    with dying_after(client, 1), pytest.raises(Unavailable):
        store.create_pipeline(pipeline(fresh, owner), 2)
    first = store.create_pipeline(pipeline(fresh, owner), 2)
    with dying_after(client, 1), pytest.raises(Unavailable):
        store.replace_pipeline(replace(first, deleted_at=START))
    for unique_id in "vw":
        store.create_pipeline(pipeline(fresh, owner, unique_id), 2)
    with pytest.raises(Full):
        store.create_pipeline(pipeline(fresh, owner, "x"), 2)


def test_a_pending_pipeline_cannot_be_written(store: DynamoStore, client: Any, fresh: Fresh) -> None:
    record = pipeline(fresh, fresh())
    with dying_after(client, 3), pytest.raises(Unavailable):
        store.create_pipeline(record)
    with pytest.raises(Missing):
        store.replace_pipeline(record)


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_a_definition_half_written_leaves_the_old_one(
    store: DynamoStore, client: Any, fresh: Fresh, writes: int
) -> None:
    pipeline_id = PipelineId(fresh())
    old, new = incompressible(1, 70), incompressible(2, 130)
    store.put_definition(pipeline_id, 1, old)
    with dying_after(client, writes), pytest.raises(Unavailable):
        store.put_definition(pipeline_id, 1, new)
    assert store.definition(pipeline_id, 1) == (new if writes == 3 else old)
    store.delete_definition(pipeline_id, 1)
    assert store.definition(pipeline_id, 1) is None


def test_a_worker_that_dies_before_its_mark_is_counted_does_not_hide_the_end(
    store: DynamoStore, client: Any, fresh: Fresh
) -> None:
    key = fresh()
    store.begin_chunks(key, 3, "")
    store.end_chunk(key, 0, "")
    with dying_after(client, 1), pytest.raises(Unavailable):
        store.end_chunk(key, 1, "")
    assert store.end_chunk(key, 1, "again") > 0
    assert store.end_chunk(key, 2, "") == 0


def test_a_worker_that_dies_last_learns_of_the_end_when_it_comes_again(
    store: DynamoStore, client: Any, fresh: Fresh
) -> None:
    key = fresh()
    store.begin_chunks(key, 2, "")
    with dying_after(client, 1), pytest.raises(Unavailable):
        store.end_chunk(key, 0, "")
    assert store.end_chunk(key, 1, "") > 0
    assert store.end_chunk(key, 0, "") == 0


def test_a_task_row_goes_away_some_time_after_it_was_last_heard_of(
    store: DynamoStore, foundation: Foundation, client: Any, fresh: Fresh
) -> None:
    task = WorkerTask(TaskId(fresh()), PipelineId("df-1"), WorkerGroup(fresh()), "{}", START)

    def expires_at() -> int:
        key = {"id": text(f"task#{task.id}"), "part": text("task")}
        return int(client.get_item(TableName=foundation.tables().work, Key=key)["Item"]["expires_at"]["N"])

    store.offer_task(task)
    assert expires_at() == (START + RETENTION).timestamp()
    store.replace_task(replace(task, acknowledged=True, progress_at=START + HOUR))
    assert expires_at() == (START + HOUR + RETENTION).timestamp()


def test_a_commit_is_one_write_and_a_load_one_read(store: DynamoStore, client: Any, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    with counting(client) as counted:
        store.save_state(pipeline_id, StoredState(b"", 1), None)
        store.load_state(pipeline_id)
        store.put_history(pipeline_id, [instance("Copy", START + hour * HOUR) for hour in range(25)])
    assert counted.of("dynamodb") == {"PutItem": 1, "GetItem": 1, "BatchWriteItem": 1}
    assert sorted(counted.items_written.values()) == [1, 25]


def test_a_tick_reads_what_is_due_however_many_pipelines_there_are(
    store: DynamoStore, client: Any, foundation: Foundation, fresh: Fresh
) -> None:
    states = Table(client, foundation.tables().states)
    later = {"commit_number": number(1), "payload": {"B": b""}, "wake_at": text(sortable(START + HOUR))}
    idle = [{"id": text(fresh()), "wake_shard": number(place % WAKE_SHARDS), **later} for place in range(1000)]
    states.put_many(idle)
    due = [PipelineId(fresh()) for _ in range(10)]
    for pipeline_id in due:
        store.save_state(pipeline_id, StoredState(b"", 1), START)
    read: list[int] = []

    def note(parsed: Any, **_: Any) -> None:
        read.append(parsed["ScannedCount"])

    client.meta.events.register("after-call.dynamodb.Query", note)
    with counting(client) as counted:
        found = store.due(START, 100)
    assert sorted(wake.pipeline_id for wake in found) == sorted(due)
    assert counted.of("dynamodb") == {"Query": WAKE_SHARDS}
    assert sum(read) == 10
    states.delete_many([{"id": item["id"]} for item in idle] + [{"id": text(pipeline_id)} for pipeline_id in due])


def test_pages_full_of_expired_rows_are_read_through(store: DynamoStore, clock: SetClock, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.put_history(pipeline_id, [instance("Copy", START + hour * HOUR) for hour in range(30)])
    clock.advance(RETENTION)
    last = instance("Copy", START + 30 * HOUR)
    store.put_history(pipeline_id, [last])
    query = TimeQuery(TimeField.SCHEDULED_START, START, START + 99 * HOUR)
    page = store.query_history(pipeline_id, query, None, 3)
    assert (page.items, page.marker) == ((last,), None)


def test_a_state_too_large_for_an_item_is_rejected(store: DynamoStore, fresh: Fresh) -> None:
    with pytest.raises(Rejected):
        store.save_state(PipelineId(fresh()), StoredState(b"x" * 500_000, 1), None)


def test_a_table_that_is_not_there_is_missing(client: Any) -> None:
    with pytest.raises(Missing):
        Table(client, "absent").get({"id": text("x")})


@pytest.fixture
def stubbed(moto: Foundation, clock: SetClock) -> tuple[DynamoStore, Stubber, list[float]]:
    client = moto.client("dynamodb")
    pauses: list[float] = []
    return DynamoStore(client, moto.tables(), clock, RETENTION, pauses.append), Stubber(client), pauses


def test_what_a_batch_did_not_write_is_written_again(stubbed: tuple[DynamoStore, Stubber, list[float]]) -> None:
    store, stub, pauses = stubbed
    left = {"PutRequest": {"Item": {"id": text("x")}}}
    stub.add_response("batch_write_item", {"UnprocessedItems": {"penstock-dev-history": [left]}})
    stub.add_response("batch_write_item", {}, {"RequestItems": {"penstock-dev-history": [left]}})
    with stub:
        store.put_history(PipelineId("df-1"), [instance("Copy", START)])
    stub.assert_no_pending_responses()
    assert len(pauses) == 1


def test_what_a_batch_did_not_read_is_read_again(stubbed: tuple[DynamoStore, Stubber, list[float]]) -> None:
    store, stub, pauses = stubbed
    keys = [{"id": text("df-1"), "part": text("pipeline")}]
    more = {"penstock-dev-pipelines": {"Keys": keys, "ConsistentRead": True}}
    stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": more})
    stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {}}, {"RequestItems": more})
    with stub:
        assert store.pipelines([PipelineId("df-1"), PipelineId("df-2")]) == {}
    stub.assert_no_pending_responses()
    assert len(pauses) == 1


def test_a_batch_that_is_never_done_is_throttled_after_growing_pauses(
    stubbed: tuple[DynamoStore, Stubber, list[float]],
) -> None:
    store, stub, pauses = stubbed
    left = {"PutRequest": {"Item": {"id": text("x")}}}
    for _ in range(8):
        stub.add_response("batch_write_item", {"UnprocessedItems": {"penstock-dev-history": [left]}})
    with stub, pytest.raises(Throttled):
        store.put_history(PipelineId("df-1"), [instance("Copy", START)])
    assert pauses == sorted(pauses)
    assert len(pauses) == 8


def test_waiting_for_a_task_pauses_a_second_at_most(stubbed: tuple[DynamoStore, Stubber, list[float]]) -> None:
    store, _, pauses = stubbed
    for length in (timedelta(milliseconds=200), timedelta(seconds=20)):
        store.wait_for_task("group", length)
    assert pauses == [0.2, 1.0]


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), START + HOUR / 7])
def test_times_read_back_from_their_sortable_text(moment: datetime) -> None:
    assert moment_of(sortable(moment)) == moment


def test_an_event_whose_place_was_never_written_waits_once_it_is_told_again(
    store: DynamoStore, client: Any, foundation: Foundation, fresh: Fresh
) -> None:
    pipeline = PipelineId(fresh())
    event = EventRecord(pipeline, "k", "T", {"@key": "a"}, START, START)
    store.put_events([event])
    place = {"id": text(pipeline), "part": text(f"pending#{sortable(START)}#k")}
    client.delete_item(TableName=foundation.tables().events, Key=place)
    assert list(store.pending_events(pipeline, 10)) == []
    store.put_events([event])
    assert [item.key for item in store.pending_events(pipeline, 10)] == ["k"]


def test_events_are_put_and_marked_by_one_write_and_a_share_of_a_batch_each(
    store: DynamoStore, client: Any, fresh: Fresh
) -> None:
    pipeline, keys = PipelineId(fresh()), [f"{number:02}" for number in range(10)]
    events = [EventRecord(pipeline, key, "T", {}, START, START) for key in keys]
    with counting(client) as counted:
        store.put_events(events)
        assert counted.of("dynamodb") == {"PutItem": 10, "BatchWriteItem": 1}
        counted.clear()
        store.mark_events(pipeline, keys, Standing.TAKEN, "run1")
        assert counted.of("dynamodb") == {"UpdateItem": 10, "BatchWriteItem": 1}
    assert list(store.pending_events(pipeline, 10)) == []


@contextmanager
def killed_at(client: Any, operation: str, number: int) -> Iterator[None]:
    """Whoever asks for so many more of these is killed."""
    left = itertools.count(number - 1, -1)

    def kill(**_: Any) -> None:
        if next(left) < 0:
            raise KeyboardInterrupt

    event = f"before-parameter-build.dynamodb.{operation}"
    client.meta.events.register(event, kill)
    with pytest.raises(KeyboardInterrupt):
        yield
    client.meta.events.unregister(event, kill)


def test_a_partition_of_any_size_is_cleared_by_who_may_be_killed(
    client: Any, foundation: Foundation, fresh: Fresh
) -> None:
    table = Table(client, foundation.tables().events)
    mine, other = text(fresh()), text(fresh())
    table.put_many({"id": mine, "part": text(f"{number:04}")} for number in range(2_200))
    table.put({"id": other, "part": text("0")})
    with killed_at(client, "BatchWriteItem", 50):
        table.clear(mine)
    assert table.count_rows(**partition(mine)) == 2_200 - 50 * 25
    table.clear(mine)
    assert (table.count_rows(**partition(mine)), table.count_rows(**partition(other))) == (0, 1)


def test_who_is_killed_while_a_large_batch_is_marked_goes_on_where_it_was(
    store: DynamoStore, client: Any, fresh: Fresh
) -> None:
    pipeline, keys = PipelineId(fresh()), [f"{number:03}" for number in range(320)]
    store.put_events([EventRecord(pipeline, key, "T", {}, START, START) for key in keys])

    with killed_at(client, "UpdateItem", 250):
        store.mark_events(pipeline, keys, Standing.TAKEN, "run1")
    with counting(client) as counted:
        store.mark_events(pipeline, keys, Standing.TAKEN, "run1")
    assert counted.of("dynamodb")["UpdateItem"] == 320 - 250
    assert list(store.pending_events(pipeline, 1000)) == []
    assert {store.events(pipeline, [key])[key].run for key in keys} == {"run1"}


def test_a_place_that_comes_back_after_its_event_was_taken_is_dropped(
    store: DynamoStore, client: Any, foundation: Foundation, fresh: Fresh
) -> None:
    pipeline, table = PipelineId(fresh()), foundation.tables().events
    events = [EventRecord(pipeline, key, "T", {}, START, START) for key in "abc"]
    store.put_events(events)
    key = {"id": text(pipeline), "part": text(f"pending#{sortable(START)}#a")}
    place = client.get_item(TableName=table, Key=key)["Item"]
    store.mark_events(pipeline, ["a"], Standing.TAKEN, "run1")
    client.put_item(TableName=table, Item=place)
    assert [item.key for item in store.pending_events(pipeline, 2)] == ["b", "c"]
    assert "Item" not in client.get_item(TableName=table, Key=key)
