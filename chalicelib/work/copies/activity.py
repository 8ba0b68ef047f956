"""CopyActivity: which executor copies between which nodes."""

from collections.abc import Sequence

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.work.copies.copy import copy, copy_chunk, finish_chunks
from chalicelib.work.copies.frames import copy_frames
from chalicelib.work.object_nodes import is_object_node
from chalicelib.work.outcome import Failed, Finished, Outcome
from chalicelib.work.sql.copy import copy_tables
from chalicelib.work.sql.load import load_objects
from chalicelib.work.sql.nodes import SQL_NODES
from chalicelib.work.sql.unload import finish_ranges, unload_range, unload_table, unload_together
from chalicelib.work.tools import Tools
from chalicelib.work.video_nodes import VIDEO_NODE


def copy_activity(task: Task, tools: Tools) -> Outcome:
    """Copy between S3DataNodes and SqlDataNodes, in any direction. Raises Rejected for other nodes."""
    target = _node(task, "output")
    inputs = task.linked(task.subject, "input")
    if len(inputs) > 1 and not {target.type, *(node.type for node in inputs)} & SQL_NODES:
        return copy(task, tools)
    if len(inputs) == 1 and inputs[0].type == VIDEO_NODE and target.type == "S3DataNode":
        return copy_frames(task, inputs[0], target, tools)
    sources = _sources(task)
    match (sources[0].type in SQL_NODES, target.type in SQL_NODES):
        case (False, False):
            return copy(task, tools)
        case (False, True):
            return load_objects(task, sources, target, tools)
        case (True, False):
            unload = unload_table if len(sources) == 1 else unload_together
            return unload(task, sources, target, tools)
        case _:
            return copy_tables(task, sources, target, tools)


def copy_part(task: Task, text: str, tools: Tools) -> Outcome:
    """Do one chunk of a copy that was cut: objects, or a range of a table."""
    source = task.linked(task.subject, "input")[0]
    if source.type in SQL_NODES:
        return unload_range(task, text, source, _node(task, "output"), tools)
    return copy_chunk(task, text, tools)


def finish_copy(task: Task, results: Sequence[tuple[tuple[str, str], ...]], tools: Tools) -> Finished | Failed:
    """End a copy whose chunks are all done."""
    if task.linked(task.subject, "input")[0].type in SQL_NODES:
        return finish_ranges(task, results, _node(task, "output"), tools)
    return finish_chunks(task, results, tools)


def _sources(task: Task) -> Sequence[PipelineObject]:
    """In order of their intervals where a coarse schedule meets a fine one: all tables, or all objects."""
    nodes = task.linked(task.subject, "input")
    if not nodes:
        raise Rejected("plan copy", "one input expected, 0 given")
    found = [_checked(node, "input") for node in nodes]
    if len({node.type in SQL_NODES for node in found}) > 1:
        raise Rejected("plan copy", "inputs of one kind expected, tables and objects given: use an activity for each")
    return found


def _node(task: Task, side: str) -> PipelineObject:
    nodes = task.linked(task.subject, side)
    if len(nodes) != 1:
        raise Rejected("plan copy", f"one {side} expected, {len(nodes)} given")
    return _checked(nodes[0], side)


def _checked(node: PipelineObject, side: str) -> PipelineObject:
    if not is_object_node(node) and node.type not in SQL_NODES:
        raise Rejected("plan copy", f"{side} {node.name} is a {node.type}: S3DataNode or SqlDataNode expected")
    return node
