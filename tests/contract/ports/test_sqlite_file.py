"""What SQLite adds to the contracts: a file outlives its process and is shared by several."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.values import PipelineId, TaskId, WorkerGroup
from chalicelib.ports.errors import Rejected, Unavailable
from chalicelib.ports.queues import Message, Queue
from chalicelib.ports.store import PipelineRecord, StoredState, WorkerTask
from tests.contract.ports.clocks import RETENTION, START, SetClock
from tests.contract.ports.racing import race

LONG = timedelta(seconds=60)
ROOT = Path(__file__).parents[3]

OTHER_PROCESS = """
import sys
from datetime import timedelta
from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.ports.errors import Conflict
from chalicelib.ports.queues import Message, Queue
from chalicelib.ports.store import StoredState

database = open_database(sys.argv[1])
store, queues = SqliteStore(database, SystemClock()), SqliteQueues(database, SystemClock())
won = 0
for version in range(1, 201):
    try:
        store.save_state("df-1", StoredState(sys.argv[2].encode(), version), None)
        won += 1
    except Conflict:
        pass
    queues.send(Queue.CONTROL, [Message(f"{sys.argv[2]}-{version}", f"{version}", group=sys.argv[2])])
print(won)
"""


def test_pipelines_and_messages_survive_a_restart(tmp_path: Path, clock: SetClock) -> None:
    path = str(tmp_path / "store.db")
    record = PipelineRecord(PipelineId("df-1"), "owner", "user", "name", "unique", "", START, {})
    database = open_database(path)
    SqliteStore(database, clock).create_pipeline(record)
    SqliteQueues(database, clock).send(Queue.CONTROL, [Message("1", "body", group="g")])
    database.close()
    database = open_database(path)
    assert SqliteStore(database, clock).pipelines([record.pipeline_id]) == {record.pipeline_id: record}
    (received,) = SqliteQueues(database, clock).receive(Queue.CONTROL, 10, LONG, timedelta(0))
    assert received.body == "body"
    database.close()


def test_a_file_of_a_newer_version_is_refused_unchanged(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    database = open_database(path)
    database.write("PRAGMA user_version = 999")
    database.close()
    with pytest.raises(Rejected, match="999"):
        open_database(path)


def test_a_path_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        open_database(str(tmp_path / "absent" / "store.db"))


def test_three_processes_opening_a_new_file_at_once_share_it(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    names = ("a", "b", "c")
    command = [sys.executable, "-c", OTHER_PROCESS, path]
    others = [
        subprocess.Popen([*command, name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for name in names
    ]
    answers = [other.communicate(timeout=60) for other in others]
    assert [error for _, error in answers] == [b""] * 3
    database = open_database(path)
    state = database.read("SELECT version FROM states WHERE pipeline_id = 'df-1'")
    assert sum(int(won) for won, _ in answers) == state[0][0]
    assert database.read("SELECT grp, COUNT(*) FROM messages GROUP BY grp ORDER BY grp") == [(n, 200) for n in names]
    database.close()


def test_a_failed_transaction_changes_nothing_and_the_next_one_works(clock: SetClock) -> None:
    store = SqliteStore(open_database(":memory:"), clock)
    with pytest.raises(Rejected):
        store.delete_tasks([TaskId("a"), TaskId("\ud800")])
    store.begin_chunks("key", 1, "")
    assert store.end_chunk("key", 0, "") == 0


def test_a_send_wakes_a_waiting_receiver_at_once(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.adapters.sqlite.database._POLL_SECONDS", 300.0)
    queues = SqliteQueues(open_database(":memory:"), clock)
    threading.Timer(0.2, queues.send, (Queue.CONTROL, [Message("1", "body", group="g")])).start()
    began = time.monotonic()
    (received,) = queues.receive(Queue.CONTROL, 10, LONG, timedelta(seconds=60))
    assert received.body == "body"
    assert time.monotonic() - began < 50


def test_sixteen_threads_share_one_memory(clock: SetClock, fresh: Callable[[], str]) -> None:
    database = open_database(":memory:")
    store, queues = SqliteStore(database, clock), SqliteQueues(database, clock)

    def work(number: int) -> int:
        pipeline_id = PipelineId(f"df-{number}")
        for version in range(1, 51):
            store.save_state(pipeline_id, StoredState(b"", version), START)
            queues.send(Queue.TASKS, [Message("", f"{number}")])
            store.due(START, 100)
        return sum(len(queues.receive(Queue.TASKS, 10, LONG, timedelta(0))) for _ in range(100))

    received = sum(race(16, work))
    assert received == 16 * 50
    assert len(store.due(START, 100)) == 16


def test_an_offer_ends_the_wait_of_its_group_only(clock: SetClock) -> None:
    store = SqliteStore(open_database(":memory:"), clock)
    began = time.monotonic()
    store.wait_for_task(WorkerGroup("empty"), timedelta(milliseconds=120))
    assert time.monotonic() - began > 0.1


def test_a_record_keeps_every_text(clock: SetClock) -> None:
    store = SqliteStore(open_database(":memory:"), clock)
    record = PipelineRecord(PipelineId("df-1"), "owner", "user", "a\ud800\x00", "unique", "", START, {"\uffff": ""})
    store.create_pipeline(record)
    assert store.create_pipeline(replace(record, pipeline_id=PipelineId("df-2"))) == record


def test_a_task_that_nobody_reports_on_is_forgotten_with_the_next_offer(clock: SetClock) -> None:
    store = SqliteStore(open_database(":memory:"), clock, RETENTION)
    quiet, busy, later = (WorkerTask(TaskId(name), PipelineId("df-1"), WorkerGroup("g"), "{}", START) for name in "qbl")
    store.offer_task(quiet)
    store.offer_task(busy)
    store.replace_task(replace(busy, acknowledged=True, progress_at=START + RETENTION / 2))
    clock.advance(RETENTION)
    store.offer_task(replace(later, offered_at=START + RETENTION))
    assert [store.task(each.id) is not None for each in (quiet, busy, later)] == [False, True, True]
