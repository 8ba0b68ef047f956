"""Whether and how a copy between S3DataNodes has to look into objects. Must not know what they are called.

Source: developer guide, "CopyActivity": objects are copied as they are when the data formats are the same.
"""

from collections.abc import Sequence

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.transfer.formats.choose import Format, format_of
from chalicelib.transfer.recode import Recoding

_WHAT = "plan copy"
_COMPRESSIONS = frozenset({"none", "gzip"})


def recoding_of(task: Task, sources: Sequence[PipelineObject], target: PipelineObject) -> Recoding | None:
    """How each object is converted on its way; None when it stays as it is.

    Raises   Rejected for inputs that differ among themselves, BadFormat
    """
    packed, told = _shape(task, sources)
    pack, same = compression_of(target) == "gzip", told == _description(task, target)
    if same and packed == pack:
        return None
    reader = _format(task, sources[0]) if not same else format_of(None)
    writer = _format(task, target) if not same else reader
    return Recoding(packed, pack, reader, writer, records=not same)


def joining_of(task: Task, sources: Sequence[PipelineObject], target: PipelineObject) -> Recoding:
    """How several objects become one: always record by record. Raises as `recoding_of` does."""
    packed, told = _shape(task, sources)
    reader = _format(task, sources[0])
    writer = reader if told == _description(task, target) else _format(task, target)
    return Recoding(packed, compression_of(target) == "gzip", reader, writer)


def compression_of(node: PipelineObject) -> str:
    """`none` or `gzip`. Raises Rejected for anything else."""
    given = (node.text("compression") or "none").lower()
    if given not in _COMPRESSIONS:
        raise Rejected(_WHAT, f"compression of {node.name} is '{given}', none or gzip expected")
    return given


def _shape(task: Task, sources: Sequence[PipelineObject]) -> tuple[bool, str]:
    """Whether the inputs are compressed, and their format, which has to be the same for all."""
    first = sources[0]
    shape = compression_of(first), _description(task, first)
    for other in sources[1:]:
        another = compression_of(other), _description(task, other)
        if another != shape:
            raise Rejected(
                _WHAT,
                f"input {first.name} has compression {shape[0]} and data format {shape[1]}, "
                f"input {other.name} has {another[0]} and {another[1]}: use an activity for each",
            )
    return shape[0] == "gzip", shape[1]


def _format(task: Task, node: PipelineObject) -> Format:
    linked = task.linked(node, "dataFormat")
    return format_of(linked[0] if linked else None)


def _description(task: Task, node: PipelineObject) -> str:
    """A description of the node's data format that is equal for equal formats, whatever their ids."""
    if not node.refs("dataFormat"):
        return "none"
    found = task.linked(node, "dataFormat")[0]
    own = [item for item in found.fields if item.key not in ("type", "name") and not item.key.startswith("@")]
    values = [(item.key, item.value) for item in own if isinstance(item.value, str)]
    fields = sorted(values, key=lambda pair: pair[0])  # the order of columns counts
    return f"{found.type}({', '.join(f'{key}={value!r}' for key, value in fields)})"
