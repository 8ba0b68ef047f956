"""SQL data nodes of HiveActivity and PigActivity: their rows in S3 while the script runs, and back again after it.

The script sees folders of delimited text, as it sees those of S3 data nodes. Rows come out of the database before the
first step and go into it after the last, each table as a CopyActivity would do it. The folders are beside the attempt's
log. Columns are those of the table, or of selectQuery; numbers and dates keep their kind, the rest is text.
Source: developer guide, "Table staging with Hive and staging-supported data nodes"
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import PipelineId, Ref
from chalicelib.ports.clusters import Step
from chalicelib.ports.databases import Session
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Place
from chalicelib.work.clusters.scripts import is_staged
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.copies.activity import copy_activity
from chalicelib.work.journal import log_folder
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.phases import Phase, in_phases
from chalicelib.work.sql.nodes import SQL_NODES, SqlNode, connected, sql_node, target_table
from chalicelib.work.tools import Tools

Plan = Callable[[Task, Cluster, Tools], Sequence[Step]]
_SIDES = ("input", "output")
_KINDS: Mapping[str, str] = {
    "smallint": "INT",
    "mediumint": "INT",
    "int": "INT",
    "integer": "INT",
    "bigint": "BIGINT",
    "float": "DOUBLE",
    "real": "DOUBLE",
    "double": "DOUBLE",
    "double precision": "DOUBLE",
    "date": "DATE",
}
_TYPES_QUERY = "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"


def beside_sql(plan: Plan, place: Callable[[Plan, str], Phase]) -> Phase:
    """The executor of a plan's steps where `place` runs them, with SQL data nodes staged around it."""
    plain = place(plan, "")
    around = in_phases(lambda task, _: _phases(task, plan, place))

    def run(task: Task, tools: Tools) -> Outcome:
        staged = is_staged(task, by_default=True) and any(True for _ in _sql_nodes(task))
        return (around if staged else plain)(task, tools)

    return run


def _phases(task: Task, plan: Plan, place: Callable[[Plan, str], Phase]) -> Sequence[Phase]:
    def steps(given: Task, cluster: Cluster, tools: Tools) -> Sequence[Step]:
        return plan(_with_folders(given, tools), cluster, tools)

    found = list(_sql_nodes(task))
    before = [_copying(name, node) for name, node in found if name.startswith("input")]
    behind = [_copying(name, node) for name, node in found if name.startswith("output")]
    return [*before, place(steps, ""), *behind, _swept]


def _sql_nodes(task: Task) -> Iterator[tuple[str, PipelineObject]]:
    """By the names that scripts use: `input1`, `output2`, …"""
    for side in _SIDES:
        for number, node in enumerate(task.linked(task.subject, side), 1):
            if node.type in SQL_NODES:
                yield f"{side}{number}", node


def _copying(name: str, node: PipelineObject) -> Phase:
    """The copy of one table to its folder, or back."""

    def copy(task: Task, tools: Tools) -> Outcome:
        folder, form = _folder_of(task, name, node, tools)
        ends = (node.id, folder.id) if name.startswith("input") else (folder.id, node.id)
        subject = _changed(task.subject, type="CopyActivity", input=Ref(ends[0]), output=Ref(ends[1]))
        objects = {**task.objects, folder.id: folder, form.id: form, task.attempt: subject}
        # What is noted of a load is told by its pipeline and instance; an activity may load several tables.
        own = PipelineId(f"{task.pipeline}/{name}")
        outcome = copy_activity(replace(task, pipeline=own, objects=objects), tools)
        if not isinstance(outcome, Finished):
            return outcome
        tools.journal.say(f"staged {name}: {dict(outcome.fields).get('rowsCopied')} rows of {node.name}")
        return Finished()

    return copy


def _with_folders(task: Task, tools: Tools) -> Task:
    """The task with folders in the place of SQL nodes."""
    objects = dict(task.objects)
    swapped: dict[str, str] = {}
    for name, node in _sql_nodes(task):
        folder, form = _folder_of(task, name, node, tools)
        objects |= {folder.id: folder, form.id: form}
        swapped[f"{name.rstrip('0123456789')} {node.id}"] = folder.id
    fields = tuple(_swapped(field, swapped) for field in task.subject.fields)
    subject = PipelineObject(task.subject.id, task.subject.name, fields)
    return replace(task, objects={**objects, task.attempt: subject})


def _swapped(field: Field, swapped: Mapping[str, str]) -> Field:
    if isinstance(field.value, Ref) and f"{field.key} {field.value.id}" in swapped:
        return Field(field.key, Ref(swapped[f"{field.key} {field.value.id}"]))
    return field


def _folder_of(task: Task, name: str, node: PipelineObject, tools: Tools) -> tuple[PipelineObject, PipelineObject]:
    """An S3 data node for the table, and its format: the dialect that CopyActivity, Hive and Pig have in common."""
    place = _staging(task).child(f"{name}/")
    found = sql_node(task, node, tools.databases)
    with connected(found.address, tools.databases) as session:
        columns = list(_columns(session, found, is_input=name.startswith("input")))
    form = PipelineObject(f"{node.id} {name} format", node.name, (Field("type", "CSV"), *_fields("column", columns)))
    described = {"type": "S3DataNode", "directoryPath": str(place)}
    fields = tuple(Field(key, value) for key, value in described.items())
    return PipelineObject(f"{node.id} {name}", node.name, (*fields, Field("dataFormat", Ref(form.id)))), form


def _columns(session: Session, node: SqlNode, *, is_input: bool) -> Iterator[str]:
    """`name TYPE` for each."""
    if is_input and node.select is not None:
        yield from (f"{name} STRING" for name in session.names(node.select))
        return
    table = session.table(node.table, node.schema) if is_input else target_table(session, node)
    if table is None:
        raise Rejected("stage", f"{node.name}: its table {node.table} has to exist, so that its columns are known")
    kinds = {str(name): str(kind).lower() for name, kind in session.rows(_TYPES_QUERY, (table.schema, table.name))}
    yield from (f"{name} {_KINDS.get(kinds.get(name, ''), 'STRING')}" for name in table.columns)


def _swept(task: Task, tools: Tools) -> Outcome:
    """Delete what was staged; what a failed attempt staged stays beside its log."""
    place = _staging(task)
    for listed in list(tools.objects.list(place)):
        tools.objects.delete(Place(place.bucket, listed.key))
    return Finished()


def _staging(task: Task) -> Place:
    folder = log_folder(task)
    if folder is None:
        raise Rejected("stage", f"{task.subject.name}: SQL data nodes are staged beside the log; set pipelineLogUri")
    return folder.child("staging/")


def _changed(subject: PipelineObject, **values: str | Ref) -> PipelineObject:
    kept = tuple(field for field in subject.fields if field.key not in values)
    return PipelineObject(subject.id, subject.name, (*kept, *(Field(key, value) for key, value in values.items())))


def _fields(key: str, values: Sequence[str]) -> tuple[Field, ...]:
    return tuple(Field(key, value) for value in values)
