"""A MySQL or MariaDB session over PyMySQL. Owns its catalogue queries and LOAD DATA; must not know what is copied.

LOAD DATA LOCAL turns bad values into warnings and goes on; here any warning is a refusal, and the caller rolls back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE

from chalicelib.adapters.sql.authorities import context_of
from chalicelib.adapters.sql.batches import Batches
from chalicelib.adapters.sql.catalogue import Catalogue, Queries
from chalicelib.adapters.sql.mysql_faults import bad_row, kind_of, reason_of, told
from chalicelib.adapters.sql.mysql_feed import Feed
from chalicelib.adapters.sql.mysql_joined import Joined, joined_fields
from chalicelib.adapters.sql.mysql_rows import Rows
from chalicelib.adapters.sql.rewrite import to_server
from chalicelib.domain.dialect import Dialect
from chalicelib.domain.sql import Spelling, with_markers
from chalicelib.ports.databases import Address, Key, Row, Span, Table, Tls
from chalicelib.ports.errors import Conflict, Unavailable
from chalicelib.transfer.formats.delimited import Delimited

_QUERIES = Queries(
    table="""
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE lower(table_name) = lower(%(name)s) AND lower(table_schema) = lower(coalesce(%(schema)s, database()))
    ORDER BY table_name = %(name)s DESC LIMIT 1""",
    columns="""
    SELECT column_name, data_type, character_maximum_length FROM information_schema.columns
    WHERE table_schema = %(schema)s AND table_name = %(name)s AND coalesce(extra, '') NOT LIKE '%%GENERATED%%'
    ORDER BY ordinal_position""",
    key="""
    SELECT c.column_name, c.data_type, t.table_rows, t.data_length FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = %(schema)s AND c.table_name = %(name)s AND c.column_key = 'PRI'""",
    whole=frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"}),
    text=frozenset({"varchar"}),
)
_BINARY = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
_BYTES = r"IF(@b LIKE '\\\\x%', UNHEX(SUBSTR(@b, 3)), CAST(@b AS BINARY))"
_BLOBS = frozenset(
    {
        FIELD_TYPE.TINY_BLOB,
        FIELD_TYPE.BLOB,
        FIELD_TYPE.MEDIUM_BLOB,
        FIELD_TYPE.LONG_BLOB,
        FIELD_TYPE.STRING,
        FIELD_TYPE.VAR_STRING,
    }
)
_BINARY_CHARSET = 63
_TO_SERVER = to_server(b"0bnrtZ")


class MySqlSession:
    """See ports/databases.Session."""

    def __init__(self, address: Address) -> None:
        self._name = str(address)
        with told(f"connect to {address}"):
            self._connection: Any = pymysql.connect(
                host=address.host,
                port=address.port,
                user=address.user,
                password=address.password,
                database=address.database or None,
                charset="utf8mb4",
                connect_timeout=address.connect_seconds,
                local_infile=True,
                autocommit=False,
                **_ssl(address),
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
        found = self._fetch(with_markers(query, Spelling.MYSQL), tuple(arguments))
        return [tuple(None if value is None else str(value) for value in row) for row in found]

    def names(self, query: str) -> Sequence[str]:
        """See ports/databases."""
        bare = query.strip().rstrip(";")
        with told(f"describe query in {self._name}"), self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({bare}) penstock LIMIT 0")
            return [column[0] for column in cursor.description]

    def run(self, statement: str, arguments: Sequence[str] = ()) -> int:
        """See ports/databases."""
        with told(f"run statement in {self._name}"), self._connection.cursor() as cursor:
            affected = cursor.execute(with_markers(statement, Spelling.MYSQL), tuple(arguments))
        return int(affected)

    def insert(self, statement: str, rows: Iterable[Row]) -> int:
        """See ports/databases."""
        query = with_markers(statement, Spelling.MYSQL)
        batches = Batches(rows)
        with self._connection.cursor() as cursor:
            for batch in batches:
                self._insert(cursor, query, batch, batches.before)
        return batches.count

    def load(self, table: Table, columns: Sequence[str], content: Iterable[bytes], separator: str) -> int:
        """See ports/databases. A server that takes no local files gets multi-row inserts."""
        names = ", ".join(map(_quoted, columns))
        if self.rows("SELECT @@GLOBAL.local_infile")[0][0] in ("0", "OFF"):
            places = ", ".join("?" for _ in columns)
            reader = Delimited(Dialect(separator))
            statement = f"INSERT INTO {self.quoted(table)} ({names}) VALUES ({places})"
            return self.insert(statement, reader.read(content, self.quoted(table)))
        with Feed(_TO_SERVER(content)) as feed:
            statement = (
                f"LOAD DATA LOCAL INFILE '{feed.path}' INTO TABLE {self.quoted(table)} CHARACTER SET utf8mb4 "
                f"FIELDS TERMINATED BY {_literal(separator)} ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' "
                f"{self._targets(table, columns)}"
            )
            return self._load(statement, f"load into {self.quoted(table)}")

    def unload(self, source: Table | str, separator: str, span: Span | None = None) -> Iterator[bytes]:
        """See ports/databases. Of a table, the server joins the fields where it can: that is faster by far."""
        if isinstance(source, Table):
            where = self._catalogue.condition(span, _literal)
            joined = self._joined(source, separator)
            if joined is not None:
                yield from self._read(f"{joined}{where}", lambda _: Joined(separator))
                return
            query = f"SELECT {', '.join(map(_quoted, source.columns))} FROM {self.quoted(source)}{where}"
        else:
            query = source.strip().rstrip(";")
        yield from self._read(query, lambda fields: Rows(separator, len(fields), _binary(fields)))

    def _joined(self, table: Table, separator: str) -> str | None:
        longest = self._fetch("SELECT @@max_allowed_packet", {})[0][0]
        found = joined_fields(self._catalogue.columns(table), int(longest), separator, _quoted)
        return None if found is None else f"SELECT {found} FROM {self.quoted(table)}"

    def _read(self, query: str, renderer: Callable[[Sequence[Any]], Rows | Joined]) -> Iterator[bytes]:
        connection = self._connection
        with told(f"read from {self._name}"):
            connection.query(query, unbuffered=True)
        result = connection._result
        with told(f"read from {self._name}"):
            yield from renderer(result.fields or ()).blocks(connection._rfile.read1)
        result.unbuffered_active = False

    def commit(self) -> None:
        """See ports/databases."""
        with told(f"commit in {self._name}"):
            self._connection.commit()

    def rollback(self) -> None:
        """See ports/databases. An unload that was left early can only be ended with its connection."""
        if self._is_reading():
            self.close()
        if self._connection.open:
            self._undo()

    def close(self) -> None:
        """See ports/databases."""
        if self._is_reading():
            self._connection._result.unbuffered_active = False  # or it would read on when it is thrown away
        self._connection._force_close()

    def _is_reading(self) -> bool:
        result = self._connection._result
        return result is not None and bool(result.unbuffered_active)

    def _undo(self) -> None:
        try:
            self._connection.rollback()
        except (pymysql.Error, OSError):
            self._connection._force_close()

    def _targets(self, table: Table, columns: Sequence[str]) -> str:
        """The column list; binary ones go through a variable, out of their hexadecimal digits."""
        types = {column.name: column.type for column in self._catalogue.columns(table)}
        binary = [number for number, name in enumerate(columns) if types.get(name) in _BINARY]
        targets = ", ".join(f"@b{number}" if number in binary else _quoted(name) for number, name in enumerate(columns))
        sets = ", ".join(f"{_quoted(columns[number])} = {_BYTES.replace('@b', f'@b{number}')}" for number in binary)
        return f"({targets}) SET {sets}" if sets else f"({targets})"

    def _load(self, statement: str, operation: str) -> int:
        with told(operation), self._connection.cursor() as cursor:
            loaded = int(cursor.execute(statement))
            cursor.execute("SHOW WARNINGS")
            refused = [row for row in cursor.fetchall() if row[0] != "Note"]
        if refused:
            raise bad_row(operation, str(refused[0][2]))
        return loaded

    def _fetch(self, query: str, arguments: Mapping[str, str | None] | Sequence[str]) -> list[tuple[Any, ...]]:
        with told(f"query {self._name}"), self._connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return list(cursor.fetchall())

    def _insert(self, cursor: Any, query: str, batch: Sequence[Row], before: int) -> None:
        """One multi-row statement; after a failure the rows go one by one, behind a savepoint, to find the culprit."""
        cursor.execute("SAVEPOINT penstock_batch")
        try:
            cursor.executemany(query, batch)
        except pymysql.Error as error:
            kind = kind_of(error)
            if kind in (Unavailable, Conflict):
                raise kind("insert", reason_of(error)) from error
        else:
            return
        cursor.execute("ROLLBACK TO SAVEPOINT penstock_batch")
        for line, row in enumerate(batch, before + 1):
            with told("insert", line):
                cursor.execute(query, row)


def _binary(found: Sequence[Any]) -> frozenset[int]:
    return frozenset(
        number for number, field in enumerate(found) if field.charsetnr == _BINARY_CHARSET and field.type_code in _BLOBS
    )


def _ssl(address: Address) -> dict[str, Any]:
    if address.tls is Tls.DISABLED:
        return {"ssl_disabled": True}
    if address.tls is Tls.PREFERRED:
        return {}
    return {"ssl": context_of(address)}


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
