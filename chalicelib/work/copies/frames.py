"""CopyActivity from a VideoDataNode to S3: one object a frame, named after it.

Where it stops, and which frames could not be had, is remembered by counts and the last frame's id. A frame that is
written again is the same object.
"""

import json
from dataclasses import dataclass, replace

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.inference.shares import Lane
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Encryption, Objects, Place
from chalicelib.transfer.frames import FrameQuery
from chalicelib.work.copies.routes import encryption_of, target_of
from chalicelib.work.inference.frame_items import frame_items
from chalicelib.work.inference.items import Item, Items
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from chalicelib.work.tables.lanes import stopper
from chalicelib.work.tools import Tools
from chalicelib.work.video_nodes import query_of, videos_of

_ENDINGS = {"JPEG": "jpg", "PNG": "png"}


@dataclass(frozen=True, slots=True)
class _Come:
    """How far it has come. `after` is the id of the last frame."""

    copied: int = 0
    missed: int = 0
    after: str | None = None


def copy_frames(task: Task, source: PipelineObject, target: PipelineObject, tools: Tools) -> Outcome:
    """Write every frame as an object of the output's directory; frames with an error are counted and logged.

    Raises   Rejected for nodes that make no sense, and what video and storage raise
    """
    query = query_of(source)
    place, many = target_of(target)
    if not many:
        raise Rejected("plan copy", f"frames are copied to a directoryPath: {target.name} has a filePath")
    items = frame_items(query, videos_of(tools))
    come = from_plain(_Come, json.loads(task.checkpoint)) if task.checkpoint else _Come()
    album = _Album(tools.objects, place, encryption_of(target), _ENDINGS[query.sampling.format], _folder(query))
    return _copied(items, album, come, tools)


@dataclass(frozen=True, slots=True)
class _Album:
    """Where frames go."""

    objects: Objects
    place: Place
    encryption: Encryption | None
    ending: str
    prefix: str

    def keep(self, item: Item) -> None:
        content = item.content if isinstance(item.content, bytes) else b""
        name = item.id.removeprefix(self.prefix).replace(":", "").replace("+", "_")
        self.objects.write(self.place.child(f"{name}.{self.ending}"), content, self.encryption)


def _folder(query: FrameQuery) -> str:
    name = query.stream.name
    return f"{name.split('/')[1] if name.startswith('arn:') else name}#"


def _copied(items: Items, album: _Album, come: _Come, tools: Tools) -> Outcome:
    stopped = stopper(tools)
    cuts = list(items.cuts())
    if cuts:
        for item in items.read(Lane(None, cuts[-1].place), come.after):
            come = _after(item, album, come, tools)
            tools.report((("framesCopied", str(come.copied)),))
            if stopped():
                return _halted(come, tools)
    return Finished((("framesCopied", str(come.copied)), ("framesMissing", str(come.missed))))


def _after(item: Item, album: _Album, come: _Come, tools: Tools) -> _Come:
    if item.fault is not None:
        tools.journal.say(f"no frame {item.id}: {item.fault.code}: {item.fault.message}")
        return replace(come, missed=come.missed + 1, after=item.id)
    album.keep(item)
    return replace(come, copied=come.copied + 1, after=item.id)


def _halted(come: _Come, tools: Tools) -> Outcome:
    if tools.cancelled():
        return Failed("Canceled", f"canceled after {come.copied} frames")
    return Unfinished(json.dumps(to_plain(_Come, come)))
