"""RedshiftCopyActivity: loads from S3, DynamoDB and Redshift into Redshift, unloads from Redshift to S3.

A load is one transaction: it has happened as a whole or not at all, and once in a series of attempts (see
redshift_dialogue). What it says is in redshift_sql.
"""

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.warehouse import Statement
from chalicelib.work.object_nodes import is_object_node
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.redshift.dialogue import Dialogue, converse
from chalicelib.work.redshift.nodes import NODE, RedshiftNode, redshift_node
from chalicelib.work.redshift.options import (
    source_of,
    storage_options,
    table_options,
    target_of,
    unload_options,
    written_options,
)
from chalicelib.work.redshift.source import creation
from chalicelib.work.redshift.sql import (
    STAGING,
    InsertMode,
    Target,
    authority,
    copy,
    load,
    query_group,
    select_all,
    unload,
)
from chalicelib.work.redshift.tables import ensured, with_keys
from chalicelib.work.tools import Tools

_WHAT = "plan RedshiftCopyActivity"


def redshift_copy(task: Task, tools: Tools) -> Outcome:
    """Load or unload. Raises Rejected for nodes and fields that make no sense, Missing for what is not there."""
    source, target = _node(task, "input"), _node(task, "output")
    if target.type == NODE:
        into = redshift_node(task, target)
        return converse(task, tools, into.warehouse, lambda dialogue: _load(task, tools, source, into, dialogue))
    if source.type == NODE and target.type == "S3DataNode":
        of = redshift_node(task, source)
        return converse(task, tools, of.warehouse, lambda dialogue: _unload(task, tools, of, target, dialogue))
    raise Rejected(
        _WHAT,
        f"input {source.name} is a {source.type}, output {target.name} a {target.type}: S3DataNode, DynamoDBDataNode "
        f"or {NODE} to {NODE}, or {NODE} to S3DataNode expected",
    )


def _load(task: Task, tools: Tools, source: PipelineObject, into: RedshiftNode, dialogue: Dialogue) -> Outcome:
    mode = _mode(task)
    target = ensured(into, dialogue, "output", lambda: creation(task, tools, into))
    if mode.matches:
        target = with_keys(target, into, dialogue)
    if source.type == NODE:
        fill = _select(redshift_node(task, source), into, target, dialogue)
    else:
        fill = _copy(task, tools, source, into)
    sqls = (
        *query_group(task.subject.text("queue")),
        *load(target, fill, mode, task.subject.text("transformSql")),
    )
    done = dialogue.once("load", sqls)
    return _finished(done, tools, f"{mode.value} into {into}", "rowsInserted")


def _copy(task: Task, tools: Tools, source: PipelineObject, into: RedshiftNode) -> str:
    """The statement that fills the staging table from outside."""
    options = written_options(task, source, tools.journal)
    told = authority(into.role, options)
    if source.type == "DynamoDBDataNode":
        table = source.text("tableName") or ""
        return copy(f"dynamodb://{table}", (*told, *table_options(source, options)))
    if not is_object_node(source):
        raise Rejected(_WHAT, f"input {source.name} is a {source.type}: S3DataNode or DynamoDBDataNode expected")
    address, manifest = source_of(source, tools.objects)
    return copy(address, (*told, *manifest, *storage_options(task, source, options)))


def _select(source: RedshiftNode, into: RedshiftNode, target: Target, dialogue: Dialogue) -> str:
    """The statement that fills it from another table."""
    if source.warehouse != into.warehouse:
        raise Rejected(_WHAT, f"{source} and {into} are in different databases: unload to S3 and load from there")
    found = ensured(source, dialogue, "input")
    rows = found if target.writable == target else found.writable
    return f"INSERT INTO {STAGING} {select_all(rows)}"


def _unload(task: Task, tools: Tools, source: RedshiftNode, target: PipelineObject, dialogue: Dialogue) -> Outcome:
    if task.subject.text("transformSql") is not None:
        raise Rejected(_WHAT, "transformSql given for an unload: it reads the staging table of a load")
    found = ensured(source, dialogue, "input")
    options = written_options(task, target, tools.journal)
    address = target_of(target)
    told = (*authority(source.role, options), *unload_options(task, target, options))
    sqls = (*query_group(task.subject.text("queue")), unload(select_all(found), address, told))
    return _finished(dialogue.once("unload", sqls), tools, f"unload of {source} to {address}", "rowsUnloaded")


def _finished(done: Statement, tools: Tools, what: str, counted: str) -> Finished:
    """The last statement's rows are the ones that count."""
    rows = done.rows[-1] if done.rows else -1
    tools.journal.say(f"{what}: {rows} rows")
    told = ((counted, str(rows)),) if rows >= 0 else ()
    return Finished((("redshiftStatementId", done.id), *told))


def _mode(task: Task) -> InsertMode:
    given = task.subject.text("insertMode") or ""
    try:
        return InsertMode(given)
    except ValueError as error:
        known = ", ".join(mode.value for mode in InsertMode)
        raise Rejected(_WHAT, f"insertMode '{given}' given, one of {known} expected") from error


def _node(task: Task, side: str) -> PipelineObject:
    nodes = task.linked(task.subject, side)
    if len(nodes) != 1:
        raise Rejected(_WHAT, f"one {side} expected, {len(nodes)} given")
    return nodes[0]
