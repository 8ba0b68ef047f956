"""SqlDataNode and MySqlDataNode as executors see them. Must not know how rows move."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.sql import Spelling
from chalicelib.ports.databases import Address, Databases, Engine, Session, Table
from chalicelib.ports.errors import Conflict, Missing, PortError, Rejected
from chalicelib.work.sql.addresses import address_of

_SPELLINGS = {Engine.MYSQL: Spelling.MYSQL, Engine.SQLSERVER: Spelling.BRACKETS}
SQL_NODES = frozenset({"SqlDataNode", "MySqlDataNode"})


@dataclass(frozen=True, slots=True)
class SqlNode:
    """A checked node: its table, and the statements it gives, if any."""

    name: str
    address: Address
    table: str
    schema: str | None
    select: str | None
    insert: str | None
    create: str | None

    @property
    def spelling(self) -> Spelling:
        """How the server spells strings and names."""
        return spelling_of(self.address)

    @property
    def label(self) -> str:
        """What messages call its rows."""
        return f"{self.name} ({self.table})"


def spelling_of(address: Address) -> Spelling:
    """How the server at an address spells strings and names."""
    return _SPELLINGS.get(address.engine, Spelling.STANDARD)


def keeps_notes(address: Address) -> bool:
    """Whether loads are noted there: the statements that do so are tried on these servers only."""
    return address.engine in (Engine.POSTGRESQL, Engine.MYSQL)


def sql_node(task: Task, node: PipelineObject, databases: Databases) -> SqlNode:
    """Read a node. Raises Rejected for fields that make no sense, and what the RDS API raises."""
    table = node.text("table")
    if not table:
        raise Rejected("read data node", f"{node.name} has no table")
    return SqlNode(
        node.name,
        address_of(task, node, databases),
        table,
        node.text("schemaName"),
        node.text("selectQuery"),
        node.text("insertQuery"),
        node.text("createTableSql"),
    )


@contextmanager
def connected(address: Address, databases: Databases) -> Iterator[Session]:
    """A session that is closed in the end; what was not committed is undone."""
    session = databases.open(address)
    try:
        yield session
    finally:
        session.close()


def target_table(session: Session, node: SqlNode) -> Table | None:
    """The table to write to, made by createTableSql where it is missing.

    Of several workers that find it missing at the same time one makes it, and the others take that one.
    Returns  None when it is missing and the author's insertQuery need not know it
    Raises   Missing
    """
    try:
        return session.table(node.table, node.schema)
    except Missing:
        if node.create is None and node.insert is not None:
            return None
        if node.create is None:
            raise
    return _made(session, node, node.create)


def _made(session: Session, node: SqlNode, create: str) -> Table:
    try:
        session.run(create)
    except (Rejected, Conflict) as error:
        session.rollback()
        return _made_by_another(session, node, error)
    session.commit()
    return session.table(node.table, node.schema)


def _made_by_another(session: Session, node: SqlNode, refusal: PortError) -> Table:
    try:
        return session.table(node.table, node.schema)
    except Missing:
        raise refusal from None
