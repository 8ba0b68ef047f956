"""Output folders as partitions of tables: registered when the work that filled them is done."""

from collections.abc import Mapping

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.catalogues import CatalogTable
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Place
from chalicelib.work.copies.routes import target_of
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.tools import Tools

_WHAT = "register partition"


def registered(task: Task, outcome: Outcome, tools: Tools) -> Outcome:
    """The outcome, with the outputs of work that is done registered in the catalogue, as their nodes ask.

    Raises   Rejected for a node that asks for what cannot be, Missing for a table, and what the catalogue raises
    """
    if not isinstance(outcome, Finished):
        return outcome
    told = [_register(node, tools) for node in task.linked(task.subject, "output") if node.text("catalogTable")]
    return Finished((*outcome.fields, *(("catalogPartition", text) for text in told))) if told else outcome


def _register(node: PipelineObject, tools: Tools) -> str:
    if tools.catalogues is None:
        raise Rejected(_WHAT, "the catalogue cannot be reached from here")
    folder = _folder(node)
    table, partition = _table(node), _partition(node, folder)
    tools.catalogues.register(table, partition, str(folder))
    tools.journal.say(f"{folder} is {_shown(partition)} of {table}")
    return f"{table} {_shown(partition)}"


def _table(node: PipelineObject) -> CatalogTable:
    written = node.text("catalogTable") or ""
    database, dot, name = written.partition(".")
    if not (database and dot and name):
        raise Rejected(_WHAT, f"catalogTable of {node.name} is '{written}': database.table expected")
    return CatalogTable(database, name)


def _folder(node: PipelineObject) -> Place:
    place, many = target_of(node)
    return place if many else Place(place.bucket, place.key[: place.key.rfind("/") + 1])


def _partition(node: PipelineObject, folder: Place) -> Mapping[str, str]:
    """What the node says, else what Hive reads from the folder's name: `…/year=2026/month=07/`."""
    written = node.texts("catalogPartition") or tuple(part for part in folder.key.split("/") if "=" in part)
    pairs = [text.partition("=") for text in written]
    for name, mark, value in pairs:
        if not (name and mark and value):
            raise Rejected(_WHAT, f"catalogPartition of {node.name} is '{name}{mark}{value}': name=value expected")
    return {name: value for name, _, value in pairs}


def _shown(partition: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in partition.items()) or "(whole)"
