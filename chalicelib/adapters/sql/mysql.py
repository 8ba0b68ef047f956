"""A MySQL or MariaDB session over PyMySQL. Owns its catalogue queries and LOAD DATA; must not know what is copied.

LOAD DATA LOCAL turns bad values into warnings and goes on; here any warning is a refusal, and the caller rolls back.
"""

import os
import re
import ssl
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE

from chalicelib.adapters.sql.batches import Batches
from chalicelib.adapters.sql.mysql_rows import Rows
from chalicelib.adapters.sql.rewrite import to_server
from chalicelib.domain.dialect import Dialect
from chalicelib.domain.sql import Spelling, with_markers
from chalicelib.ports.databases import Address, BadRow, Row, Table, Tls
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Unavailable
from chalicelib.transfer.formats.delimited import Delimited

_CODES: dict[int, type[PortError]] = {
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1370, 1698, 2026), Denied),
    **dict.fromkeys((1049, 1051, 1146), Missing),
    **dict.fromkeys((1205, 1213, 1020), Conflict),
    **dict.fromkeys((0, 1017, 1040, 1053, 1077, 1129, 1152, 1158, 1159, 1160, 1161, 1203, 1317, 1927), Unavailable),
    **dict.fromkeys((2003, 2006, 2013, 2055, 4031), Unavailable),
}
_ROW = re.compile(r"(?:at row|Row) (\d+)")
_COLUMN = re.compile(r"column '?(?:`[^`]*`\.`[^`]*`\.`([^`]*)`|([^' ]*))")
_TABLE = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE lower(table_name) = lower(%s) AND lower(table_schema) = lower(coalesce(%s, database()))
    ORDER BY table_name = %s DESC LIMIT 1"""
_COLUMNS = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s AND coalesce(extra, '') NOT LIKE '%%GENERATED%%'
    ORDER BY ordinal_position"""
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
        with _told(f"connect to {address}"):
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

    def table(self, name: str, schema: str | None) -> Table:
        """See ports/databases."""
        owner, _, plain = (name if schema is None else f"{schema}.{name}").rpartition(".")
        found = self._fetch(_TABLE, (plain, owner or None, plain))
        if not found:
            raise Missing(f"find table in {self._name}", f"there is no table {name}" + (f" in {schema}" * bool(schema)))
        columns = self._fetch(_COLUMNS, found[0])
        return Table(str(found[0][0]), str(found[0][1]), tuple(str(row[0]) for row in columns))

    def quoted(self, table: Table) -> str:
        """See ports/databases."""
        return f"{_quoted(table.schema)}.{_quoted(table.name)}"

    def rows(self, query: str, arguments: Sequence[str] = ()) -> Sequence[Row]:
        """See ports/databases."""
        found = self._fetch(with_markers(query, Spelling.MYSQL), tuple(arguments))
        return [tuple(None if value is None else str(value) for value in row) for row in found]

    def run(self, statement: str, arguments: Sequence[str] = ()) -> int:
        """See ports/databases."""
        with _told(f"run statement in {self._name}"), self._connection.cursor() as cursor:
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
        with _Feed(_TO_SERVER(content)) as feed:
            statement = (
                f"LOAD DATA LOCAL INFILE '{feed.path}' INTO TABLE {self.quoted(table)} CHARACTER SET utf8mb4 "
                f"FIELDS TERMINATED BY {_literal(separator)} ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' "
                f"{self._targets(table, columns)}"
            )
            return self._load(statement, f"load into {self.quoted(table)}")

    def unload(self, source: Table | str, separator: str) -> Iterator[bytes]:
        """See ports/databases."""
        query = self._select(source) if isinstance(source, Table) else source.strip().rstrip(";")
        connection = self._connection
        with _told(f"read from {self._name}"):
            connection.query(query, unbuffered=True)
        result = connection._result
        fields = result.fields or ()
        with _told(f"read from {self._name}"):
            yield from Rows(separator, len(fields), _binary(fields)).blocks(connection._rfile.read1)
        result.unbuffered_active = False

    def commit(self) -> None:
        """See ports/databases."""
        with _told(f"commit in {self._name}"):
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

    def _select(self, table: Table) -> str:
        return f"SELECT {', '.join(map(_quoted, table.columns))} FROM {self.quoted(table)}"

    def _targets(self, table: Table, columns: Sequence[str]) -> str:
        """The column list; binary ones go through a variable, out of their hexadecimal digits."""
        types = dict(self._fetch(_COLUMNS, (table.schema, table.name)))
        binary = [number for number, name in enumerate(columns) if types.get(name) in _BINARY]
        targets = ", ".join(f"@b{number}" if number in binary else _quoted(name) for number, name in enumerate(columns))
        sets = ", ".join(f"{_quoted(columns[number])} = {_BYTES.replace('@b', f'@b{number}')}" for number in binary)
        return f"({targets}) SET {sets}" if sets else f"({targets})"

    def _load(self, statement: str, operation: str) -> int:
        with _told(operation), self._connection.cursor() as cursor:
            loaded = int(cursor.execute(statement))
            cursor.execute("SHOW WARNINGS")
            refused = [row for row in cursor.fetchall() if row[0] != "Note"]
        if refused:
            raise _bad_row(operation, str(refused[0][2]))
        return loaded

    def _fetch(self, query: str, arguments: Sequence[str | None]) -> list[tuple[Any, ...]]:
        with _told(f"query {self._name}"), self._connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return list(cursor.fetchall())

    def _insert(self, cursor: Any, query: str, batch: Sequence[Row], before: int) -> None:
        """One multi-row statement; after a failure the rows go one by one, behind a savepoint, to find the culprit."""
        cursor.execute("SAVEPOINT penstock_batch")
        try:
            cursor.executemany(query, batch)
        except pymysql.Error as error:
            kind = _kind(error)
            if kind in (Unavailable, Conflict):
                raise kind("insert", _reason(error)) from error
        else:
            return
        cursor.execute("ROLLBACK TO SAVEPOINT penstock_batch")
        for line, row in enumerate(batch, before + 1):
            with _told("insert", line):
                cursor.execute(query, row)


class _Feed:
    """A pipe that LOAD DATA LOCAL reads as a file, filled by a thread.

    The error that stopped the filling is raised at the end: to the server a broken feed looks like the file's end.
    """

    def __init__(self, content: Iterable[bytes]) -> None:
        self._content = content
        self._source, self._sink = os.pipe()
        self._thread = threading.Thread(target=self._fill, daemon=True)
        self._error: BaseException | None = None
        self.path = f"/dev/fd/{self._source}"

    def __enter__(self) -> "_Feed":
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        os.close(self._source)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _fill(self) -> None:
        try:
            self._pour()
        except BrokenPipeError:
            return  # the reader stopped early, and says why
        except Exception as error:  # noqa: BLE001  # carried to the thread that asked for the load
            self._error = error

    def _pour(self) -> None:
        with open(self._sink, "wb", buffering=0) as sink:
            for block in self._content:
                waiting = memoryview(block)
                while waiting:
                    waiting = waiting[sink.write(waiting) :]


@contextmanager
def _told(operation: str, line: int | None = None) -> Iterator[None]:
    """Whatever the driver raises inside, as a port error."""
    try:
        yield
    except (pymysql.Error, OSError) as error:
        kind, reason = _kind(error), _reason(error)
        if line is not None and kind is Rejected:
            raise BadRow(operation, reason, line, _column(reason)) from error
        raise kind(operation, reason) from error


def _kind(error: Exception) -> type[PortError]:
    if isinstance(error, (pymysql.err.InterfaceError, OSError)):
        return Unavailable
    return _CODES.get(error.args[0], Rejected) if error.args else Unavailable


def _reason(error: Exception) -> str:
    return str(error.args[1] if len(error.args) > 1 else error)


def _bad_row(operation: str, reason: str) -> BadRow:
    row = _ROW.search(reason)
    return BadRow(operation, reason, int(row[1]) if row else None, _column(reason))


def _column(reason: str) -> str | None:
    match = _COLUMN.search(reason)
    return (match[1] or match[2]) if match else None


def _binary(found: Sequence[Any]) -> frozenset[int]:
    return frozenset(
        number for number, field in enumerate(found) if field.charsetnr == _BINARY_CHARSET and field.type_code in _BLOBS
    )


def _ssl(address: Address) -> dict[str, Any]:
    if address.tls is Tls.DISABLED:
        return {"ssl_disabled": True}
    if address.tls is Tls.PREFERRED:
        return {}
    context = ssl.create_default_context(cafile=address.root)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # RDS's authorities lack what it asks for
    context.check_hostname = address.tls is Tls.VERIFY_IDENTITY
    if address.tls is Tls.REQUIRED:
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
