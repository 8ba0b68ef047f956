"""Files of items in S3 to a DynamoDB table. Must not know who asks for it.

What to read is what the EMR tools' manifest lists; or the native exports in the folder; or else every file directly in
the folder that is not hidden.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from chalicelib.ports.errors import Missing
from chalicelib.ports.objects import Listed, Objects, Place, parse_place
from chalicelib.ports.tables import Item
from chalicelib.transfer.chunks import decode_bounds, encode_bounds
from chalicelib.transfer.formats.export_files import MANIFEST, decode_manifest
from chalicelib.work.tables.lanes import Done, Side
from chalicelib.work.tables.load import Load, chunk_text
from chalicelib.work.tables.native_files import decode_exports, encode_exports, export_chunks, is_summary, read_exports
from chalicelib.work.tools import Tools

_WHAT = "read export"
_CHUNK_BYTES, _CHUNK_FILES = 64 * 1024 * 1024, 150
_MOST_CHUNKS = 1000
"""Of files that are large enough; a chunk of an export that is larger than this allows takes more."""


@dataclass(frozen=True, slots=True)
class _File:
    place: Place
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `place` is a folder, or one file.

    exports  manifests of the native exports to read, in order, where that is known; nothing is looked for then
    """

    place: Place
    target: Side
    keep: Callable[[Item], bool] | None
    exports: tuple[Place, ...] = ()
    chunk_bytes: int = _CHUNK_BYTES

    def plan(self, tools: Tools) -> str:
        """The native exports; or the last file of each chunk, so that these stay the same when files come or go."""
        if self.exports:
            return encode_exports(self.exports)
        listed = list(tools.objects.list(self.place))
        native = self._native(listed)
        if native:
            return encode_exports(read_exports(tools.objects, native))
        files = self._files(tools.objects, listed)
        return encode_bounds([str(group[-1].place) for group in self._grouped(files, tools.fans_out)])

    def chunks(self, plan: str, tools: Tools) -> tuple[str, ...]:
        """Groups of files; one group where nothing fans out."""
        exports = decode_exports(plan)
        if exports is not None:
            return tuple(export_chunks(tools.objects, exports, self.chunk_bytes, tools.fans_out))
        bounds = decode_bounds(plan)
        groups: list[list[tuple[str, str]]] = [[] for _ in bounds]
        for file in self._files(tools.objects, list(tools.objects.list(self.place))):
            number = bisect_left(bounds, str(file.place))
            if number < len(bounds):
                groups[number].append((str(file.place), file.etag))
        return tuple(map(chunk_text, groups))

    def in_order(self, plan: str) -> bool:
        """Several exports tell of one table one after the other."""
        return len(decode_exports(plan) or ()) > 1

    def do(self, chunk: str, begun: str | None, sharers: int, tools: Tools) -> Done:
        """Write what is in the chunk's files."""
        return Load(self.target, self.keep).do(chunk, begun, sharers, tools)

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

    def _native(self, listed: list[Listed]) -> list[Place]:
        """Manifests of the native exports in the folder; none beside the EMR tools' manifest."""
        keys = [found.key for found in listed]
        if not self._is_folder or self.place.child(MANIFEST).key in keys:
            return []
        return [Place(self.place.bucket, key) for key in keys if is_summary(key[len(self.place.key) :])]

    def _files(self, objects: Objects, listed: list[Listed]) -> list[_File]:
        """In order of their addresses. Raises Missing when there is nothing to read, and BadFile."""
        inside = {
            found.key: _File(Place(self.place.bucket, found.key), found.size, found.etag)
            for found in listed
            if "/" not in found.key[len(self.place.key) :]
        }
        manifest = self.place.child(MANIFEST)
        if self._is_folder and manifest.key in inside:
            named = decode_manifest(objects.read(manifest), str(manifest))
            found = [_listed(parse_place(address), inside, manifest, objects) for address in named]
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
