"""Statements on PostgreSQL as Redshift would run them: each batch on a connection of its own, on a thread.

A pair of cluster (or workgroup) and database is a PostgreSQL database, made at first use. Any user may do anything.
"""

import re
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import psycopg
from psycopg import sql as names

from local.redshift.catalogue import KEYS, PATH, STATEMENTS
from local.redshift.commands import Copy, command
from local.redshift.storage import Clients, copy, unload
from local.redshift.tables import NewTable, new_table
from local.state_changes import Tell, nobody, statement_changed

_SESSION_SETTING = re.compile(r"(?is)^\s*(set(?:\s+(?:local|session))?|reset)\s+(query_group|wlm_query_slot_count)\b")
_ALONE = re.compile(r"(?is)^\s*vacuum\b")
_ENDED = frozenset({"FINISHED", "FAILED", "ABORTED"})


@dataclass(slots=True)
class Run:
    """One statement, or several as one transaction; what the Data API tells of it."""

    id: str
    sqls: tuple[str, ...]
    database: tuple[str, str]
    name: str
    request: dict[str, Any]
    status: str = "SUBMITTED"
    error: str = ""
    created: float = 0.0
    updated: float = 0.0
    rows: list[int] = field(default_factory=list)
    columns: list[Any] = field(default_factory=list)
    results: dict[int, list[tuple[object, ...]]] = field(default_factory=dict)
    pid: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False


class Engine:
    """All statements since the start. `port` is PostgreSQL's."""

    def __init__(self, port: int, user: str, clients: Clients, tell: Tell = nobody) -> None:
        self._tell = tell
        self._port = port
        self._user = user
        self._clients = clients
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._tokens: dict[str, str] = {}
        self._connections: dict[str, psycopg.Connection[Any]] = {}
        self.runs: dict[str, Run] = {}

    def submit(self, sqls: Sequence[str], database: tuple[str, str], request: dict[str, Any]) -> Run:
        """Start statements; the same ClientToken gives the same run again."""
        token = request.get("ClientToken")
        with self._lock:
            known = self.runs.get(self._tokens.get(token or "", ""))
            if known is not None:
                return known
            now = time.time()
            name = str(request.get("StatementName", ""))
            run = Run(str(uuid.uuid4()), tuple(sqls), database, name, request, created=now, updated=now)
            self.runs[run.id] = run
            if token:
                self._tokens[token] = run.id
        threading.Thread(target=self._work, args=(run,), name=f"redshift-{run.id}", daemon=True).start()
        return run

    def cancel(self, run: Run) -> bool:
        """Abort it; whether it was still running."""
        if run.status in _ENDED:
            return False
        run.cancelled = True
        connection = self._connections.get(run.id)
        if connection is not None:
            connection.cancel()
        run.ended.wait(10)
        return True

    def _work(self, run: Run) -> None:
        try:
            self._execute(run)
        except (psycopg.Error, ValueError) as error:
            run.status = "ABORTED" if run.cancelled else "FAILED"
            run.error = "" if run.cancelled else f"ERROR: {_said(error)}"
        except Exception as error:  # noqa: BLE001  # a thread's end: whatever went wrong is the statement's error
            run.status, run.error = "FAILED", f"ERROR: {type(error).__name__}: {error}"
        else:
            run.status = "FINISHED"
        run.updated = time.time()
        self._connections.pop(run.id, None)
        run.ended.set()
        if run.request.get("WithEvent"):
            self._tell(statement_changed(run.id, run.name, run.status, sum(max(0, rows) for rows in run.rows)))

    def _execute(self, run: Run) -> None:
        with self._open(run) as connection:
            self._connections[run.id] = connection
            connection.autocommit = bool(_ALONE.match(run.sqls[0]))
            run.pid, run.status = connection.info.backend_pid, "STARTED"
            for number, sql in enumerate(run.sqls):
                if run.cancelled:
                    raise ValueError("canceled")
                run.rows.append(self._statement(connection, run, number, sql))

    def _statement(self, connection: "psycopg.Connection[Any]", run: Run, number: int, sql: str) -> int:
        given = command(sql)
        if given is not None:
            act = copy if isinstance(given, Copy) else unload
            return act(cast("Any", given), connection, self._clients)
        table = new_table(sql)
        text = table.sql if table else _SESSION_SETTING.sub(r"\1 redshift.\2", sql)
        cursor = connection.execute(cast("Any", text), _parameters(run) or None)
        if table is not None:
            _note(connection, table)
        if cursor.description is not None:
            run.columns = list(cursor.description)
            run.results[number] = cursor.fetchall()
        return cursor.rowcount

    def _open(self, run: Run) -> "psycopg.Connection[Any]":
        cluster, database = run.database
        place = f"{cluster}/{database}"
        with self._lock:
            if place not in self._known:
                self._create(place)
                self._known.add(place)
        settings = f"-c standard_conforming_strings=off -c escape_string_warning=off -c redshift.database={database}"
        connection = self._connect(place, settings)
        connection.execute(cast("Any", f"SET search_path = {PATH}"))
        connection.commit()
        return connection

    def _connect(self, database: str, options: str = "") -> "psycopg.Connection[Any]":
        return psycopg.connect(host="127.0.0.1", port=self._port, user=self._user, dbname=database, options=options)

    def _create(self, place: str) -> None:
        with self._connect("postgres") as connection:
            connection.autocommit = True
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (place,)).fetchone()
            if found is not None:
                return
            connection.execute(names.SQL("CREATE DATABASE {} TEMPLATE template0").format(names.Identifier(place)))
        with self._connect(place) as connection:
            for statement in STATEMENTS:
                connection.execute(cast("Any", statement))


def _parameters(run: Run) -> dict[str, str]:
    return {item["name"]: item["value"] for item in run.request.get("Parameters", ())}


def _note(connection: "psycopg.Connection[Any]", table: NewTable) -> None:
    """Write down the keys that PostgreSQL is not told of."""
    keys = table.keys
    for column in dict.fromkeys((*keys.primary, *keys.distribution, *keys.sort)):
        connection.execute(
            cast("Any", f"INSERT INTO {KEYS} VALUES (%s::regclass, %s, %s, %s, %s)"),
            (
                table.table,
                column,
                keys.primary.index(column) + 1 if column in keys.primary else 0,
                column in keys.distribution,
                keys.sort.index(column) + 1 if column in keys.sort else 0,
            ),
        )


def _said(error: Exception) -> str:
    if not isinstance(error, psycopg.Error):
        return str(error)
    detail = [error.diag.message_primary or str(error), error.diag.message_detail, error.diag.context]
    return " ".join(text for text in detail if text)
