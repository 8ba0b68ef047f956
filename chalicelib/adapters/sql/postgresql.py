"""A PostgreSQL session over psycopg. Owns its catalogue queries and COPY; must not know what is copied or why.

COPY goes through libpq's own calls: psycopg's iterator costs as much per row again as the server takes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import psycopg
from psycopg import pq

from chalicelib.adapters.sql.batches import Batches
from chalicelib.adapters.sql.catalogue import Catalogue, Queries
from chalicelib.adapters.sql.postgresql_faults import by_state, port_error, told
from chalicelib.adapters.sql.rewrite import from_postgresql, to_server
from chalicelib.domain.sql import Spelling, with_markers
from chalicelib.ports.databases import Address, Key, Row, Span, Table, Tls

_SSL = {
    Tls.DISABLED: "disable",
    Tls.PREFERRED: "prefer",
    Tls.REQUIRED: "require",
    Tls.VERIFY_CA: "verify-ca",
    Tls.VERIFY_IDENTITY: "verify-full",
}
_QUERIES = Queries(
    table="""
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND lower(c.relname) = lower(%(name)s)
      AND CASE WHEN %(schema)s::text IS NULL THEN pg_table_is_visible(c.oid)
               ELSE lower(n.nspname) = lower(%(schema)s) END
    ORDER BY c.relname = %(name)s DESC, n.nspname, c.relname LIMIT 1""",
    columns="""
    SELECT a.attname, '', NULL FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %(schema)s AND c.relname = %(name)s
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY a.attnum""",
    key="""
    SELECT a.attname, t.typname, c.reltuples::bigint, pg_table_size(c.oid) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey) JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname = %(schema)s AND c.relname = %(name)s AND c.relkind = 'r'""",
    whole=frozenset({"int2", "int4", "int8"}),
    text=frozenset({"text", "varchar", "uuid"}),
)
_BLOCK = 1024 * 1024
_SERVER_LOOKS = {"tcp_keepalives_idle": "60", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "6"}
"""A server that cannot know that a frozen function is gone would keep its locks for hours."""
_TO_SERVER = to_server(b"bfnrtvx0-7.")


class PostgresSession:
    """See ports/databases.Session."""

    def __init__(self, address: Address) -> None:
        self._name = str(address)
        with told(f"connect to {address}"):
            self._connection = psycopg.connect(
                host=address.host,
                port=address.port,
                dbname=address.database,
                user=address.user,
                password=address.password,
                connect_timeout=address.connect_seconds,
                sslmode=_SSL[address.tls],
                client_encoding="UTF8",
                keepalives_idle=60,
                keepalives_interval=10,
                keepalives_count=6,
                **_optional(address),
            )
        self._catalogue = Catalogue(self._name, _QUERIES, self._fetch, _quoted)

    def table(self, name: str, schema: str | None) -> Table:
        """See ports/databases."""
        return self._catalogue.table(name, schema)

    def quoted(self, table: Table) -> str:
        """See ports/databases."""
        return self._catalogue.qualified(table)

    def key(self, table: Table) -> Key | None:
        """See ports/databases."""
        return self._catalogue.key(table)

    def bound(self, table: Table, key: Key, first: str | None, rows: int) -> str | None:
        """See ports/databases."""
        return self._catalogue.bound(table, key, first, rows, self.rows)

    def rows(self, query: str, arguments: Sequence[str] = ()) -> Sequence[Row]:
        """See ports/databases."""
        found = self._fetch(with_markers(query, Spelling.STANDARD), tuple(arguments))
        return [tuple(None if value is None else str(value) for value in row) for row in found]

    def names(self, query: str) -> Sequence[str]:
        """See ports/databases."""
        bare = query.strip().rstrip(";")
        with told(f"describe query in {self._name}"):
            cursor = self._connection.execute(cast("Any", f"SELECT * FROM ({bare}) penstock LIMIT 0"))
        return [column.name for column in cursor.description or ()]

    def run(self, statement: str, arguments: Sequence[str] = ()) -> int:
        """See ports/databases."""
        with told(f"run statement in {self._name}"):
            cursor = self._connection.execute(cast("Any", with_markers(statement, Spelling.STANDARD)), tuple(arguments))
        return max(cursor.rowcount, 0)

    def insert(self, statement: str, rows: Iterable[Row]) -> int:
        """See ports/databases."""
        query = cast("Any", with_markers(statement, Spelling.STANDARD))
        batches = Batches(rows)
        with self._connection.cursor() as cursor:
            for batch in batches:
                self._insert(cursor, query, batch, batches.before)
        return batches.count

    def load(self, table: Table, columns: Sequence[str], content: Iterable[bytes], separator: str) -> int:
        """See ports/databases."""
        names = ", ".join(map(_quoted, columns))
        statement = f"COPY {self.quoted(table)} ({names}) FROM STDIN (DELIMITER {_literal(separator)})"
        with told(f"load into {self.quoted(table)}"), self._connection.cursor() as cursor:
            with cursor.copy(cast("Any", statement)) as copy:
                for block in _TO_SERVER(content):
                    copy.write(block)
            return max(cursor.rowcount, 0)

    def unload(self, source: Table | str, separator: str, span: Span | None = None) -> Iterator[bytes]:
        """See ports/databases."""
        query = self._select(source, span) if isinstance(source, Table) else source.strip().rstrip(";")
        statement = f"COPY ({query}) TO STDOUT (DELIMITER {_literal(separator)})"
        operation = f"read from {self._name}"
        with told(operation):
            self._connection.execute("SELECT 1")  # begins the transaction that libpq's calls below run in
        connection = self._connection.pgconn
        _expect(connection, connection.exec_(statement.encode()), pq.ExecStatus.COPY_OUT, operation)
        for block in _blocks(connection.get_copy_data, operation):
            yield from_postgresql(block, separator.encode())
        while (result := connection.get_result()) is not None:
            _expect(connection, result, pq.ExecStatus.COMMAND_OK, operation)

    def commit(self) -> None:
        """See ports/databases."""
        with told(f"commit in {self._name}"):
            self._connection.commit()

    def rollback(self) -> None:
        """See ports/databases. An unload that was left early can only be ended with its connection."""
        status = pq.TransactionStatus(self._connection.pgconn.transaction_status)
        if status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR):
            self._connection.rollback()
        elif status is not pq.TransactionStatus.IDLE:
            self._connection.close()

    def close(self) -> None:
        """See ports/databases."""
        self._connection.close()

    def _select(self, table: Table, span: Span | None) -> str:
        where = self._catalogue.condition(span, _literal)
        return f"SELECT {', '.join(map(_quoted, table.columns))} FROM {self.quoted(table)}{where}"

    def _fetch(self, query: str, arguments: Mapping[str, str | None] | Sequence[str]) -> list[tuple[Any, ...]]:
        with told(f"query {self._name}"):
            return self._connection.execute(cast("Any", query), arguments).fetchall()

    def _insert(self, cursor: psycopg.Cursor[Any], query: Any, batch: Sequence[Row], before: int) -> None:
        """One pipelined batch; after a failure the rows go one by one, behind a savepoint, to find the culprit."""
        self._connection.execute("SAVEPOINT penstock_batch")
        try:
            cursor.executemany(query, batch)
        except psycopg.Error as error:
            if self._connection.broken:
                raise port_error("insert", error) from error
        else:
            self._connection.execute("RELEASE SAVEPOINT penstock_batch")
            return
        self._connection.execute("ROLLBACK TO SAVEPOINT penstock_batch")
        for line, row in enumerate(batch, before + 1):
            with told("insert", line):
                cursor.execute(query, row)


def _expect(connection: Any, result: Any, status: pq.ExecStatus, operation: str) -> None:
    if result.status == status:
        return
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    reason = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or connection.error_message
    raise by_state(operation, reason.decode(errors="replace").strip(), state.decode() if state else None)


def _blocks(get: Callable[[int], tuple[int, Any]], operation: str) -> Iterator[bytes]:
    """COPY's records, one a call, joined to blocks."""
    more = True
    while more:
        block, more = _block(get, operation)
        if block:
            yield bytes(block)


def _block(get: Callable[[int], tuple[int, Any]], operation: str) -> tuple[bytearray, bool]:
    """One block, and whether there are more.

    Nothing here may cost a call per record but libpq's own. Records are copied at once: as a list of what libpq gives,
    thousands of small objects at a time, they keep the garbage collector busy for longer than the server.
    """
    block = bytearray()
    try:
        while len(block) < _BLOCK:
            length, record = get(0)
            if length <= 0:
                return block, False
            block += record
    except psycopg.Error as error:
        raise port_error(operation, error) from error
    return block, True


def _optional(address: Address) -> dict[str, Any]:
    given: dict[str, Any] = {} if address.root is None else {"sslrootcert": address.root}
    settings = {**_SERVER_LOOKS, **address.settings}
    given["options"] = " ".join(f"-c {key}={_spaced(value)}" for key, value in settings.items())
    return given


def _spaced(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "E'\\t'" if text == "\t" else "'" + text.replace("'", "''") + "'"
