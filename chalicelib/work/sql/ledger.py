"""What was loaded already, written in the same transaction as the rows themselves. Must not know what is loaded.

A worker can be killed between its commit and its report. Without a note beside the rows the next attempt could not tell
that they are there, and would add them again. So each load has a row in `penstock_loads`, in the schema it loads into:

    begin ── claim the row ── rows ── rows ── note "done" in the row ── commit
                  │                                                        │
                  └ a second worker waits here until the first ends ───────┘ and then finds the note

A load that is run again on purpose after it FINISHED is another load, and has another row.
"""

import hashlib
import json
from dataclasses import dataclass

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Session, Table
from chalicelib.ports.errors import Conflict, Denied, Missing, Rejected

_NAME = "penstock_loads"
_COLUMNS = "id VARCHAR(64) NOT NULL PRIMARY KEY, instance VARCHAR(255) NOT NULL, progress VARCHAR(4000) NOT NULL"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is.

    rows    loaded in all
    file    the one that was loaded last, or in part: every file before it is done
    etag    its version
    offset  bytes of its content, decompressed, that are done; None when all of it is
    lines   its records that are done
    key     of the table that is read: the rows before it are done
    input   number of the input that the others speak of, from 0: those before it are done
    done    the whole load is
    """

    rows: int = 0
    file: str = ""
    etag: str = ""
    offset: int | None = None
    lines: int = 0
    key: str | None = None
    input: int = 0
    done: bool = False


def load_id(task: Task) -> str:
    """The same for every attempt at one run of an instance, another once it is run again after it FINISHED."""
    split = split_attempt_id(task.attempt)
    parts = (task.pipeline, split[0] if split else task.attempt, task.subject.text("@timesFinished") or "0")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Ledger:
    """One load's row.

    schema  of the table that is loaded into; None is the session's own
    """

    def __init__(self, session: Session, task: Task, schema: str | None) -> None:
        self._session = session
        self._id = load_id(task)
        self._instance = task.attempt.rpartition("_Attempt=")[0][-255:]
        self._schema = schema
        self._table: str | None = None

    def prepare(self) -> bool:
        """Have the table, outside of the load's transaction; False when the user may not create it."""
        try:
            self._table = self._session.quoted(self._find())
        except Missing:
            return self._created()
        return True

    def claim(self) -> Progress:
        """Begin the load's transaction: wait for whoever has the row, then own it until commit or rollback.

        Raises   Conflict when somebody else is at it even after a second look
        """
        try:
            return self._claimed()
        except Conflict:
            self._session.rollback()
        return self._claimed()

    def note(self, progress: Progress) -> None:
        """Write how far the load is, to be committed with its rows."""
        if self._table is not None:
            text = json.dumps(to_plain(Progress, progress), ensure_ascii=False)
            self._session.run(f"UPDATE {self._table} SET progress = ? WHERE id = ?", [text, self._id])

    def _claimed(self) -> Progress:
        if self._table is None:
            return Progress()
        found = self._session.rows(f"SELECT progress FROM {self._table} WHERE id = ? FOR UPDATE", [self._id])
        if found:
            return from_plain(Progress, json.loads(found[0][0] or "{}"))
        statement = f"INSERT INTO {self._table} (id, instance, progress) VALUES (?, ?, '{{}}')"
        try:
            self._session.run(statement, [self._id, self._instance])
        except Rejected as error:
            raise Conflict("claim load", f"another worker claimed it: {error}") from error
        return Progress()

    def _find(self) -> Table:
        return self._session.table(_NAME, self._schema)

    def _created(self) -> bool:
        owner = "" if self._schema is None else self._session.quoted(Table(self._schema, _NAME, ()))
        try:
            self._session.run(f"CREATE TABLE IF NOT EXISTS {owner or _NAME} ({_COLUMNS})")
        except Denied:
            self._session.rollback()
            return False
        except Rejected:
            self._session.rollback()  # PostgreSQL lets two creators collide; one of them has made it
        else:
            self._session.commit()
        self._table = self._session.quoted(self._find())
        return True
