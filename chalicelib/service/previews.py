"""What can be seen of data: of a data node its first rows, of an activity the nodes that it reads and writes."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.definition.catalog import Category, is_a, object_type
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller
from chalicelib.service.looking import Sight, sight_of
from chalicelib.work.previews import Preview, preview

_SIDES = ("input", "output")
INFERENCE = "InferenceActivity"


@dataclass(frozen=True, slots=True)
class LinkedNode:
    """A data node beside an activity. `side` is input or output."""

    side: str
    instance: str
    component: str
    type: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the two, or neither where an instance has no data. `has_results`: see service/results."""

    data: Preview | None = None
    nodes: tuple[LinkedNode, ...] = ()
    has_results: bool = False


def show_data(pipeline_id: PipelineId, name: str, wanted: str, caller: Caller, ports: Ports) -> Shown:
    """Look at the instance's data under its pipeline's role.

    wanted   one object of a directory, by its name below it; empty for the first
    Raises   as `sight_of`; Throttled, Unavailable
    """
    sight = sight_of(pipeline_id, name, caller, ports)
    kind = sight.task.subject.type or ""
    known = object_type(kind)
    if known is not None and known.category is Category.DATANODE:
        return Shown(preview(sight.task, sight.outside, wanted))
    return Shown(nodes=tuple(_nodes(sight)), has_results=is_a(kind, INFERENCE))


def _nodes(sight: Sight) -> Iterator[LinkedNode]:
    subject = sight.task.subject
    for side in _SIDES:
        for node in sight.task.linked(subject, side):
            yield LinkedNode(side, node.id, node.id.removeprefix("@").rpartition("_")[0] or node.id, node.type or "")
