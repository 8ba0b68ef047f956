"""What a definition's objects have to do with each other, references that they inherit included.

For looking at: every object that has a type, and every field that points at another. Must not know how it is drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.catalog import Category, object_type
from chalicelib.domain.definition.inherit import Lineage, lineages
from chalicelib.domain.definition.model import Definition, PipelineObject
from chalicelib.domain.values import PipelineId, Ref
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.definitions import Version, stored_definition


@dataclass(frozen=True, slots=True)
class Node:
    """An object; `category` is None for a type that the catalogue does not have."""

    id: str
    name: str
    type: str
    category: Category | None


@dataclass(frozen=True, slots=True)
class Edge:
    """`owner` refers to `target` in `field`, which `given_by` gives it: itself, a parent, or Default."""

    owner: str
    target: str
    field: str
    given_by: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Of one version of the definition; 0 when there is none."""

    version: int
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


def pipeline_graph(pipeline_id: PipelineId, wanted: Version, caller: Caller, ports: Ports) -> Graph:
    """The graph of the active definition, or of the latest; of the latest too when nothing was ever activated."""
    record = live_pipeline(ports.store, caller, pipeline_id)
    version = (record.active or record.latest) if wanted is Version.ACTIVE else record.latest
    definition = stored_definition(record, version, ports)
    return graph_of(definition, version) if definition is not None else Graph(0)


def graph_of(definition: Definition, version: int) -> Graph:
    """Objects in the definition's order. A reference to nothing, and to a parent, is no edge."""
    found, objects = lineages(definition), definition.by_id()
    types = {name: named for name, lineage in found.items() if (named := _type(lineage))}
    nodes = tuple(_node(objects[name], named) for name, named in types.items())
    edges = tuple(edge for name in types for edge in _edges(name, found[name], types))
    return Graph(version, nodes, edges)


def _type(lineage: Lineage) -> str | None:
    texts = [each.value for each in lineage["type"].fields] if "type" in lineage else []
    return next((text for text in reversed(texts) if isinstance(text, str)), None)


def _node(item: PipelineObject, named: str) -> Node:
    known = object_type(named)
    return Node(item.id, item.name, named, known.category if known is not None else None)


def _edges(owner: str, lineage: Lineage, types: Mapping[str, str]) -> Iterator[Edge]:
    for key, given in lineage.items():
        targets = dict.fromkeys(each.value.id for each in given.fields if isinstance(each.value, Ref))
        if key != "parent":
            yield from (Edge(owner, each, key, given.by) for each in targets if each in types and each != owner)
