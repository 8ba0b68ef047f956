"""ports/store.TaskStore, RunnerStore and ChunkStore in SQLite."""

from collections.abc import Sequence
from datetime import timedelta

from chalicelib.adapters.records import decode_runner, encode_runner
from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, Row, micros, moment_of
from chalicelib.domain.values import TaskId, UtcTime, WorkerGroup
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.page import Page
from chalicelib.ports.store import ChunkTally, RunnerRecord, WorkerTask

_OFFERED = "tasks"  # the topic that offers announce


class SqliteTasks:
    """Tasks that wait for, or are with, Task Runners. Those long unheard of go away with the next offer."""

    def __init__(self, database: Database, clock: Clock, retention: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention

    def offer_task(self, task: WorkerTask) -> None:
        offered = micros(task.offered_at)
        row = (task.id, task.pipeline_id, task.worker_group, task.body, offered, task.hand_out, *_marks(task), offered)
        self._database.write(queries.EXPIRE_TASKS, micros(self._clock.now() - self._retention))
        self._database.write(queries.OFFER_TASK, *row)
        self._database.announce(_OFFERED)

    def claim_task(self, worker_group: WorkerGroup, now: UtcTime, until: UtcTime) -> WorkerTask | None:
        rows = self._database.read(queries.CLAIM_TASK, micros(until), worker_group, micros(now))
        return _task(rows[0]) if rows else None

    def wait_for_task(self, worker_group: WorkerGroup, timeout: timedelta) -> None:
        def waiting() -> bool:
            return bool(self._database.read(queries.WAITING_TASK, worker_group, micros(self._clock.now())))

        self._database.wait_until(_OFFERED, waiting, timeout)

    def task(self, task_id: TaskId) -> WorkerTask | None:
        rows = self._database.read(queries.TASK, task_id)
        return _task(rows[0]) if rows else None

    def replace_task(self, task: WorkerTask) -> None:
        if not self._database.write(queries.REPLACE_TASK, *_marks(task), task.id, task.hand_out):
            known = self._database.read(queries.TASK, task.id)
            raise (Conflict if known else Missing)("replace_task", f"{task.id} hand-out {task.hand_out}")

    def delete_tasks(self, task_ids: Sequence[TaskId]) -> None:
        self._database.write_each(queries.DELETE_TASK, [(task_id,) for task_id in task_ids])


class SqliteRunners:
    """The last heartbeat of each Task Runner."""

    def __init__(self, database: Database, clock: Clock, retention: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention

    def put_runner(self, runner: RunnerRecord) -> None:
        now = self._clock.now()
        row = (runner.runner_id, micros(now + self._retention), encode_runner(runner))
        self._database.write(queries.PUT_RUNNER, *row)
        self._database.write(queries.EXPIRE_RUNNERS, micros(now))

    def runner(self, runner_id: str) -> RunnerRecord | None:
        rows = self._database.read(queries.RUNNER, runner_id, micros(self._clock.now()))
        return decode_runner(rows[0][0]) if rows else None

    def runners(self, owner: str, marker: str | None, limit: int) -> Page[RunnerRecord]:
        listing = f"runners of {owner}"
        begin, end = f"{owner}/", f"{owner}0"  # "0" follows "/"
        # A forged marker must not reach back to other owners' runners.
        after = max(begin, read_marker(listing, marker, "t")[0]) if marker else begin
        rows = self._database.read(queries.RUNNERS, after, end, micros(self._clock.now()), limit + 1)
        more = make_marker(listing, [rows[limit - 1][0]]) if len(rows) > limit else None
        return Page(tuple(decode_runner(row[1]) for row in rows[:limit]), more)


class SqliteChunks:
    """Marks of fanned-out work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_chunks(self, key: str, total: int, note: str) -> None:
        self._database.write(queries.BEGIN_CHUNKS, key, total, note)

    def end_chunk(self, key: str, chunk: int, result: str) -> int:
        with self._database.transaction():
            fresh = self._database.write(queries.MARK_CHUNK, key, chunk, result)
            rows = self._database.read(queries.COUNT_CHUNK, fresh, key)
            if not rows:
                raise Missing("end_chunk", f"{key} was never announced")
        missing: int = rows[0][0]
        return missing

    def chunks(self, key: str) -> ChunkTally | None:
        with self._database.transaction():
            rows = self._database.read(queries.FANOUT, key)
            done = self._database.read(queries.CHUNKS_DONE, key)
        return ChunkTally(total=rows[0][0], note=rows[0][1], done=dict(done)) if rows else None

    def delete_chunks(self, key: str) -> None:
        with self._database.transaction():
            self._database.write(queries.DELETE_FANOUT, key)
            self._database.write(queries.DELETE_CHUNKS, key)


def _marks(task: WorkerTask) -> tuple[object, ...]:
    flags = (int(task.acknowledged), int(task.canceled), int(task.ended))
    return (*flags, *(None if at is None else micros(at) for at in (task.progress_at, task.told_at)))


def _task(row: Row) -> WorkerTask:
    task_id, pipeline_id, group, body, offered, hand_out, acknowledged, canceled, ended, progress, told = row
    return WorkerTask(
        id=task_id,
        pipeline_id=pipeline_id,
        worker_group=group,
        body=body,
        offered_at=moment_of(offered),
        hand_out=hand_out,
        acknowledged=bool(acknowledged),
        canceled=bool(canceled),
        ended=bool(ended),
        progress_at=None if progress is None else moment_of(progress),
        told_at=None if told is None else moment_of(told),
    )
