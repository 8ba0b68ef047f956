"""ports/store.TaskStore and RunnerStore in DynamoDB.

Only tasks that nobody has taken for good carry `waiting_group`, and only they are in the `waiting` index. The index
names candidates; the conditional update of the task itself decides who gets it. Each report puts off a row's end; what
expires before it was acknowledged is offered again by the engine, which repeats its dispatch every hour.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from chalicelib.adapters.aws.dynamodb.items import (
    Item,
    flag,
    key_part,
    moment_of,
    number,
    packed,
    sortable,
    text,
    unpacked,
)
from chalicelib.adapters.aws.dynamodb.table import Pause, Table
from chalicelib.adapters.records import decode_runner, encode_runner
from chalicelib.domain.values import PipelineId, TaskId, UtcTime, WorkerGroup
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.page import Page
from chalicelib.ports.store import RunnerRecord, WorkerTask

_POLL = timedelta(seconds=1)


class DynamoTasks:
    """Tasks that wait for, or are with, Task Runners."""

    def __init__(self, work: Table, retention: timedelta, pause: Pause = time.sleep) -> None:
        self._work = work
        self._retention = retention
        self._pause = pause

    def offer_task(self, task: WorkerTask) -> None:
        offered = text(sortable(task.offered_at))
        item = {
            **_key(task.id),
            "pipeline_id": text(task.pipeline_id),
            "worker_group": text(task.worker_group),
            "body": packed(task.body),
            "offered_at": offered,
            "visible_at": offered,
            "hand_out": number(task.hand_out),
            **_marks(task, self._retention),
        }
        if not _taken(task):
            item["waiting_group"] = text(task.worker_group)
        with suppress(Conflict):  # offered before
            self._work.put(item, "attribute_not_exists(id)")

    def claim_task(self, worker_group: WorkerGroup, now: UtcTime, until: UtcTime) -> WorkerTask | None:
        values = {":one": number(1), ":until": text(sortable(until)), ":now": text(sortable(now))}
        for candidate in self._candidates(worker_group, now):
            with suppress(Conflict):  # another poller was faster: try the next
                item = self._work.update(
                    {"id": candidate["id"], "part": candidate["part"]},
                    "SET hand_out = hand_out + :one, visible_at = :until",
                    "attribute_exists(waiting_group) AND visible_at <= :now",
                    values,
                )
                return _task(item)
        return None

    def _candidates(self, worker_group: WorkerGroup, now: UtcTime) -> Iterator[Item]:
        return self._work.all_rows(
            IndexName="waiting",
            KeyConditionExpression="waiting_group = :group",
            FilterExpression="visible_at <= :now",
            ExpressionAttributeValues={":group": text(worker_group), ":now": text(sortable(now))},
            Limit=50,
        )

    def wait_for_task(self, worker_group: WorkerGroup, timeout: timedelta) -> None:  # noqa: ARG002 - the port's name
        # Nothing tells a function that an item was written: a look each second costs half a read unit.
        self._pause(min(timeout, _POLL).total_seconds())

    def task(self, task_id: TaskId) -> WorkerTask | None:
        item = self._work.get(_key(task_id))
        return _task(item) if item else None

    def replace_task(self, task: WorkerTask) -> None:
        marks = _marks(task, self._retention)
        # A flag that somebody else set since the task was read stays set.
        kept = [name for name in ("acknowledged", "canceled", "ended") if not getattr(task, name)]
        changes = ", ".join(
            f"{name} = if_not_exists({name}, :{name})" if name in kept else f"{name} = :{name}" for name in marks
        )
        absent = [name for name in ("progress_at", "told_at") if name not in marks]
        if _taken(task):
            expression = f"SET {changes} REMOVE {', '.join(['waiting_group', *absent])}"
        else:
            expression = f"SET {changes}, waiting_group = worker_group" + (
                f" REMOVE {', '.join(absent)}" if absent else ""
            )
        values = {":hand_out": number(task.hand_out), **{f":{name}": value for name, value in marks.items()}}
        try:
            self._work.update(_key(task.id), expression, "hand_out = :hand_out", values)
        except Conflict as conflict:
            known = self._work.get(_key(task.id))
            raise (Conflict if known else Missing)("replace_task", f"{task.id} hand-out {task.hand_out}") from conflict

    def delete_tasks(self, task_ids: Sequence[TaskId]) -> None:
        self._work.delete_many([_key(task_id) for task_id in task_ids])


class DynamoRunners:
    """The last heartbeat of each Task Runner."""

    def __init__(self, work: Table, clock: Clock, retention: timedelta) -> None:
        self._work = work
        self._clock = clock
        self._retention = retention

    def put_runner(self, runner: RunnerRecord) -> None:
        expires = math.ceil((self._clock.now() + self._retention).timestamp())
        item = {"expires_at": number(expires), "body": text(encode_runner(runner))}
        self._work.put({**_runner_key(runner.runner_id), **item})

    def runner(self, runner_id: str) -> RunnerRecord | None:
        item = self._work.get(_runner_key(runner_id))
        if item is None or int(item["expires_at"]["N"]) <= self._clock.now().timestamp():
            return None
        return decode_runner(item["body"]["S"])

    def runners(self, owner: str, marker: str | None, limit: int) -> Page[RunnerRecord]:
        listing = f"runners of {owner}"
        rows = self._work.rows(
            limit + 1,
            KeyConditionExpression="id = :id AND part > :after",
            FilterExpression="expires_at > :now",
            ExpressionAttributeValues={
                ":id": text(f"runners#{owner}"),
                ":after": text(read_marker(listing, marker, "t")[0] if marker else "runner#"),
                ":now": number(math.floor(self._clock.now().timestamp())),
            },
        )
        shown = rows.items[:limit]
        more = len(rows.items) > limit or rows.more
        found = tuple(decode_runner(item["body"]["S"]) for item in shown)
        return Page(found, make_marker(listing, [shown[-1]["part"]["S"]]) if more and shown else None)


def _key(task_id: TaskId) -> Item:
    return {"id": text(f"task#{task_id}"), "part": text("task")}


def _runner_key(runner_id: str) -> Item:
    """An owner's runners lie together, so that they are listed without an index."""
    owner, _, name = runner_id.partition("/")
    return {"id": text(f"runners#{owner}"), "part": text(f"runner#{key_part(name)}")}


