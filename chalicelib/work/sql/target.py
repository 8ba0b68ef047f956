"""The object, or numbered objects of a directory, that a table is unloaded to. Must not know tables."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Denied
from chalicelib.ports.objects import Encryption, Place
from chalicelib.transfer.formats.choose import Format, format_of
from chalicelib.transfer.formats.compression import gzip
from chalicelib.work.copies.routes import encryption_of, target_of
from chalicelib.work.tools import Tools


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go. `into`: a directory, which gets numbered parts."""

    place: Place
    into: bool
    packed: bool
    writer: Format
    encryption: Encryption | None

    def part(self, number: int) -> Place:
        """The object of a number, from 0."""
        return self.place.child(f"part-{number:05d}" + ".gz" * self.packed) if self.into else self.place

    def content(self, text: Iterator[bytes]) -> Iterable[bytes]:
        """What is stored of a text."""
        return gzip(text) if self.packed else text


def target_for(task: Task, node: PipelineObject) -> Target:
    """Read an output node. Raises Rejected."""
    linked = task.linked(node, "dataFormat")
    place, into = target_of(node)
    packed = (node.text("compression") or "none").lower() == "gzip"
    return Target(place, into, packed, format_of(linked[0] if linked else None), encryption_of(node))


def drop_others(target: Target, count: int, tools: Tools) -> None:
    """Whoever reads the directory would take parts behind ours for rows of the table."""
    name = re.compile(re.escape(target.place.key) + r"part-(\d{5})" + r"\.gz" * target.packed)
    for key in _parts_of(target, tools):
        match = name.fullmatch(key)
        if match is not None and int(match[1]) >= count:
            tools.objects.delete(Place(target.place.bucket, key))
            tools.journal.say(f"removed {key}, a part of an earlier copy")


def _parts_of(target: Target, tools: Tools) -> list[str]:
    try:
        return [listed.key for listed in tools.objects.list(target.place.child("part-"))]
    except Denied as error:
        tools.journal.say(f"parts of an earlier, larger copy stay where there are any: {error}")
        return []
