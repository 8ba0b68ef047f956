"""The whole store over one SQLite database."""

from datetime import timedelta

from chalicelib.adapters.records import RETENTION
from chalicelib.adapters.sqlite.database import Database
from chalicelib.adapters.sqlite.events import SqliteEvents
from chalicelib.adapters.sqlite.history import SqliteHistory
from chalicelib.adapters.sqlite.keys import SqliteKeys
from chalicelib.adapters.sqlite.pipelines import SqlitePipelines
from chalicelib.adapters.sqlite.states import SqliteStates
from chalicelib.adapters.sqlite.tasks import SqliteChunks, SqliteRunners, SqliteTasks
from chalicelib.adapters.sqlite.waiting import SqliteWaiting
from chalicelib.ports.clock import Clock


class SqliteStore(
    SqlitePipelines,
    SqliteKeys,
    SqliteStates,
    SqliteHistory,
    SqliteTasks,
    SqliteRunners,
    SqliteChunks,
    SqliteEvents,
    SqliteWaiting,
):
    """ports/store.Store.

    clock      decides what has expired and which task is visible to `wait_for_task`
    retention  how long history, heartbeats and tasks that nobody reports on are kept
    """

    def __init__(self, database: Database, clock: Clock, retention: timedelta = RETENTION) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention
