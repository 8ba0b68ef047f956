"""A session over any driver of Python's database interface. Owns what PEP 249 leaves open; must not know servers.

Rows go in by multi-row inserts and come out one by one: for servers whose drivers have no bulk path.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.adapters.sql.batches import Batches
from chalicelib.adapters.sql.catalogue import Catalogue, Queries
from chalicelib.domain.dialect import Dialect
from chalicelib.ports.databases import BadRow, Key, Row, Span, Table
from chalicelib.ports.errors import Conflict, PortError, Rejected, Unavailable
from chalicelib.transfer.formats.delimited import Delimited

_NAMED = re.compile(r"%\((\w+)\)s")
_FETCH = 1_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a driver and its server want to be spoken to.

    written   a statement with `?` as the driver wants it, for so many arguments
    marker    the placeholder of argument number n, from 1
    errors    what the driver raises
    kind      which of the port's errors that is
    savepoint, undo  statements that set a mark in the transaction, and go back to it
    """

    queries: Queries
    written: Callable[[str, int], str]
    marker: Callable[[int], str]
    quoted: Callable[[str], str]
    errors: tuple[type[Exception], ...]
    kind: Callable[[Exception], type[PortError]]
    savepoint: str
    undo: str


class DbApiSession:
    """See ports/databases.Session. `connection` is open and begins transactions by itself."""

    def __init__(self, connection: Any, name: str, manner: Manner) -> None:
        self._connection = connection
        self._name = name
        self._manner = manner
        self._catalogue = Catalogue(name, manner.queries, self._named, manner.quoted)

    def table(self, name: str, schema: str | None) -> Table:
        """See ports/databases."""
        return self._catalogue.table(name, schema)

    def quoted(self, table: Table) -> str:
        """See ports/databases."""
        return self._catalogue.qualified(table)

    def key(self, _: Table) -> Key | None:
        """See ports/databases. Tables are read at once: cuts have been tried on no such server."""
        return None

    def bound(self, *_: object) -> str | None:
        """See ports/databases. Without keys there are no bounds."""
        return None

    def rows(self, query: str, arguments: Sequence[str] = ()) -> Sequence[Row]:
        """See ports/databases."""
        found = self._fetched(self._manner.written(query, len(arguments)), arguments)
        return [tuple(map(text_of, row)) for row in found]

    def names(self, query: str) -> Sequence[str]:
        """See ports/databases."""
        bare = query.strip().rstrip(";")
        with self._told(f"describe query in {self._name}"), self._cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({bare}) penstock WHERE 1 = 0")
            return [str(column[0]) for column in cursor.description]

    def run(self, statement: str, arguments: Sequence[str] = ()) -> int:
        """See ports/databases."""
        with self._told(f"run statement in {self._name}"), self._cursor() as cursor:
            cursor.execute(self._manner.written(statement, len(arguments)), tuple(arguments))
            return max(int(cursor.rowcount), 0)

    def insert(self, statement: str, rows: Iterable[Row]) -> int:
        """See ports/databases."""
        batches = Batches(rows)
        with self._cursor() as cursor:
            for batch in batches:
                self._insert(cursor, self._manner.written(statement, len(batch[0])), batch, batches.before)
        return batches.count

    def load(self, table: Table, columns: Sequence[str], content: Iterable[bytes], separator: str) -> int:
        """See ports/databases."""
        names = ", ".join(map(self._manner.quoted, columns))
        statement = f"INSERT INTO {self.quoted(table)} ({names}) VALUES ({', '.join('?' for _ in columns)})"
        return self.insert(statement, Delimited(Dialect(separator)).read(content, self.quoted(table)))

    def unload(self, source: Table | str, separator: str, _: Span | None = None) -> Iterator[bytes]:
        """See ports/databases."""
        if isinstance(source, Table):
            query = f"SELECT {', '.join(map(self._manner.quoted, source.columns))} FROM {self.quoted(source)}"
        else:
            query = source.strip().rstrip(";")
        return Delimited(Dialect(separator)).write(self._streamed(query))

    def commit(self) -> None:
        """See ports/databases."""
        with self._told(f"commit in {self._name}"):
            self._connection.commit()

    def rollback(self) -> None:
        """See ports/databases."""
        try:
            self._connection.rollback()
        except self._manner.errors:
            self.close()

    def close(self) -> None:
        """See ports/databases."""
        try:
            self._connection.close()
        except self._manner.errors:
            return  # it is closed, then

    def _streamed(self, query: str) -> Iterator[Row]:
        with self._told(f"read from {self._name}"), self._cursor() as cursor:
            cursor.execute(query)
            while batch := cursor.fetchmany(_FETCH):
                yield from (tuple(map(text_of, row)) for row in batch)

    def _named(self, query: str, arguments: Mapping[str, str | None]) -> list[tuple[Any, ...]]:
        names = _NAMED.findall(query)
        numbers = iter(range(1, len(names) + 1))
        written = _NAMED.sub(lambda _: self._manner.marker(next(numbers)), query)
        return self._fetched(written, [arguments[name] for name in names])

    def _fetched(self, query: str, arguments: Sequence[str | None]) -> list[tuple[Any, ...]]:
        with self._told(f"query {self._name}"), self._cursor() as cursor:
            cursor.execute(query, tuple(arguments))
            return list(cursor.fetchall())

    def _insert(self, cursor: Any, query: str, batch: Sequence[Row], before: int) -> None:
        """One batch; after a failure the rows go one by one, behind a savepoint, to find the culprit."""
        cursor.execute(self._manner.savepoint)
        try:
            cursor.executemany(query, batch)
        except self._manner.errors as error:
            kind = self._manner.kind(error)
            if kind in (Unavailable, Conflict):
                raise kind("insert", str(error)) from error
        else:
            return
        cursor.execute(self._manner.undo)
        for line, row in enumerate(batch, before + 1):
            with self._told("insert", line):
                cursor.execute(query, row)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def _told(self, operation: str, line: int | None = None) -> Iterator[None]:
        try:
            yield
        except self._manner.errors as error:
            kind = self._manner.kind(error)
            if line is not None and kind is Rejected:
                raise BadRow(operation, str(error), line, None) from error
            raise kind(operation, str(error)) from error


def text_of(value: object) -> str | None:
    """A driver's value as the other servers write it."""
    return None if value is None else _written(value)


def _written(value: object) -> str:
    match value:
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case bool():
            return str(int(value))
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)
