"""The preconditions that need no machine. Each checks once; the engine decides about checking again."""

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import Objects, Place, parse_directory, parse_place
from chalicelib.work.outcome import Finished, NotSatisfied, Outcome
from chalicelib.work.tools import Tools


def s3_key_exists(task: Task, tools: Tools) -> Outcome:
    """Whether there is an object of exactly the key `s3Key`, an S3 URI."""
    place = parse_place(required(task.subject, "s3Key"))
    return _verdict(_has_key(tools.objects, place), f"there is no object {place}")


def s3_prefix_not_empty(task: Task, tools: Tools) -> Outcome:
    """Whether any key starts with `s3Prefix`, an S3 URI. A prefix is text: `s3://b/a` covers `s3://b/abc`, too."""
    place = parse_place(required(task.subject, "s3Prefix"))
    return _verdict(_has_any(tools.objects, place), f"no key starts with {place}")


def table_exists(task: Task, tools: Tools) -> Outcome:
    """Whether the DynamoDB table `tableName` exists and can be read."""
    table = required(task.subject, "tableName")
    return _verdict(tools.tables.exists(table), f"there is no DynamoDB table {table} that can be read")


def table_has_items(task: Task, tools: Tools) -> Outcome:
    """Whether the DynamoDB table `tableName` holds an item."""
    table = required(task.subject, "tableName")
    return _verdict(tools.tables.has_items(table), f"the DynamoDB table {table} is empty or missing")


def data_exists(task: Task, tools: Tools) -> Outcome:
    """Whether the guarded S3DataNode's file exists, or its directory holds an object."""
    node = _guarded(task)
    if node.type != "S3DataNode":
        raise Rejected("check Exists", f"{node.name} is a {node.type}; S3DataNode expected")
    file = node.text("filePath")
    if file is not None:
        return _verdict(_has_key(tools.objects, parse_place(file)), f"there is no object {file}")
    directory = parse_directory(required(node, "directoryPath"))
    return _verdict(_has_any(tools.objects, directory), f"the directory {directory} is empty")


def required(item: PipelineObject, field: str) -> str:
    """The field's text; Rejected when the object does not have it."""
    text = item.text(field)
    if text is None:
        raise Rejected("read field", f"{item.name} has no {field}")
    return text


def _guarded(task: Task) -> PipelineObject:
    """The object that the precondition hangs on: its `node`, or else the only data node it was sent with."""
    named = task.linked(task.subject, "node") or tuple(
        item for item in task.objects.values() if (item.type or "").endswith("DataNode")
    )
    if len(named) != 1:
        raise Rejected("check Exists", f"one data node expected, {len(named)} given")
    return named[0]


def _has_key(objects: Objects, place: Place) -> bool:
    try:
        objects.describe(place)
    except Missing:
        return False
    return True


def _has_any(objects: Objects, prefix: Place) -> bool:
    return next(iter(objects.list(prefix)), None) is not None


def _verdict(holds: bool, otherwise: str) -> Outcome:
    return Finished() if holds else NotSatisfied(otherwise)
