"""Statements of one task: handed in once, waited for over as many executions as it takes. Must not know what they say.

1. Each step has a name. Its statement's id is kept in the checkpoint: an execution that is repeated goes through the
   steps again and finds them answered.
2. A step's token is made of pipeline, instance, series, database and step. A series is an attempt and its retries; a
   rerun begins another. Two executions that hand in the same step, whatever their timing, get the same statement.
3. A step that must not happen twice looks first for what earlier executions of its series handed in: what finished
   counts, what still runs is taken over, and the failed ones, which changed nothing, are counted into the token.
4. In a function, a statement that takes long is asked about in growing intervals, with no function waiting for it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from chalicelib.domain.completion import Elsewhere, job_key
from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.warehouse import MOST_STATEMENTS, Row, Statement, StatementStatus, Warehouse, Warehouses
from chalicelib.work.outcome import Failed, Outcome, Unfinished
from chalicelib.work.patience import longest_pause
from chalicelib.work.redshift.nodes import DATABASE, warehouse_of
from chalicelib.work.tools import Tools

_PATIENCE = timedelta(seconds=4)
"""How long a function waits for a statement: most queries of the catalogue end within it."""

_PATIENCE_OF_MACHINES = timedelta(seconds=20)
_PAUSES = (1, 2, 4, 8, 15, 30, 60, 120, 300)
"""Seconds until it is asked about again, unless its end is told before."""


class Waiting(Exception):
    """The statement still runs; the execution ends here and is repeated later."""


class Stopped(Exception):
    """Somebody cancelled the task; the statement was asked to end."""


class Broken(Rejected):
    """The warehouse refused a statement, or somebody aborted it."""


@dataclass(slots=True)
class Progress:
    """What the checkpoint keeps: the statement of each step, and how often the present one was asked about."""

    statements: dict[str, str] = field(default_factory=dict)
    asked: int = 0


class Dialogue:
    """One execution's part of a conversation with a warehouse."""

    def __init__(self, task: Task, tools: Tools, warehouse: Warehouse) -> None:
        self._task = task
        self._tools = tools
        self._warehouse = warehouse
        self._warehouses: Warehouses = tools.warehouses
        self.progress = _progress(task)

    def rows(self, step: str, sql: str) -> Sequence[Row]:
        """What one query returns now: each attempt asks again."""
        return self._warehouses.result(self._warehouse, self.each(step, sql).id)

    def each(self, step: str, sql: str) -> Statement:
        """Have one statement run once in an attempt. Raises Broken with the warehouse's sentence."""
        return self._ended(step, lambda: self._submit(step, (sql,), self._task.attempt))

    def once(self, step: str, sqls: Sequence[str]) -> Statement:
        """Have statements run, several as one transaction, once in a series.

        Raises   Broken with the warehouse's sentence, Rejected for more than 40
        """
        if len(sqls) > MOST_STATEMENTS:
            raise Rejected("hand in statements", f"{len(sqls)} given, {MOST_STATEMENTS} is the most of one transaction")
        return self._ended(step, lambda: self._once(step, sqls))

    def _once(self, step: str, sqls: Sequence[str]) -> str:
        failed = 0
        found = self._warehouses.find(self._warehouse, self._name(step)) if self._tools.resumed else ()
        for earlier in found:
            if earlier.status in (StatementStatus.RUNNING, StatementStatus.FINISHED):
                self._tools.journal.say(f"{step}: {earlier.id} of an earlier execution is {earlier.status.value}")
                return earlier.id
            failed += 1
        return self._submit(step, sqls, str(failed))

    def _submit(self, step: str, sqls: Sequence[str], series: str) -> str:
        name = self._name(step)
        token = sha256(f"{name} {series}".encode()).hexdigest()
        statement = self._warehouses.submit(self._warehouse, sqls, name, token)
        self._tools.journal.say(f"{step}: statement {statement} handed in to {self._warehouse}")
        return statement

    def _name(self, step: str) -> str:
        instance, _ = split_attempt_id(self._task.attempt) or (self._task.attempt, 1)
        what = json.dumps([self._task.pipeline, instance, series_of(self._task), str(self._warehouse), step])
        return f"penstock-{sha256(what.encode()).hexdigest()[:40]}"

    def _ended(self, step: str, submit: Callable[[], str]) -> Statement:
        statement = self.progress.statements.get(step)
        if statement is None:
            statement = self.progress.statements[step] = submit()
            self.progress.asked = 0
        while True:
            found = self._warehouses.status(self._warehouse, statement, self._patience())
            if found.status is StatementStatus.FINISHED:
                return found
            if found.status is not StatementStatus.RUNNING:
                raise Broken(f"{step} in {self._warehouse}", found.error or f"statement {statement} was aborted")
            self._hold(statement)

    def _hold(self, statement: str) -> None:
        """What to do about a statement that still runs: go on asking, on a machine; else come back."""
        if self._tools.cancelled():
            self._warehouses.cancel(self._warehouse, statement)
            raise Stopped(statement)
        if self._tools.time_left() is not None:
            raise Waiting
        self._tools.report(())

    def _patience(self) -> timedelta:
        left = self._tools.time_left()
        return _PATIENCE_OF_MACHINES if left is None else min(_PATIENCE, left)


def converse(task: Task, tools: Tools, warehouse: Warehouse, talk: Callable[[Dialogue], Outcome]) -> Outcome:
    """Run `talk`, as often as it takes; it goes through the same steps each time."""
    dialogue = Dialogue(task, tools, warehouse)
    try:
        return talk(dialogue)
    except Waiting:
        return _again(dialogue.progress, longest_pause(task.subject))
    except Stopped as stopped:
        return Failed("Canceled", f"canceled; statement {stopped} was asked to end")


def _again(progress: Progress, most: timedelta) -> Unfinished:
    pause = min(timedelta(seconds=_PAUSES[min(progress.asked, len(_PAUSES) - 1)]), most)
    waited_for = list(progress.statements.values())[-1]
    awaits = job_key(Elsewhere.STATEMENT, waited_for) if progress.asked == 0 else None
    kept: Mapping[str, object] = {"statements": progress.statements, "asked": progress.asked + 1}
    return Unfinished(json.dumps(kept), pause, awaits=awaits)


def _progress(task: Task) -> Progress:
    if task.checkpoint is None:
        return Progress()
    kept = json.loads(task.checkpoint)
    return Progress(dict(kept["statements"]), int(kept["asked"]))


def abandon(task: Task, reach: Callable[[str | None], Warehouses]) -> str | None:
    """Ask the statement that an attempt of the past waited for to end.

    reach    the warehouses under a role
    Returns  its id, or None when the attempt has handed in nothing
    """
    used = _warehouse_used(task)
    statements = [] if used is None else list(_progress(task).statements.values())
    if used is None or not statements:
        return None
    reach(task.subject.text("role")).cancel(used, statements[-1])
    return statements[-1]


def _warehouse_used(task: Task) -> Warehouse | None:
    """Of the activity or of its nodes: a conversation has one."""
    nodes = (node for side in ("input", "output") for node in task.linked(task.subject, side))
    databases = (found for holder in (task.subject, *nodes) for found in task.linked(holder, "database"))
    return next((warehouse_of(found) for found in databases if found.type == DATABASE), None)


def series_of(task: Task) -> int:
    """A number that an attempt shares with its retries, and not with a rerun: attempts made and left, together."""
    return sum(int(task.subject.text(key) or 0) for key in ("@attemptCount", "@triesLeft"))