def _taken(task: WorkerTask) -> bool:
    return task.acknowledged or task.canceled or task.ended


def _marks(task: WorkerTask, retention: timedelta) -> Item:
    flags = {"acknowledged": flag(task.acknowledged), "canceled": flag(task.canceled), "ended": flag(task.ended)}
    expires = (task.progress_at or task.offered_at) + retention
    times = {"progress_at": task.progress_at, "told_at": task.told_at}
    marks = {name: text(sortable(moment)) for name, moment in times.items() if moment is not None}
    return flags | marks | {"expires_at": number(math.ceil(expires.timestamp()))}


def _task(item: Item) -> WorkerTask:
    return WorkerTask(
        id=TaskId(item["id"]["S"].removeprefix("task#")),
        pipeline_id=PipelineId(item["pipeline_id"]["S"]),
        worker_group=WorkerGroup(item["worker_group"]["S"]),
        body=unpacked(item["body"]),
        offered_at=moment_of(item["offered_at"]["S"]),
        hand_out=int(item["hand_out"]["N"]),
        acknowledged=item["acknowledged"]["BOOL"],
        canceled=item["canceled"]["BOOL"],
        ended=item["ended"]["BOOL"],
        progress_at=_time(item, "progress_at"),
        told_at=_time(item, "told_at"),
    )


def _time(item: Item, name: str) -> UtcTime | None:
    return moment_of(item[name]["S"]) if name in item else None
