"""What every TaskStore and RunnerStore promises."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.values import PipelineId, TaskId, WorkerGroup
from chalicelib.ports.errors import Conflict, Missing, Rejected
from chalicelib.ports.marker import make_marker
from chalicelib.ports.store import RunnerRecord, Store, WorkerTask
from tests.contract.ports.clocks import RETENTION, START, SetClock
from tests.contract.ports.racing import WRITES_ATOMICALLY, race

MINUTE = timedelta(minutes=1)
Fresh = Callable[[], str]


@pytest.fixture
def group(fresh: Fresh) -> WorkerGroup:
    return WorkerGroup(f"grüppe {fresh()}")


def waiting(fresh: Fresh, group: WorkerGroup, minutes: int = 0) -> WorkerTask:
    return WorkerTask(TaskId(fresh()), PipelineId("df-1"), group, '{"é":"☃"}', START + minutes * MINUTE)


def claim(store: Store, group: WorkerGroup, minutes: int) -> WorkerTask | None:
    """Claim at so many minutes after the start, for five minutes."""
    return store.claim_task(group, START + minutes * MINUTE, START + (minutes + 5) * MINUTE)


def test_an_offered_task_reads_back(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    task = waiting(fresh, group)
    store.offer_task(task)
    assert store.task(task.id) == task


def test_a_task_never_offered_is_none(store: Store, fresh: Fresh) -> None:
    assert store.task(TaskId(fresh())) is None


def test_a_task_offered_again_stays_as_it_is(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    task = waiting(fresh, group)
    store.offer_task(task)
    claimed = claim(store, group, 0)
    store.offer_task(replace(task, body="other"))
    assert store.task(task.id) == claimed


def test_a_group_without_tasks_gives_none(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    store.offer_task(waiting(fresh, WorkerGroup(fresh())))
    assert claim(store, group, 0) is None


def test_a_claim_raises_the_hand_out_and_hides_the_task_until_its_time(
    store: Store, fresh: Fresh, group: WorkerGroup
) -> None:
    task = waiting(fresh, group)
    store.offer_task(task)
    assert claim(store, group, 0) == replace(task, hand_out=1)
    assert claim(store, group, 4) is None
    assert claim(store, group, 5) == replace(task, hand_out=2)


def test_tasks_are_given_out_oldest_first(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    tasks = [waiting(fresh, group, minutes) for minutes in (2, 0, 1)]
    for task in tasks:
        store.offer_task(task)
    claimed = [claim(store, group, 3) for _ in range(4)]
    assert [task and task.id for task in claimed] == [tasks[1].id, tasks[2].id, tasks[0].id, None]


@pytest.mark.parametrize("mark", ["acknowledged", "canceled", "ended"])
def test_a_marked_task_is_not_given_out_again(store: Store, fresh: Fresh, group: WorkerGroup, mark: str) -> None:
    store.offer_task(waiting(fresh, group))
    claimed = claim(store, group, 0)
    assert claimed
    marked = replace(claimed, **{mark: True}, progress_at=START, told_at=START + MINUTE)
    store.replace_task(marked)
    assert claim(store, group, 60) is None
    assert store.task(marked.id) == marked


def test_a_task_canceled_before_anyone_took_it_is_not_given_out(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    task = waiting(fresh, group)
    store.offer_task(task)
    store.replace_task(replace(task, canceled=True))
    assert claim(store, group, 60) is None


def test_a_report_about_an_unmarked_task_leaves_it_claimable(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    store.offer_task(waiting(fresh, group))
    claimed = claim(store, group, 0)
    assert claimed
    store.replace_task(replace(claimed, progress_at=START))
    assert claim(store, group, 1) is None
    assert claim(store, group, 5) == replace(claimed, progress_at=START, hand_out=2)


def test_a_report_of_an_earlier_hand_out_conflicts(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    store.offer_task(waiting(fresh, group))
    first, second = claim(store, group, 0), claim(store, group, 5)
    assert first
    with pytest.raises(Conflict):
        store.replace_task(replace(first, acknowledged=True))
    assert store.task(first.id) == second


def test_a_report_does_not_take_back_a_cancellation_it_had_not_read(
    store: Store, fresh: Fresh, group: WorkerGroup
) -> None:
    store.offer_task(waiting(fresh, group))
    read = claim(store, group, 0)
    assert read
    store.replace_task(replace(read, canceled=True))
    store.replace_task(replace(read, acknowledged=True, progress_at=START))
    assert store.task(read.id) == replace(read, acknowledged=True, canceled=True, progress_at=START)


def test_writing_a_task_never_offered_is_missing(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    with pytest.raises(Missing):
        store.replace_task(waiting(fresh, group))


@WRITES_ATOMICALLY
def test_claimers_at_once_never_get_the_same_hand_out(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    tasks = [waiting(fresh, group) for _ in range(6)]
    for task in tasks:
        store.offer_task(task)
    claimed = [task.id for task in race(12, lambda _: claim(store, group, 0)) if task]
    claimed += [task.id for task in (claim(store, group, 0) for _ in range(6)) if task]
    assert sorted(claimed) == [task.id for task in tasks]


def test_deleted_tasks_are_gone(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    tasks = [waiting(fresh, group) for _ in range(30)]
    for task in tasks:
        store.offer_task(task)
    store.delete_tasks([task.id for task in tasks[1:]] + [TaskId(fresh())])
    store.delete_tasks([])
    assert [store.task(task.id) for task in tasks] == [tasks[0]] + [None] * 29
    assert [task and task.id for task in (claim(store, group, 0), claim(store, group, 0))] == [tasks[0].id, None]


def test_waiting_ends_when_the_time_is_over(store: Store, group: WorkerGroup) -> None:
    began = time.monotonic()
    store.wait_for_task(group, timedelta(milliseconds=50))
    assert time.monotonic() - began < 30


def test_a_waiter_gets_a_task_offered_meanwhile(store: Store, fresh: Fresh, group: WorkerGroup) -> None:
    def poll_or_offer(number: int) -> WorkerTask | None:
        if number:
            store.offer_task(waiting(fresh, group))
            return None
        for _ in range(100):
            store.wait_for_task(group, timedelta(milliseconds=200))
            task = claim(store, group, 0)
            if task:
                return task
        return None

    assert race(2, poll_or_offer)[0] is not None


def test_the_last_heartbeat_reads_back(store: Store, fresh: Fresh) -> None:
    first = RunnerRecord(fresh(), "grüppe", "host", START)
    store.put_runner(first)
    assert store.runner(first.runner_id) == first
    second = replace(first, seen_at=START + MINUTE, terminate=True)
    store.put_runner(second)
    assert store.runner(first.runner_id) == second


def test_a_runner_never_heard_of_is_none(store: Store, fresh: Fresh) -> None:
    assert store.runner(fresh()) is None


def test_a_runner_long_unheard_of_is_forgotten(store: Store, fresh: Fresh, clock: SetClock) -> None:
    runner = RunnerRecord(fresh(), "g", "host", START)
    store.put_runner(runner)
    clock.advance(RETENTION)
    assert store.runner(runner.runner_id) is None


def test_a_forged_marker_lists_no_other_owners_runners(store: Store, fresh: Fresh, clock: SetClock) -> None:
    first, second = sorted((fresh(), fresh()))
    for owner in (first, second):
        store.put_runner(RunnerRecord(f"{owner}/x", "g", "host", clock.now()))
    found = store.runners(second, make_marker(f"runners of {second}", ["!"]), 100)
    assert [record.runner_id for record in found.items] == [f"{second}/x"]


def test_an_owners_runners_are_listed_in_order_page_by_page(store: Store, fresh: Fresh, clock: SetClock) -> None:
    mine, other = fresh(), fresh()
    names = [f"{mine}/{name}" for name in ("a", "b/c", "é", "z" * 900)]
    old = RunnerRecord(f"{mine}/old", "g", "host", START)
    store.put_runner(old)
    clock.advance(RETENTION)
    records = [RunnerRecord(name, "g", "host", clock.now()) for name in names]
    for record in (*reversed(records), RunnerRecord(f"{other}/x", "g", "host", clock.now())):
        store.put_runner(record)
    found, marker = [], None
    while True:
        page = store.runners(mine, marker, 2)
        found += page.items
        marker = page.marker
        if marker is None:
            break
    assert sorted(found, key=lambda record: record.runner_id) == sorted(records, key=lambda record: record.runner_id)
    assert [record.runner_id for record in found] == sorted(names)
    with pytest.raises(Rejected):
        store.runners(other, make_marker("x", ["y"]), 2)
