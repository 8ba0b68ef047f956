"""Files of items in S3 to a DynamoDB table. Must not know who asks for it.

What to read is what the manifest lists, or without one every file directly in the folder that is not hidden. Items
replace what has their key, so that a file that is read twice leaves what it left the first time.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from urllib.parse import unquote

from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import Objects, Place, parse_place
from chalicelib.ports.tables import Item
from chalicelib.transfer.chunks import decode_bounds, encode_bounds
from chalicelib.transfer.formats.compression import gunzip
from chalicelib.transfer.formats.export_files import MANIFEST, decode_manifest
from chalicelib.transfer.formats.faults import BadRecord
from chalicelib.transfer.formats.items import read_items
from chalicelib.transfer.pool import run_all
from chalicelib.transfer.tables import BATCH, Lane, put_all
from chalicelib.work.table_lanes import Done, Side, open_lane, stopper
from chalicelib.work.tools import Tools

_WHAT = "read export"
_CHUNK_BYTES, _CHUNK_FILES = 64 * 1024 * 1024, 150
_MOST_CHUNKS = 1000
"""Of files that are large enough; a chunk of an export that is larger than this allows takes more."""

_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class _File:
    place: Place
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """Items to write together, with their lines. `file` and `after` are where to begin to read them again."""

    number: int
    file: str
    after: int
    items: tuple[tuple[int, Item], ...]


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `place` is a folder, or one file."""

    place: Place
    target: Side
    keep: Callable[[Item], bool] | None
    chunk_bytes: int = _CHUNK_BYTES

    def plan(self, tools: Tools) -> str:
        """The last file of each chunk, so that the chunks stay the same when files come or go."""
        files = self._files(tools.objects)
        return encode_bounds([str(group[-1].place) for group in self._grouped(files, tools.fans_out)])

    def chunks(self, plan: str, tools: Tools) -> tuple[str, ...]:
        """Groups of files; one group where nothing fans out."""
        bounds = decode_bounds(plan)
        groups: list[list[list[object]]] = [[] for _ in bounds]
        for file in self._files(tools.objects):
            number = bisect_left(bounds, str(file.place))
            if number < len(bounds):
                groups[number].append([str(file.place), file.etag])
        return tuple(json.dumps(group) for group in groups)

    def do(self, chunk: str, begun: str | None, sharers: int, tools: Tools) -> Done:
        """Write the items of the chunk's files."""
        stopped = stopper(tools)
        lane = open_lane(self.target, True, sharers, tools, stopped)
        file, after, items = json.loads(begun) if begun else ("", 0, 0)
        feed = _Feed(tools.objects, [(place, etag) for place, etag in json.loads(chunk) if place >= file], after)
        tally = _Tally(items)

        def write(batch: _Batch) -> tuple[_Batch, int | None]:
            kept = [(line, item) for line, item in batch.items if self.keep is None or self.keep(item)]
            return batch, len(kept) if _put(lane, batch.file, kept) else None

        for batch, written in run_all(write, feed, _PARALLEL, stopped):
            tally.add(batch, written)
        if feed.exhausted and not tally.unwritten:
            return Done(tally.items, None)
        first = tally.unwritten.get(tally.next)
        where = (feed.file, feed.after) if first is None else (first.file, first.after)
        return Done(tally.items, json.dumps([*where, tally.items]))

    def finish(self, plan: str, tools: Tools) -> None:
        """Nothing is left to do."""

    def _grouped(self, files: list[_File], fans_out: bool) -> Iterator[list[_File]]:
        group: list[_File] = []
        size = 0
        most = max(self.chunk_bytes, sum(file.size for file in files) // _MOST_CHUNKS)
        for file in files:
            full = len(group) == _CHUNK_FILES or size + file.size > most
            if fans_out and group and full:
                yield group
                group, size = [], 0
            group.append(file)
            size += file.size
        if group:
            yield group

    def _files(self, objects: Objects) -> list[_File]:
        """In order of their addresses. Raises Missing when there is nothing to read, and BadFile."""
        inside = {
            listed.key: _File(Place(self.place.bucket, listed.key), listed.size, listed.etag)
            for listed in objects.list(self.place)
            if "/" not in listed.key[len(self.place.key) :]
        }
        manifest = self.place.child(MANIFEST)
        if self._is_folder and manifest.key in inside:
            listed = decode_manifest(objects.read(manifest), str(manifest))
            found = [_listed(parse_place(address), inside, manifest, objects) for address in listed]
        else:
            found = [file for key, file in inside.items() if self._is_data(key)]
            if not found:
                raise Missing(_WHAT, f"there are no files directly in {self.place}")
        return sorted(set(found), key=lambda file: str(file.place))

    @property
    def _is_folder(self) -> bool:
        return not self.place.key or self.place.key.endswith("/")

    def _is_data(self, key: str) -> bool:
        """Hadoop hides names that begin with a dot or an underscore. A folder's own mark has no name at all."""
        if not self._is_folder:
            return key == self.place.key
        name = key[len(self.place.key) :]
        return bool(name) and not name.startswith(("_", "."))


class _Tally:
    """Counts the items of the batches that were written without a gap, in whatever order they end."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.next = 0
        self.unwritten: dict[int, _Batch] = {}
        self._ahead: dict[int, int] = {}

    def add(self, batch: _Batch, written: int | None) -> None:
        """Note what came of a batch: so many items, or None when it was not written."""
        if written is None:
            self.unwritten[batch.number] = batch
            return
        self._ahead[batch.number] = written
        while self.next in self._ahead:
            self.items += self._ahead.pop(self.next)
            self.next += 1


class _Feed:
    """Cuts the files into batches, and knows how far it came."""

    def __init__(self, objects: Objects, files: list[tuple[str, str]], after: int) -> None:
        self._objects = objects
        self._files = files
        self.file, self.after = files[0][0] if files else "", after
        self.exhausted = False

    def __iter__(self) -> Iterator[_Batch]:
        numbers = count()
        for file, etag in self._files:
            if file != self.file:
                self.file, self.after = file, 0
            items = read_items(_content(self._objects, file, etag), file, self.after)
            while batch := tuple(islice(items, BATCH)):
                made = _Batch(next(numbers), file, self.after, batch)
                self.after = batch[-1][0]
                yield made
        self.exhausted = True


def _content(objects: Objects, file: str, etag: str) -> Iterable[bytes]:
    content = objects.stream(parse_place(file), etag)
    return gunzip(content, file) if file.endswith(".gz") else content


def _listed(place: Place, inside: dict[str, _File], manifest: Place, objects: Objects) -> _File:
    """What a manifest's entry names. The tools write addresses as URLs, so blanks and the like may be encoded."""
    for key in (place.key, unquote(place.key)):
        if place.bucket == manifest.bucket and key in inside:
            return inside[key]
    try:
        found = objects.describe(place)
    except Missing as error:
        reason = f"the manifest {manifest} names {place}, which does not exist: was the export moved?"
        raise Missing(_WHAT, reason) from error
    return _File(place, found.size, found.etag)


def _put(lane: Lane, file: str, items: list[tuple[int, Item]]) -> bool:
    """Write a batch; when it is refused, find out which line is to blame."""
    try:
        return put_all(lane, [item for _, item in items])
    except Rejected as refusal:
        if len(items) < 2:
            raise _bad(file, items, refusal) from refusal
    return all(_put(lane, file, [one]) for one in items)


def _bad(file: str, items: list[tuple[int, Item]], refusal: Rejected) -> BadRecord:
    return BadRecord(file, items[0][0] if items else 0, None, str(refusal))
