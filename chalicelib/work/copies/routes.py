"""What a CopyActivity copies where: nodes to keys. Must not know how bytes move.

A source is a file, a directory, or every key that starts with some text (`directoryPath` ending in `*`, ours).
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Encryption, Objects, Place, parse_directory, parse_place
from chalicelib.transfer.copy import CopyItem
from chalicelib.transfer.recode import Recoding
from chalicelib.work.copies.formats import joining_of, recoding_of
from chalicelib.work.object_nodes import is_object_node

_WHAT = "plan copy"
_ENCRYPTIONS = {"SERVER_SIDE_ENCRYPTION": Encryption("AES256"), "NONE": None}


@dataclass(frozen=True, slots=True)
class Source:
    """`place` is one object, or with `many` the text that every key starts with. `root` is cut off their names.

    parts  several inputs that are copied as one; empty for a single one
    """

    place: Place
    many: bool
    root: str
    parts: "tuple[Source, ...]" = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A checked copy.

    target       with `into` a directory, otherwise the one key
    encryption   asked for by the output's s3EncryptionType
    output       the output node's name, for what is said about it
    keeps_keys   whether the output leaves the choice open, so that a source's KMS key may be kept
    recoding     how an output object is made of an input object; None when its bytes are the same
    """

    source: Source
    target: Place
    into: bool
    encryption: Encryption | None
    keeps_keys: bool
    output: str = ""
    recoding: Recoding | None = None


def plan_route(task: Task) -> Route:
    """Read and check the activity's nodes.

    Raises   Rejected, naming both sides, for what is no S3 to S3 copy or cannot be converted; BadFormat
    """
    target_node = _node(task, "output")
    target, into = target_of(target_node)
    parts: list[Source] = []
    nodes = _nodes(task, "input")
    for source_node in nodes:
        parts.append(source_of(source_node))
        _check_apart(parts[-1], target, into)
    source = parts[0] if len(parts) == 1 else _together(parts)
    keeps_keys = target_node.text("s3EncryptionType") is None
    recoding = recoding_of(task, nodes, target_node)
    return Route(source, target, into, encryption_of(target_node), keeps_keys, target_node.name, recoding)


def plan_join(task: Task) -> Recoding:
    """How several objects become one. Raises as `plan_route` does."""
    return joining_of(task, _nodes(task, "input"), _node(task, "output"))


def joins(route: Route) -> bool:
    """Whether several objects are to become one."""
    return route.source.many and not route.into


def items(route: Route, objects: Objects) -> Iterator[CopyItem]:
    """What is to be copied, in order of the keys; one request per 1,000 objects, or one for a file."""
    last = ""
    parts = route.source.parts or (route.source,)
    for item in heapq.merge(*(_items(route, part, objects) for part in parts), key=lambda item: item.source):
        if item.source != last:  # an object that two inputs hold
            last = item.source
            yield item


def _items(route: Route, source: Source, objects: Objects) -> Iterator[CopyItem]:
    if not source.many:
        found = objects.describe(source.place)
        yield CopyItem(source.place.key, _key(route, source.place.key), found.size, found.etag, found.modified)
        return
    for listed in objects.list(source.place):
        if listed.key.endswith("/") and (route.recoding or not route.into):
            continue  # what consoles make to show an empty directory: it has no records
        yield CopyItem(listed.key, _key(route, listed.key), listed.size, listed.etag, listed.modified)


def _together(parts: Sequence[Source]) -> Source:
    """Several inputs as one: their objects keep the names that they have below the directory common to all.

    Cut off there and not at each input's own directory, since hours often hold files of the same name.
    """
    buckets = sorted({part.place.bucket for part in parts})
    if len(buckets) > 1:
        raise Rejected(_WHAT, f"inputs in one bucket expected, {' and '.join(buckets)} given: use an activity for each")
    roots = sorted(part.root for part in parts)
    pairs = zip(roots[0], roots[-1], strict=False)  # in order, what the outermost two share all share
    common = "".join(left for left, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    root = common[: common.rfind("/") + 1]
    return Source(Place(buckets[0], root), many=True, root=root, parts=tuple(parts))


def _key(route: Route, source_key: str) -> str:
    return route.target.key + source_key[len(route.source.root) :] if route.into else route.target.key


def _node(task: Task, side: str) -> PipelineObject:
    nodes = _nodes(task, side)
    if len(nodes) != 1:
        raise Rejected(_WHAT, f"one {side} expected, {len(nodes)} given")
    return nodes[0]


def _nodes(task: Task, side: str) -> Sequence[PipelineObject]:
    """In order of their intervals where a coarse schedule meets a fine one."""
    nodes = task.linked(task.subject, side)
    if not nodes:
        raise Rejected(_WHAT, f"one {side} expected, none given")
    for node in nodes:
        if not is_object_node(node):
            raise Rejected(_WHAT, f"{side} {node.name} is a {node.type}: only S3DataNode is supported")
    return nodes


def encryption_of(node: PipelineObject) -> Encryption | None:
    """What an output node asks for; None is the bucket's default. Raises Rejected."""
    asked = node.text("s3EncryptionType")
    if asked is not None and asked not in _ENCRYPTIONS:
        raise Rejected(_WHAT, f"s3EncryptionType '{asked}' given, SERVER_SIDE_ENCRYPTION or NONE expected")
    return _ENCRYPTIONS.get(asked or "NONE")


def source_of(node: PipelineObject) -> Source:
    """What an input node names. Raises Rejected."""
    file, directory = _paths(node)
    if file is not None:
        place = _file(file, node)
        return Source(place, many=False, root=place.key[: place.key.rfind("/") + 1])
    if directory.endswith("*"):
        prefix = parse_place(directory[:-1])
        return Source(prefix, many=True, root=prefix.key[: prefix.key.rfind("/") + 1])
    place = parse_directory(directory)
    return Source(place, many=True, root=place.key)


def target_of(node: PipelineObject) -> tuple[Place, bool]:
    """What an output node names, and whether it is a directory. Raises Rejected."""
    file, directory = _paths(node)
    return (_file(file, node), False) if file is not None else (parse_directory(directory), True)


def _paths(node: PipelineObject) -> tuple[str | None, str]:
    file, directory = node.text("filePath"), node.text("directoryPath")
    if (file is None) == (directory is None):
        raise Rejected(_WHAT, f"{node.name} needs either filePath or directoryPath")
    return file, directory or ""


def _file(uri: str, node: PipelineObject) -> Place:
    place = parse_place(uri)
    if not place.key or place.key.endswith("/"):
        raise Rejected(_WHAT, f"filePath of {node.name} is the directory '{uri}': use directoryPath")
    return place


def _check_apart(source: Source, target: Place, into: bool) -> None:
    """Copying into what is being listed would go on with its own copies; onto itself S3 refuses."""
    if source.place.bucket != target.bucket:
        return
    inside = target.key.startswith(source.place.key)
    onto_itself = target.key == (source.root if into else source.place.key)
    if onto_itself or (source.many and inside):
        raise Rejected(_WHAT, f"the output {target} lies inside the input {source.place}")
