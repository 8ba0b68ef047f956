"""Scripts for clusters: given inline or in S3, with something of ours before and after, and where they are kept.

Staging on a cluster changes the script and never moves data: the cluster reads and writes S3 itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import parse_directory, parse_place
from chalicelib.transfer.formats.columns import Column, columns_of
from chalicelib.work.journal import log_folder
from chalicelib.work.tools import Tools

LONGEST_INLINE = 8_000
"""Characters of a script that go into a step's arguments. Source: EMR quotas, 10,280 characters a step."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A data node under the name that scripts use: `input1`, `output2`, …"""

    name: str
    folder: str
    columns: tuple[Column, ...]
    format: PipelineObject
    is_compressed: bool


def staged_nodes(task: Task, key: str) -> Iterator[Staged]:
    """The S3 data nodes of `input` or `output`, numbered in the order of the references.

    DynamoDB nodes are left to the script, as the service leaves them.
    Raises   Rejected for a node that cannot be staged, BadFormat
    """
    for number, node in enumerate(task.linked(task.subject, key), 1):
        if node.type == "DynamoDBDataNode":
            continue
        folder = node.text("directoryPath")
        if node.type != "S3DataNode" or folder is None:
            raise _refused(node, "only S3 data nodes with a directoryPath can be staged on a cluster")
        formats = task.linked(node, "dataFormat")
        columns = columns_of(formats[0] if formats else None)
        if not columns:
            raise _refused(node, "staging needs a dataFormat with columns")
        uri = str(parse_directory(folder))
        compressed = (node.text("compression") or "").lower() == "gzip"
        yield Staged(f"{key}{number}", uri, columns, formats[0], compressed)


def is_staged(task: Task, *, by_default: bool) -> bool:
    """What `stage` says."""
    written = task.subject.text("stage")
    return by_default if written is None else written.lower() == "true"


def script_text(task: Task, key: str, tools: Tools) -> str:
    """The script of the field `key`, or of scriptUri. Raises what storage raises, Rejected when there is neither."""
    inline, uri = task.subject.text(key), task.subject.text("scriptUri")
    if inline is not None:
        return inline
    if uri is None:
        raise Rejected("run script", f"{task.subject.name} needs either {key} or scriptUri")
    return tools.objects.read(parse_place(uri)).decode()


def kept_script(task: Task, text: str, ending: str, tools: Tools, folder: str | None = None) -> str:
    """Store a generated script, in `folder` or beside the attempt's log; its address.

    Storing it again is harmless: it is the same at each look.
    """
    place = parse_directory(folder) if folder else log_folder(task)
    if place is None:
        size = f"a script of {len(text):,} characters, more than {LONGEST_INLINE:,}, has to be kept in S3"
        raise Rejected("keep script", f"{task.subject.name}: {size}; set pipelineLogUri")
    target = place.child(f"{task.pipeline}-{task.attempt}{ending}" if folder else f"script{ending}")
    tools.objects.write(target, text.encode())
    return str(target)


def _refused(node: PipelineObject, reason: str) -> Rejected:
    return Rejected("stage", f"{node.name} ({node.type}): {reason}")
