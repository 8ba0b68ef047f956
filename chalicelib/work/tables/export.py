"""A DynamoDB table to files in S3, in the EMR tools' format. Must not know who asks for it.

Each segment's items go to files of their own, each written whole, with names that tell how far the segment has come.
So the files are the checkpoint: whoever goes on reads the last item of the last file, and scans from behind it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.ports.objects import Encryption, Objects, Place
from chalicelib.ports.tables import Item, Page, Segment
from chalicelib.transfer.formats.export_files import MANIFEST, Part, PartNames, encode_manifest
from chalicelib.transfer.formats.items import decode_item, encode_item
from chalicelib.transfer.pool import run_all
from chalicelib.transfer.tables import Lane, pages
from chalicelib.work.tables.lanes import SEGMENTS_EACH, Done, Side, open_lane, segments_for, shape_of, stopper
from chalicelib.work.tools import Tools

FILE_ITEMS = 100_000
"""Where the EMR tools begin a new file."""

_FILE_BYTES = 16 * 1024 * 1024
_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class Export:
    """One export. `owner` and `run` are PartNames', without the way the table is cut."""

    source: Side
    folder: Place
    segments: int | None
    keep: Callable[[Item], bool] | None
    owner: tuple[str, ...]
    run: tuple[str, ...]
    encryption: Encryption | None = None
    file_items: int = FILE_ITEMS

    def plan(self, tools: Tools) -> str:
        """The number of segments: the table's size may be another one when it is asked for again."""
        return str(segments_for(shape_of(self.source, tools), self.segments))

    def chunks(self, plan: str, tools: Tools) -> tuple[str, ...]:
        """Ranges of segments, as many as one function works on; all of them where nothing fans out."""
        return segment_ranges(int(plan), tools.fans_out)

    def in_order(self, _: str) -> bool:
        """Segments have nothing in common."""
        return False

    def do(self, chunk: str, _: str | None, sharers: int, tools: Tools) -> Done:
        """Write what is missing of the chunk's files."""
        stopped = stopper(tools)
        first, behind, total = json.loads(chunk)
        lane = open_lane(self.source, False, sharers, tools, stopped)
        names = self._names(total)

        def export(number: int) -> tuple[int, bool]:
            return _Writer(self, names, lane, tools.objects, Segment(number, total)).run(tools.resumed)

        results = list(run_all(export, range(first, behind), _PARALLEL, stopped))
        whole = len(results) == behind - first and all(ended for _, ended in results)
        return Done(sum(items for items, _ in results), None if whole else "")

    def finish(self, plan: str, tools: Tools) -> None:
        """Write the manifest, then remove what earlier attempts left behind."""
        names = self._names(int(plan))
        found = [listed.key for listed in tools.objects.list(self.folder.child(f"{names.owner}-"))]
        current = [key for key in found if key.startswith(self.folder.key + names.prefix)]
        manifest = encode_manifest([str(Place(self.folder.bucket, key)) for key in current])
        tools.objects.write(self.folder.child(MANIFEST), manifest, self.encryption)
        for key in found:
            if key not in current:
                tools.objects.delete(Place(self.folder.bucket, key))

    def _names(self, total: int) -> PartNames:
        return PartNames.of((*self.owner, str(self.source)), (*self.run, str(total)))


class _Writer:
    """Writes one segment."""

    def __init__(self, export: Export, names: PartNames, lane: Lane, objects: Objects, segment: Segment) -> None:
        self._export = export
        self._names = names
        self._lane = lane
        self._objects = objects
        self._segment = segment
        self._last = Part(segment.number, -1, 0)
        self._lines: list[bytes] = []
        self._size = 0

    def run(self, resumed: bool) -> tuple[int, bool]:
        """Items in the files, and whether they are all."""
        after = self._resume() if resumed else None
        ended = False
        for page in pages(self._lane, self._segment, after):
            self._add(page)
            ended = page.after is None
        self._flush()
        return self._last.items, ended

    def _resume(self) -> Item | None:
        """Take up where the last file ends; its last item's key is where the scan goes on."""
        prefix = self._export.folder.child(self._names.segment_prefix(self._segment.number))
        keys = [listed.key for listed in self._objects.list(prefix)]
        if not keys:
            return None
        self._last = self._names.part(keys[-1].removeprefix(self._export.folder.key))
        content = self._objects.read(Place(prefix.bucket, keys[-1]))
        return self._lane.key_of(decode_item(content.rstrip(b"\n").rpartition(b"\n")[2].decode()))

    def _add(self, page: Page) -> None:
        keep = self._export.keep
        for item in page.items:
            if keep is None or keep(item):
                line = encode_item(item).encode() + b"\n"
                self._lines.append(line)
                self._size += len(line)
        if len(self._lines) >= self._export.file_items or self._size >= _FILE_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._lines:
            return
        last = replace(self._last, number=self._last.number + 1, items=self._last.items + len(self._lines))
        place = self._export.folder.child(self._names.name(last))
        self._objects.write(place, b"".join(self._lines), self._export.encryption)
        self._last, self._lines, self._size = last, [], 0


def segment_ranges(total: int, fans_out: bool) -> tuple[str, ...]:
    """Chunks of segments as text: the first, the one behind the last, and how many there are in all."""
    each = SEGMENTS_EACH if fans_out else total
    return tuple(json.dumps([first, min(first + each, total), total]) for first in range(0, total, each))
