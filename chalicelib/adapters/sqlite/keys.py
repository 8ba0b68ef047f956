"""ports/store.KeyStore in SQLite. What expired goes away with the next claim."""

from chalicelib.adapters.sqlite import queries
from chalicelib.adapters.sqlite.database import Database, micros
from chalicelib.domain.values import UtcTime
from chalicelib.ports.clock import Clock
from chalicelib.ports.store import KeyedRequest


class SqliteKeys:
    """Idempotency keys."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim_key(self, key: str, digest: str, until: UtcTime) -> KeyedRequest:
        with self._database.transaction():
            self._database.write(queries.EXPIRE_KEYS, micros(self._clock.now()))
            self._database.write(queries.CLAIM_KEY, key, digest, micros(until))
            rows = self._database.read(queries.KEY, key)
        return KeyedRequest(rows[0][0], rows[0][1])

    def answer_key(self, key: str, answer: str) -> None:
        self._database.write(queries.ANSWER_KEY, answer, key)
