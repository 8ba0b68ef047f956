"""What the warehouse's catalogue says of a table, which is made by createTableSql where it is missing."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.warehouse import Row
from chalicelib.work.redshift.dialogue import Broken, Dialogue
from chalicelib.work.redshift.nodes import RedshiftNode
from chalicelib.work.redshift.sql import Column, Target, columns_query, primary_key_query, qualified


def ensured(
    node: RedshiftNode, dialogue: Dialogue, role: str, creation: Callable[[], str | None] | None = None
) -> Target:
    """The node's table. Of several workers that find it missing, one makes it, and the others take that one.

    creation  gives the statement that makes it; the node's createTableSql if none
    role    what the table is in the task (`output`), to tell the steps apart
    Raises  Missing when it is not there and nothing makes it
    """
    columns = _columns(node, dialogue, f"look at {role}")
    create = (node.create if creation is None else creation()) if not columns else None
    if create is not None:
        columns = _created(node, dialogue, role, create)
    if not columns:
        made = "createTableSql made another one: it must name the schema, too" if create else "no createTableSql"
        raise Missing(f"find {node.name}", f"there is no table {node}, and {made}")
    return Target(node.schema, node.table, columns)


def _created(node: RedshiftNode, dialogue: Dialogue, role: str, create: str) -> tuple[Column, ...]:
    try:
        dialogue.each(f"create {role}", create)
    except Broken:
        columns = _columns(node, dialogue, f"look at {role} that another may have created")
        if not columns:
            raise
        return columns
    return _columns(node, dialogue, f"look at created {role}")


def with_keys(found: Target, node: RedshiftNode, dialogue: Dialogue) -> Target:
    """The table with the columns that its rows are matched by.

    Those are the author's primaryKeys; or else the table's primary key with its distribution and sort keys.
    Raises   Rejected for primaryKeys that are no columns
    """
    if node.keys:
        _check_columns(found, node)
        return replace(found, primary=node.keys, match=node.keys)
    rows = dialogue.rows("look at primary key", primary_key_query(node.schema, node.table))
    primary = tuple(str(row[0]) for row in rows)
    spread = [item.name for item in found.writable.columns if item.distributes or item.sort]
    return replace(found, primary=primary, match=tuple(dict.fromkeys((*primary, *spread))))


def _columns(node: RedshiftNode, dialogue: Dialogue, step: str) -> tuple[Column, ...]:
    qualified(node.schema, node.table)  # refuses what can be no table's name
    rows = dialogue.rows(step, columns_query(node.warehouse.database, node.schema, node.table))
    return tuple(map(_column, rows))


def _column(row: Row) -> Column:
    name, kind, nullable, distributes, sort, default = row
    numbered = (default or "").lstrip('"').startswith("identity")
    place = abs(int(sort or 0))
    return Column(str(name), str(kind).lower(), _is_true(nullable), _is_true(distributes), place, numbered)


def _is_true(value: str | None) -> bool:
    return str(value).lower() in ("true", "t", "yes", "1")


def _check_columns(found: Target, node: RedshiftNode) -> None:
    known = [item.name for item in found.columns]
    strange: Sequence[str] = [key for key in node.keys if key not in known]
    if strange:
        raise Rejected("read primaryKeys", f"{node.name} names {', '.join(strange)}: of {', '.join(known)} expected")
