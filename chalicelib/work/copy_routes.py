"""What a CopyActivity copies where: nodes to keys. Must not know how bytes move.

A source is a file, a directory, or every key that starts with some text (`directoryPath` ending in `*`, ours).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Encryption, Objects, Place, parse_directory, parse_place
from chalicelib.transfer.copy import CopyItem

_WHAT = "plan copy"
_ENCRYPTIONS = {"SERVER_SIDE_ENCRYPTION": Encryption("AES256"), "NONE": None}


@dataclass(frozen=True, slots=True)
class Source:
    """`place` is one object, or with `many` the text that every key starts with. `root` is cut off their names."""

    place: Place
    many: bool
    root: str


@dataclass(frozen=True, slots=True)
class Route:
    """A checked copy.

    target       with `into` a directory, otherwise the one key
    encryption   asked for by the output's s3EncryptionType
    keeps_keys   whether the output leaves the choice open, so that a source's KMS key may be kept
    """

    source: Source
    target: Place
    into: bool
    encryption: Encryption | None
    keeps_keys: bool


def plan_route(task: Task) -> Route:
    """Read and check the activity's nodes.

    Raises   Rejected, naming both sides, for what is no S3 to S3 copy or would need records to be converted
    """
    source_node, target_node = _node(task, "input"), _node(task, "output")
    _check_same(source_node, target_node, "data format", _format(task, source_node), _format(task, target_node))
    _check_same(source_node, target_node, "compression", _compression(source_node), _compression(target_node))
    source = source_of(source_node)
    target, into = target_of(target_node)
    if source.many and not into:
        raise Rejected(
            _WHAT, f"{source.place} holds many objects, {target} is a file: give {target_node.name} a directoryPath"
        )
    _check_apart(source, target, into)
    return Route(source, target, into, encryption_of(target_node), target_node.text("s3EncryptionType") is None)


def items(route: Route, objects: Objects) -> Iterator[CopyItem]:
    """What is to be copied, in order of the keys; one request per 1,000 objects, or one for a file."""
    source = route.source
    if not source.many:
        found = objects.describe(source.place)
        yield CopyItem(source.place.key, _key(route, source.place.key), found.size, found.etag, found.modified)
        return
    for listed in objects.list(source.place):
        yield CopyItem(listed.key, _key(route, listed.key), listed.size, listed.etag, listed.modified)


def _key(route: Route, source_key: str) -> str:
    return route.target.key + source_key[len(route.source.root) :] if route.into else route.target.key


def _node(task: Task, side: str) -> PipelineObject:
    nodes = task.linked(task.subject, side)
    if len(nodes) != 1:
        raise Rejected(_WHAT, f"one {side} expected, {len(nodes)} given")
    node = nodes[0]
    if node.type != "S3DataNode":
        raise Rejected(_WHAT, f"{side} {node.name} is a {node.type}: only S3DataNode is supported")
    return node


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


def _check_same(source: PipelineObject, target: PipelineObject, what: str, left: str, right: str) -> None:
    if left != right:
        raise Rejected(
            _WHAT,
            f"input {source.name} has {what} {left}, output {target.name} has {what} {right}: "
            "records are not converted, both must be the same",
        )


def _compression(node: PipelineObject) -> str:
    return (node.text("compression") or "none").lower()


def _format(task: Task, node: PipelineObject) -> str:
    """A description of the node's data format that is equal for equal formats, whatever their ids."""
    if not node.refs("dataFormat"):
        return "none"
    found = task.linked(node, "dataFormat")[0]
    fields = sorted(
        f"{item.key}={item.value!r}"
        for item in found.fields
        if isinstance(item.value, str) and item.key not in ("type", "name") and not item.key.startswith("@")
    )
    return f"{found.type}({', '.join(fields)})"
