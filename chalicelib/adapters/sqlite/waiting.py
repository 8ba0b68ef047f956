"""ports/waiting.WaitingStore in SQLite. What expired is not read and goes away with a later write."""

from datetime import timedelta

from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, micros
from chalicelib.ports.clock import Clock


class SqliteWaiting:
    """What waits for jobs elsewhere."""

    def __init__(self, database: Database, clock: Clock, retention: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention

    def put_waiting(self, job: str, text: str) -> None:
        now = self._clock.now()
        self._database.write(queries.EXPIRE_WAITING, micros(now))
        self._database.write(queries.PUT_WAITING, job, micros(now + self._retention), text)

    def waiting(self, job: str) -> str | None:
        rows = self._database.read(queries.WAITING, job, micros(self._clock.now()))
        return str(rows[0][0]) if rows else None

    def drop_waiting(self, job: str) -> None:
        self._database.write(queries.DROP_WAITING, job)
