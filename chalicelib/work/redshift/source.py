"""The table of an SQL database that a Redshift table is made after. Must not know how rows move."""

from collections.abc import Sequence

from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Engine, Row, Session, Table
from chalicelib.ports.errors import Rejected
from chalicelib.work.redshift.nodes import RedshiftNode
from chalicelib.work.redshift.types import SourceColumn, create_table
from chalicelib.work.sql.nodes import SQL_NODES, connected, sql_node
from chalicelib.work.tools import Tools

_COLUMNS = {
    Engine.MYSQL: (
        "SELECT column_name, column_type, is_nullable, column_key = 'PRI' FROM information_schema.columns"
        " WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position"
    ),
    Engine.POSTGRESQL: (
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, EXISTS (SELECT 1 FROM pg_index i"
        " WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)) FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
    ),
}


def creation(task: Task, tools: Tools, into: RedshiftNode) -> str | None:
    """The statement that makes the output: its createTableSql, or one after the activity's `createTableFrom`."""
    linked = task.linked(task.subject, "createTableFrom")
    if into.create is not None or not linked:
        return into.create
    if linked[0].type not in SQL_NODES:
        raise Rejected("read createTableFrom", f"{linked[0].name} is a {linked[0].type}: SqlDataNode expected")
    node = sql_node(task, linked[0], tools.databases)
    with connected(node.address, tools.databases) as session:
        columns = _columns(session, node.address.engine, session.table(node.table, node.schema))
    return create_table(node.address.engine, into.schema, into.table, columns, task.subject.texts("columnTypes"))


def _columns(session: Session, engine: Engine, table: Table) -> Sequence[SourceColumn]:
    return [_column(row) for row in session.rows(_COLUMNS[engine], (table.schema, table.name))]


def _column(row: Row) -> SourceColumn:
    name, kind, nullable, key = map(str, row)
    return SourceColumn(name, kind, nullable in ("YES", "True", "t", "true"), key in ("1", "True", "t", "true"))
