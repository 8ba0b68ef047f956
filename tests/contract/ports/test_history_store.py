"""What every HistoryStore promises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.run.state import Attempt, Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import ComponentId, InstanceId, PipelineId, UtcTime, render_time
from chalicelib.ports.errors import Rejected
from chalicelib.ports.store import Store, TimeField, TimeQuery
from tests.contract.ports.clocks import RETENTION, START, SetClock

HOUR = timedelta(hours=1)
SCHEDULED, ACTUAL = TimeField.SCHEDULED_START, TimeField.ACTUAL_START
EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
Fresh = Callable[[], str]


def instance(component: str, start: UtcTime, created: UtcTime | None = None) -> Instance:
    return Instance(
        id=InstanceId(f"@{component}_{render_time(start)}"),
        component=ComponentId(component),
        index=0,
        start=start,
        end=start + HOUR,
        version=1,
        status=Status.FINISHED,
        created=created or start,
        tries_left=2,
        attempts=(Attempt(1, Status.FINISHED, start, error_message="☃ \x00 𝄞", fields=(("hostname", "h"),)),),
        ended=start + HOUR,
    )


def ids(store: Store, pipeline_id: PipelineId, query: TimeQuery, limit: int = 1000) -> list[str]:
    """Every id that the query finds, through all pages."""
    found: list[str] = []
    marker = None
    while True:
        page = store.query_history(pipeline_id, query, marker, limit)
        assert len(page.items) <= limit
        found += [item.id for item in page.items]
        marker = page.marker
        if marker is None:
            return found


def test_rows_read_back_by_id(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    rows = [instance("Copy", START), instance("Kopie_é☃ x", START + HOUR)]
    store.put_history(pipeline_id, rows)
    absent = instance("Copy", START + 9 * HOUR).id
    assert store.history(pipeline_id, [rows[1].id, absent, rows[0].id, rows[0].id]) == {row.id: row for row in rows}


@pytest.mark.parametrize("component", ["x" * 256, "𝄞" * 256, "@Owner_" + "é" * 500])
def test_rows_of_long_component_ids_read_back(store: Store, fresh: Fresh, component: str) -> None:
    pipeline_id = PipelineId(fresh())
    rows = [instance(component, START), instance(component[:-1] + "y", START)]
    store.put_history(pipeline_id, rows)
    assert store.history(pipeline_id, [row.id for row in rows]) == {row.id: row for row in rows}
    assert len(ids(store, pipeline_id, TimeQuery(ACTUAL, *EVER), 1)) == 2


def test_nothing_put_and_nothing_asked_is_nothing(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.put_history(pipeline_id, [])
    assert store.history(pipeline_id, []) == {}
    assert ids(store, pipeline_id, TimeQuery(SCHEDULED, *EVER)) == []


def test_a_row_put_again_is_replaced(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    first = instance("Copy", START)
    second = replace(first, status=Status.FAILED, created=START + HOUR)
    store.put_history(pipeline_id, [first])
    store.put_history(pipeline_id, [second])
    assert store.history(pipeline_id, [first.id]) == {first.id: second}
    assert ids(store, pipeline_id, TimeQuery(ACTUAL, START, START)) == []
    assert ids(store, pipeline_id, TimeQuery(ACTUAL, START + HOUR, START + HOUR)) == [first.id]


def test_one_put_may_hold_the_same_row_twice(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    first = instance("Copy", START)
    second = replace(first, status=Status.FAILED)
    store.put_history(pipeline_id, [first, second])
    assert store.history(pipeline_id, [first.id]) == {first.id: second}


def test_pipelines_do_not_see_each_other(store: Store, fresh: Fresh) -> None:
    mine, other = PipelineId(fresh()), PipelineId(fresh())
    row = instance("Copy", START)
    store.put_history(mine, [row])
    assert store.history(other, [row.id]) == {}
    assert ids(store, other, TimeQuery(SCHEDULED, *EVER)) == []


@pytest.mark.parametrize("by", [SCHEDULED, ACTUAL])
def test_a_query_finds_both_ends_in_order_of_time_then_id(store: Store, fresh: Fresh, by: TimeField) -> None:
    pipeline_id = PipelineId(fresh())
    rows = [instance(name, START + hour * HOUR) for hour in (3, 0, 2, 1) for name in ("B", "A", "é")]
    store.put_history(pipeline_id, rows)
    expected = [row.id for row in sorted(rows, key=lambda row: (row.start, row.id)) if row.start - START >= HOUR]
    assert ids(store, pipeline_id, TimeQuery(by, START + HOUR, START + 3 * HOUR)) == expected


def test_the_two_times_are_queried_apart(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    late = START + 100 * HOUR + timedelta(microseconds=7)
    row = instance("Copy", START, created=late)
    store.put_history(pipeline_id, [row])
    assert ids(store, pipeline_id, TimeQuery(SCHEDULED, START, START)) == [row.id]
    assert ids(store, pipeline_id, TimeQuery(ACTUAL, START, START)) == []
    assert ids(store, pipeline_id, TimeQuery(ACTUAL, late, late)) == [row.id]
    assert ids(store, pipeline_id, TimeQuery(ACTUAL, late + timedelta(microseconds=1), EVER[1])) == []


@pytest.mark.parametrize("by", [SCHEDULED, ACTUAL])
@pytest.mark.parametrize("limit", [1, 3, 10, 11])
def test_pages_together_hold_every_row_once(store: Store, fresh: Fresh, by: TimeField, limit: int) -> None:
    pipeline_id = PipelineId(fresh())
    rows = [instance(name, START + hour * HOUR) for hour in range(5) for name in ("A", "B")]
    store.put_history(pipeline_id, rows)
    assert ids(store, pipeline_id, TimeQuery(by, *EVER), limit) == [row.id for row in rows]


@pytest.mark.parametrize("by", [SCHEDULED, ACTUAL])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_rows_are_listed_newest_first_where_asked(store: Store, fresh: Fresh, by: TimeField, limit: int) -> None:
    pipeline_id = PipelineId(fresh())
    rows = [instance(name, START + hour * HOUR) for hour in range(5) for name in ("A", "B")]
    store.put_history(pipeline_id, rows)
    wanted = [row.id for row in reversed(rows) if START + HOUR <= row.start <= START + 3 * HOUR]
    assert ids(store, pipeline_id, TimeQuery(by, START + HOUR, START + 3 * HOUR, newest_first=True), limit) == wanted


def test_a_marker_of_the_other_direction_is_refused(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.put_history(pipeline_id, [instance("Copy", START + number * HOUR) for number in range(3)])
    marker = store.query_history(pipeline_id, TimeQuery(SCHEDULED, *EVER), None, 1).marker
    with pytest.raises(Rejected):
        store.query_history(pipeline_id, TimeQuery(SCHEDULED, *EVER, newest_first=True), marker, 1)


def test_more_rows_than_one_request_takes_are_all_kept(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    rows = [instance("Copy", START + number * HOUR) for number in range(130)]
    store.put_history(pipeline_id, rows)
    assert ids(store, pipeline_id, TimeQuery(SCHEDULED, *EVER), 100) == [row.id for row in rows]
    assert len(store.history(pipeline_id, [row.id for row in rows])) == 130


def test_rows_of_many_kilobytes_read_back(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    row = instance("Copy", START)
    attempts = tuple(replace(row.attempts[0], number=number, error_stack_trace="x" * 9000) for number in range(50))
    store.put_history(pipeline_id, [replace(row, attempts=attempts)])
    assert store.history(pipeline_id, [row.id])[row.id].attempts == attempts


def test_a_marker_of_another_query_is_rejected(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.put_history(pipeline_id, [instance("Copy", START + number * HOUR) for number in range(3)])
    marker = store.query_history(pipeline_id, TimeQuery(SCHEDULED, *EVER), None, 1).marker
    with pytest.raises(Rejected):
        store.query_history(pipeline_id, TimeQuery(ACTUAL, *EVER), marker, 1)
    with pytest.raises(Rejected):
        store.query_history(PipelineId(fresh()), TimeQuery(SCHEDULED, *EVER), marker, 1)
    with pytest.raises(Rejected):
        store.query_history(pipeline_id, TimeQuery(SCHEDULED, *EVER), "nonsense", 1)


def test_an_empty_marker_is_the_beginning(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.put_history(pipeline_id, [instance("Copy", START)])
    query = TimeQuery(ACTUAL, *EVER)
    assert store.query_history(pipeline_id, query, "", 10) == store.query_history(pipeline_id, query, None, 10)


def test_rows_expire_after_the_retention_time(store: Store, fresh: Fresh, clock: SetClock) -> None:
    pipeline_id = PipelineId(fresh())
    old, new = instance("Copy", START), instance("Copy", START + HOUR)
    store.put_history(pipeline_id, [old])
    clock.advance(RETENTION - HOUR)
    store.put_history(pipeline_id, [new])
    assert set(store.history(pipeline_id, [old.id, new.id])) == {old.id, new.id}
    clock.advance(HOUR)
    assert set(store.history(pipeline_id, [old.id, new.id])) == {new.id}
    assert ids(store, pipeline_id, TimeQuery(SCHEDULED, *EVER), 1) == [new.id]
    assert ids(store, pipeline_id, TimeQuery(ACTUAL, *EVER), 1) == [new.id]


def test_deleted_history_is_gone_and_the_neighbours_stay(store: Store, fresh: Fresh) -> None:
    mine, other = PipelineId(fresh()), PipelineId(fresh())
    rows = [instance("Copy", START + number * HOUR) for number in range(40)]
    store.put_history(mine, rows)
    store.put_history(other, rows[:1])
    store.delete_history(mine)
    store.delete_history(mine)
    assert ids(store, mine, TimeQuery(SCHEDULED, *EVER)) == []
    assert ids(store, other, TimeQuery(SCHEDULED, *EVER)) == [rows[0].id]


@pytest.mark.parametrize("name", ["", "x", "@Copy_2026-02-30T00:00:00", "é☃", "x" * 3000])
def test_an_id_that_no_instance_has_is_absent(store: Store, fresh: Fresh, name: str) -> None:
    assert store.history(PipelineId(fresh()), [InstanceId(name)]) == {}


def test_queries_go_by_the_scheduled_start_in_the_id(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    row = replace(instance("Copy", START), start=START + HOUR)
    store.put_history(pipeline_id, [row])
    assert ids(store, pipeline_id, TimeQuery(SCHEDULED, START, START)) == [row.id]
    assert store.history(pipeline_id, [row.id]) == {row.id: row}


def test_fractions_of_the_scheduled_start_are_kept_but_not_compared(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    row = instance("Copy", START + timedelta(microseconds=500))
    store.put_history(pipeline_id, [row])
    assert ids(store, pipeline_id, TimeQuery(SCHEDULED, START, START)) == [row.id]
    assert store.history(pipeline_id, [row.id]) == {row.id: row}
