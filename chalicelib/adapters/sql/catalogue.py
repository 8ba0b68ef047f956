"""Tables, columns and keys out of a server's catalogue. Owns how a name is looked up; must not know the servers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.ports.databases import Key, Row, Span, Table
from chalicelib.ports.errors import Missing


@dataclass(frozen=True, slots=True)
class Queries:
    """What to ask a server. Their parameters are `name` and `schema`.

    table    schema and name of the best match as SQL would find it, whatever the case; schema may be NULL
    columns  name, type and most characters (NULL where that means nothing) of those that can be written, in order
    key      column, type, rows and bytes of the primary key; one row per column of it; empty: do not ask
    whole    types of keys that hold whole numbers
    text     types of keys that hold anything else that can be written and compared as text
    """

    table: str
    columns: str
    key: str
    whole: frozenset[str]
    text: frozenset[str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `characters` is the most that it can hold, None where that means nothing."""

    name: str
    type: str
    characters: int | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One session's view.

    server  its name, for messages
    fetch   runs a query with named parameters
    quoted  a name as SQL text
    """

    server: str
    queries: Queries
    fetch: Callable[[str, Mapping[str, str | None]], Sequence[tuple[Any, ...]]]
    quoted: Callable[[str], str]

    def table(self, name: str, schema: str | None) -> Table:
        """See ports/databases.Session."""
        owner, _, plain = (name if schema is None else f"{schema}.{name}").rpartition(".")
        found = self.fetch(self.queries.table, {"name": plain, "schema": owner or None})
        if not found:
            raise Missing(
                f"find table in {self.server}", f"there is no table {name}" + (f" in {schema}" * bool(schema))
            )
        table = Table(str(found[0][0]), str(found[0][1]), ())
        return Table(table.schema, table.name, tuple(column.name for column in self.columns(table)))

    def columns(self, table: Table) -> Sequence[Column]:
        """Those that can be written, in the table's order."""
        found = self.fetch(self.queries.columns, {"name": table.name, "schema": table.schema})
        return [Column(str(name), str(kind), None if most is None else int(most)) for name, kind, most in found]

    def key(self, table: Table) -> Key | None:
        """See ports/databases.Session."""
        if not self.queries.key:
            return None
        found = self.fetch(self.queries.key, {"name": table.name, "schema": table.schema})
        if len(found) != 1:
            return None
        column, kind, rows, size = found[0]
        if kind not in self.queries.whole | self.queries.text:
            return None
        return Key(str(column), kind in self.queries.whole, max(0, int(rows or 0)), int(size or 0))

    def qualified(self, table: Table) -> str:
        """The table's name as SQL text."""
        return f"{self.quoted(table.schema)}.{self.quoted(table.name)}"

    def bound(
        self, table: Table, key: Key, first: str | None, rows: int, ask: Callable[[str, Sequence[str]], Sequence[Row]]
    ) -> str | None:
        """See ports/databases.Session."""
        column = self.quoted(key.column)
        where = "" if first is None else f" WHERE {column} >= " + (first if key.whole else "?")
        arguments = [] if first is None or key.whole else [first]
        query = f"SELECT {column} FROM {self.qualified(table)}{where} ORDER BY {column} LIMIT 1 OFFSET {rows}"
        found = ask(query, arguments)
        return found[0][0] if found else None

    def condition(self, span: Span | None, literal: Callable[[str], str]) -> str:
        """A span as a WHERE clause with a blank before it; nothing for all rows."""
        if span is None:
            return ""
        column = self.quoted(span.key.column)
        ends = [(">=", span.first), ("<", span.stop)]
        tests = [f"{column} {sign} {end if span.key.whole else literal(end)}" for sign, end in ends if end is not None]
        return f" WHERE {' AND '.join(tests)}" if tests else ""
