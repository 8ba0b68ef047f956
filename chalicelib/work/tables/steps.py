"""EmrActivity whose steps are the EMR tools' copies between DynamoDB and S3, done without a cluster.

Must not know how items move.
"""

from collections.abc import Sequence

from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.domain.steps import TableStep, read_step
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Encryption, Place, parse_directory
from chalicelib.work.copies.routes import encryption_of
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.tables.export import Export
from chalicelib.work.tables.jobs import Job, finish_job, run_chunk, run_jobs
from chalicelib.work.tables.lanes import Side
from chalicelib.work.tables.native_export import NativeExports, export_natively, is_asked_for, told, windows_of
from chalicelib.work.tables.restore import Import
from chalicelib.work.tools import Tools


def table_steps(task: Task, tools: Tools) -> Outcome:
    """Do the steps in order.

    Raises   BadStep for a step that is none of the tools'; Rejected for a folder that is no S3 URI
    """
    if is_asked_for(task.subject):
        return _native(task, tools)
    return run_jobs([_job(task, text) for text in task.subject.texts("step")], task, tools)


def _native(task: Task, tools: Tools) -> Outcome:
    """Have DynamoDB do what the only step asks for."""
    steps = [read_step(text) for text in task.subject.texts("step")]
    if len(steps) != 1 or not steps[0].is_export:
        raise Rejected("plan copy", "exportType is for an activity whose only step is a DynamoDbExport")
    side = Side(steps[0].table, _region(task, steps[0]), steps[0].ratio)
    folder = parse_directory(steps[0].folder)
    exports = NativeExports(side, folder, _encryption(task, folder), windows_of(task.subject))
    return export_natively(exports, task, tools, lambda found: Finished(told(found)))


def _encryption(task: Task, folder: Place) -> Encryption | None:
    """What the output node asks for that is the step's folder."""
    for node in task.linked(task.subject, "output"):
        path = node.text("directoryPath")
        if path is not None and parse_directory(path) == folder:
            return encryption_of(node)
    return None


def table_step_chunk(task: Task, text: str, tools: Tools) -> Outcome:
    """Do one chunk of the only step."""
    return run_chunk(_only(task), task, text, tools)


def finish_table_step(task: Task, results: Sequence[tuple[tuple[str, str], ...]], tools: Tools) -> Finished:
    """End the only step when all its chunks are done."""
    return finish_job(_only(task), task, results, tools)


def export_owner(task: Task) -> tuple[str, ...]:
    """What all attempts of an export have in common."""
    instance, _ = split_attempt_id(task.attempt) or (task.attempt, 1)
    return (task.pipeline, instance)


def export_run(task: Task) -> tuple[str, ...]:
    """What tells an attempt's turn from all others."""
    return (task.attempt, str(task.turn))


def _only(task: Task) -> Job:
    return _job(task, task.subject.texts("step")[0])


def _job(task: Task, text: str) -> Job:
    step = read_step(text)
    side = Side(step.table, _region(task, step), step.ratio)
    folder = parse_directory(step.folder)
    if step.is_export:
        owner, run = export_owner(task), export_run(task)
        return Export(side, folder, step.segments, None, owner, run, _encryption(task, folder))
    return Import(folder, side, None)


def _region(task: Task, step: TableStep) -> str | None:
    """The data node's that has the table, else the cluster's: there the step would have looked for it."""
    nodes = (*task.linked(task.subject, "input"), *task.linked(task.subject, "output"))
    named = (node.text("region") for node in nodes if node.text("tableName") == step.table)
    return next((region for region in named if region), task.subject.text("region"))
