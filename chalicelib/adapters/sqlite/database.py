"""One SQLite database shared by the threads of a process, and by other processes when it is a file.

One connection behind one lock: SQLite writes one transaction at a time anyway, and a statement takes microseconds.
Owns locking, transactions, the schema's version and the translation of driver errors; knows no table.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from chalicelib.adapters.sqlite.schema import STEPS
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Conflict, PortError, Rejected, Unavailable

T = TypeVar("T")
Row = tuple[Any, ...]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_BUSY_SECONDS = 20.0
_LOG_TRIES = 100
_POLL_SECONDS = 0.05  # how late a change made by another process, or a delay that ended, may be seen


def micros(moment: UtcTime) -> int:
    """Whole microseconds since 1970."""
    return (moment - _EPOCH) // _TICK


def moment_of(stored: int) -> UtcTime:
    """The time that `micros` was given."""
    return _EPOCH + timedelta(microseconds=stored)


class Database:
    """Statements and transactions. Made by `open_database`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._changed = threading.Condition()
        self._changes: dict[str, int] = {}

    def read(self, query: str, *values: object) -> list[Row]:
        """Every row of the answer. Also for a statement that writes and returns: it commits by itself."""
        with self._lock:
            return _translated(lambda: self._connection.execute(query, values).fetchall())

    def write(self, statement: str, *values: object) -> int:
        """Run one statement, in its own transaction unless inside one; return how many rows it changed."""
        with self._lock:
            return _translated(lambda: self._connection.execute(statement, values)).rowcount

    def write_each(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for every row, in one transaction."""
        with self.transaction():
            _translated(lambda: self._connection.executemany(statement, rows))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing does. Not nested."""
        with self._lock:
            self.write("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._undo()
                raise
            try:
                self.write("COMMIT")
            except PortError:
                self._undo()
                raise

    def _undo(self) -> None:
        # SQLite has undone it already when the disk is full or fails.
        if self._connection.in_transaction:
            self.write("ROLLBACK")

    def announce(self, topic: str) -> None:
        """Wake every thread in `wait_until` on this topic. Called after the commit."""
        with self._changed:
            self._changes[topic] = self._changes.get(topic, 0) + 1
            self._changed.notify_all()

    def wait_until(self, topic: str, attempt: Callable[[], bool], timeout: timedelta) -> None:
        """Call `attempt` now, after each announcement and every 50 ms, until it is true or `timeout` has passed."""
        deadline = time.monotonic() + timeout.total_seconds()
        while True:
            # Counted before the attempt: an announcement between the attempt and the wait then ends the wait at once.
            seen = self._changes.get(topic, 0)
            left = deadline - time.monotonic()
            if attempt() or left <= 0:
                return
            self._wait_for_change(topic, seen, min(left, _POLL_SECONDS))

    def _wait_for_change(self, topic: str, seen: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._changes.get(topic, 0) != seen, seconds)

    def close(self) -> None:
        """Give the file back; nothing may be called afterwards."""
        with self._lock:
            self._connection.close()


def open_database(path: str) -> Database:
    """Open or create the file, or a database that lives as long as the value for `:memory:`.

    Raises   Rejected when the file was written by a newer version, Unavailable when it cannot be opened
    """
    database = Database(_translated(lambda: _connect(path)))
    _write_ahead(database)
    database.write("PRAGMA synchronous = NORMAL")
    _upgrade(database, path)
    return database


def _write_ahead(database: Database) -> None:
    """Turn the write-ahead log on. SQLite does not wait for others that do the same to a new file: so we do."""
    for _ in range(_LOG_TRIES):
        try:
            database.read("PRAGMA journal_mode = WAL")
        except Unavailable:
            time.sleep(_POLL_SECONDS)
        else:
            return
    database.read("PRAGMA journal_mode = WAL")


def _connect(path: str) -> sqlite3.Connection:
    # isolation_level None: no transactions behind our back. Every use is under Database's lock.
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _upgrade(database: Database, path: str) -> None:
    with database.transaction():
        taken = database.read("PRAGMA user_version")[0][0]
        if taken > len(STEPS):
            raise Rejected("open", f"{path} has schema version {taken}, this program knows {len(STEPS)}")
        for statement in (statement for step in STEPS[taken:] for statement in step):
            database.write(statement)
        database.write(f"PRAGMA user_version = {len(STEPS)}")


def _translated(action: Callable[[], T]) -> T:
    try:
        return action()
    except (sqlite3.Error, UnicodeEncodeError) as error:
        raise _port_error(error) from error


def _port_error(error: sqlite3.Error | UnicodeEncodeError) -> PortError:
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict("sqlite", str(error))
    if isinstance(error, sqlite3.OperationalError):
        return Unavailable("sqlite", str(error))
    return Rejected("sqlite", str(error))
