"""HiveCopyActivity: DynamoDB tables and their exports in S3, filtered, without a cluster. Must not know how items move.

Source: developer guide, "HiveCopyActivity", "DynamoDBExportDataFormat"
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.predicate.parser import compile_predicate
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Place, parse_directory, parse_place
from chalicelib.ports.tables import Item, TableExport
from chalicelib.work.copies.routes import encryption_of
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.preconditions import required
from chalicelib.work.tables.copy import TableCopy
from chalicelib.work.tables.export import Export
from chalicelib.work.tables.jobs import Job, finish_job, run_chunk, run_jobs
from chalicelib.work.tables.lanes import Side
from chalicelib.work.tables.native_export import (
    NativeExports,
    export_natively,
    is_asked_for,
    is_exporting,
    told,
    windows_of,
)
from chalicelib.work.tables.restore import Import
from chalicelib.work.tables.steps import export_owner, export_run
from chalicelib.work.tools import Tools

_WHAT = "plan copy"
_TABLE, _FOLDER = "DynamoDBDataNode", "S3DataNode"
_FORMATS = ("DynamoDBExportDataFormat", "DynamoDBDataFormat")
_DEFAULT_RATIO = "0.5"


def hive_copy(task: Task, tools: Tools) -> Outcome:
    """Copy what the filter keeps.

    Raises   Rejected for nodes or formats that such a copy cannot have, BadPredicate for the filter
    """
    if not is_asked_for(task.subject):
        return run_jobs([_job(task)], task, tools)
    source, target = _node(task, "input"), _node(task, "output")
    if source.type != _TABLE:
        raise Rejected(_WHAT, f"exportType is for a DynamoDBDataNode as input, {source.name} is a {source.type}")
    return _to_folder(task, tools) if target.type == _FOLDER else _by_exports(task, tools)


def _to_folder(task: Task, tools: Tools) -> Outcome:
    """DynamoDB's own export, and nothing else."""
    source, target = _node(task, "input"), _node(task, "output")
    if (task.subject.text("filterSql") or "").strip():
        raise Rejected(_WHAT, "filterSql beside exportType: DynamoDB exports whole tables; filter when importing")
    folder = parse_directory(required(target, "directoryPath"))
    exports = NativeExports(_side(task, source, False), folder, encryption_of(target), windows_of(task.subject))
    return export_natively(exports, task, tools, lambda found: Finished(told(found)))


def _by_exports(task: Task, tools: Tools) -> Outcome:
    """Export to `exportDirectoryPath`, then import from there."""
    if not is_exporting(task.checkpoint):
        return run_jobs([_job(task)], task, tools)
    source = _side(task, _node(task, "input"), False)
    _job(task)  # a target or filter that will not do is told before anything is exported
    exports = NativeExports(source, _export_folder(task), None, windows_of(task.subject))
    return export_natively(exports, task, tools, lambda found: _load(task, found, tools))


def _load(task: Task, found: Sequence[TableExport], tools: Tools) -> Outcome:
    job = _import_of_exports(task, tuple(each.manifest for each in found if each.manifest is not None))
    return run_jobs([job], replace(task, checkpoint=None), tools)


def _export_folder(task: Task) -> Place:
    return parse_directory(required(task.subject, "exportDirectoryPath"))


def _import_of_exports(task: Task, manifests: tuple[Place, ...] = ()) -> Import:
    source, target = _node(task, "input"), _node(task, "output")
    into = _side(task, target, writes=True)
    _demand_two(_side(task, source, writes=False), into)
    return Import(_export_folder(task), into, _filter(task, source), manifests)


def hive_copy_chunk(task: Task, text: str, tools: Tools) -> Outcome:
    """Do one chunk."""
    return run_chunk(_job(task), task, text, tools)


def finish_hive_copy(task: Task, results: Sequence[tuple[tuple[str, str], ...]], tools: Tools) -> Finished:
    """End the copy when all its chunks are done."""
    return finish_job(_job(task), task, results, tools)


def _job(task: Task) -> Job:
    source, target = _node(task, "input"), _node(task, "output")
    keep = _filter(task, source)
    match source.type, target.type:
        case "DynamoDBDataNode", "S3DataNode":
            return _export(task, source, target, keep)
        case "S3DataNode", "DynamoDBDataNode":
            return Import(_place(source), _side(task, target, writes=True), keep)
        case "DynamoDBDataNode", "DynamoDBDataNode" if is_asked_for(task.subject):
            return _import_of_exports(task)
        case "DynamoDBDataNode", "DynamoDBDataNode":
            return _between(_side(task, source, writes=False), _side(task, target, writes=True), keep)
        case _:
            raise Rejected(_WHAT, f"from {source.type} to {target.type}: one of them must be a DynamoDBDataNode")


def _export(task: Task, source: PipelineObject, target: PipelineObject, keep: Callable[[Item], bool] | None) -> Job:
    folder = parse_directory(required(target, "directoryPath"))
    side = _side(task, source, writes=False)
    return Export(side, folder, None, keep, export_owner(task), export_run(task), encryption_of(target))


def _between(source: Side, target: Side, keep: Callable[[Item], bool] | None) -> Job:
    _demand_two(source, target)
    return TableCopy(source, target, keep)


def _demand_two(source: Side, target: Side) -> None:
    if (source.table, source.region) == (target.table, target.region):
        raise Rejected(_WHAT, f"the table {source} would be copied onto itself")


def _node(task: Task, side: str) -> PipelineObject:
    nodes = task.linked(task.subject, side)
    if len(nodes) != 1:
        raise Rejected(_WHAT, f"one {side} expected, {len(nodes)} given")
    node = nodes[0]
    if node.type not in (_TABLE, _FOLDER):
        raise Rejected(_WHAT, f"{side} {node.name} is a {node.type}: {_TABLE} or {_FOLDER} expected")
    for found in task.linked(node, "dataFormat"):
        if found.type not in _FORMATS:
            raise Rejected(_WHAT, f"{side} {node.name} has the data format {found.type}: {_FORMATS[0]} expected")
    return node


def _place(node: PipelineObject) -> Place:
    file = node.text("filePath")
    return parse_place(file) if file is not None else parse_directory(required(node, "directoryPath"))


def _side(task: Task, node: PipelineObject, writes: bool) -> Side:
    field = "writeThroughputPercent" if writes else "readThroughputPercent"
    written = node.text(field) or _DEFAULT_RATIO
    region = node.text("region") or task.subject.text("region")
    return Side(required(node, "tableName"), region, _ratio(node, field, written))


def _ratio(node: PipelineObject, field: str, written: str) -> float:
    try:
        found = float(written)
    except ValueError as error:
        raise Rejected(_WHAT, f"{node.name}: {field} is '{written}', a number was expected") from error
    if not 0 < found <= 1:
        raise Rejected(_WHAT, f"{node.name}: {field} is {written}, 0.1 to 1.0 expected")
    return found


def _filter(task: Task, source: PipelineObject) -> Callable[[Item], bool] | None:
    text = task.subject.text("filterSql")
    if text is None or not text.strip():
        return None
    return compile_predicate(text, _columns(task, source))


def _columns(task: Task, source: PipelineObject) -> Mapping[str, str]:
    """Declared types by name, of the input's format: `timeStamp BIGINT`."""
    written = [text for found in task.linked(source, "dataFormat") for text in found.texts("column")]
    pairs = [text.strip().partition(" ") for text in written]
    return {name.strip("`"): kind.strip() for name, _, kind in pairs}
