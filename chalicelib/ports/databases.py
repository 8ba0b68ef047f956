"""SQL databases, in the vocabulary of tables, queries and delimited text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from chalicelib.ports.errors import PortError

Row = tuple[str | None, ...]


class Engine(Enum):
    """What kind of server it is."""

    POSTGRESQL = "PostgreSQL"
    MYSQL = "MySQL"
    ORACLE = "Oracle"
    SQLSERVER = "SQL Server"


class Tls(Enum):
    """How much a connection's encryption has to prove."""

    DISABLED = "never encrypted"
    PREFERRED = "encrypted when the server can"
    REQUIRED = "encrypted, by whatever certificate"
    VERIFY_CA = "encrypted, by a certificate of a known authority"
    VERIFY_IDENTITY = "encrypted, by a certificate of a known authority for this host"


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach one database.

    root            file with the certificates of the authorities to trust; None is the system's
    connect_seconds how long a server may take to answer at first
    settings        session settings by name, for servers that have them
    """

    engine: Engine
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    tls: Tls = Tls.PREFERRED
    root: str | None = None
    connect_seconds: int = 10
    settings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.engine.value} {self.host}:{self.port}/{self.database}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a managed instance listens. `database` is the one it was created with, if any."""

    engine: Engine
    host: str
    port: int
    database: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """An existing table, named as the server spells it. `columns` are in the table's order."""

    schema: str
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key of one column, whose values compare alike here and there and can be written as text.

    whole       it holds whole numbers
    rows, size  about how many rows the table has, and bytes
    """

    column: str
    whole: bool
    rows: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of a table whose key is `first` or behind it, and before `stop`; None is an open end."""

    key: Key
    first: str | None
    stop: str | None


@dataclass(unsafe_hash=True)
class BadRow(PortError):
    """The server refused one record of what it was given.

    line    number of the record from 1; None when the server does not say
    column  its name, where the server says
    """

    line: int | None
    column: str | None


class Session(Protocol):
    """One connection, one transaction at a time. For one thread.

    Every method raises Denied, Missing, Rejected, Conflict (a deadlock: do it again) or Unavailable (the connection
    is lost, and with it the transaction).
    """

    def table(self, name: str, schema: str | None) -> Table:
        """Find a table as SQL would, whatever the case of its name; `name` may be `schema.table`. Missing if none."""

    def quoted(self, table: Table) -> str:
        """The table's name as SQL text."""

    def rows(self, query: str, arguments: Sequence[str] = ()) -> Sequence[Row]:
        """A small result, all at once. `?` takes an argument."""

    def names(self, query: str) -> Sequence[str]:
        """The names of a query's columns; it is not run to its end."""

    def run(self, statement: str, arguments: Sequence[str] = ()) -> int:
        """Run a statement and return the rows it affected, 0 where that means nothing. `?` takes an argument."""

    def insert(self, statement: str, rows: Iterable[Row]) -> int:
        """Run a statement with `?` placeholders once per row; returns the rows given.

        Raises   BadRow naming the row, counted from 1
        """

    def load(self, table: Table, columns: Sequence[str], content: Iterable[bytes], separator: str) -> int:
        """Add records to the table by the server's bulk path; returns how many. The caller ends the transaction.

        content  blocks of whole records: LF behind each, backslash takes the next character literally, `\\N` is NULL
        Raises   BadRow for the first that the server refuses, and whatever reading `content` raises
        """

    def key(self, table: Table) -> Key | None:
        """What the table can be cut by; None when it has no such key."""

    def bound(self, table: Table, key: Key, first: str | None, rows: int) -> str | None:
        """The key that comes so many rows behind `first`, None being the smallest; None when there are fewer."""

    def unload(self, source: Table | str, separator: str, span: Span | None = None) -> Iterator[bytes]:
        """A query's result, or all columns of a table, as blocks of whole records, written as `load` reads them.

        span  only these rows, of a table; in any order

        Binary values are `\\x` and hexadecimal digits. To be read to its end, or followed by `rollback`.
        """

    def commit(self) -> None:
        """End the transaction and keep what it did."""

    def rollback(self) -> None:
        """End the transaction and undo what it did. Never raises: a lost connection undoes it, too."""

    def close(self) -> None:
        """End the connection; an open transaction is undone. Never raises."""


class Databases(Protocol):
    """Connections, and addresses of managed instances."""

    def open(self, address: Address) -> Session:
        """Connect.

        Raises   Denied for a wrong user or password, Unavailable when nobody answers, Missing for an unknown database
        """

    def find(self, instance: str, region: str | None) -> Endpoint:
        """A DB instance of Amazon RDS by its identifier; without a region, in the service's own.

        Raises   Missing, Denied, Throttled, Unavailable; Rejected for an engine that there is no driver for, and for
                 an instance that has no endpoint yet
        """

    def secret(self, arn: str) -> str:
        """The password that Secrets Manager keeps: `password` of a JSON object, or the whole text.

        Raises   Missing, Denied, Throttled, Unavailable; Rejected for a secret that is neither
        """
