"""Records of files as items. A place to cut is a file, an offset in it, and the records before.

Records are found by their ends alone when they are cut; what one of them says is read when it is asked about, so that
a record that cannot be read is an item with a fault, and stops nobody.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.dialect import Dialect
from chalicelib.domain.inference.shares import Cut, Lane
from chalicelib.ports.objects import Listed, Objects, Place
from chalicelib.transfer.formats.blocks import blocks, is_escaped
from chalicelib.transfer.formats.compression import gunzip
from chalicelib.transfer.formats.faults import BadFile
from chalicelib.work.copies.routes import Source
from chalicelib.work.inference.items import Item
from chalicelib.work.inference.object_items import is_content
from chalicelib.work.inference.records import MakeItem

_STEP = 16
_GZIP = ".gz"


@dataclass(frozen=True, slots=True)
class _At:
    """Behind so many records of a file, and so many bytes."""

    key: str
    etag: str
    lines: int
    offset: int


@dataclass(frozen=True, slots=True)
class LineItems:
    """Records of every object of a source, in order of keys.

    packed  whether the objects are gzip whatever their names; names in .gz always are
    make    an item of its id, its record without the end, and its number
    """

    source: Source
    objects: Objects
    dialect: Dialect
    packed: bool
    make: MakeItem

    def cuts(self) -> Iterator[Cut]:
        """See Items. Reads everything once."""
        count = 0
        for listed in self._files(None):
            at = _At(listed.key, listed.etag, 0, 0)
            fresh = 0
            for record in self._records(at):
                at = _At(at.key, at.etag, at.lines + 1, at.offset + len(record))
                blank = not record.strip()
                count, fresh = count + (not blank), fresh + (not blank)
                if fresh == _STEP and not self._is_packed(at.key):
                    yield Cut(count, _encode(at))
                    fresh = 0
            if fresh:
                yield Cut(count, _encode(at))

    def read(self, lane: Lane, after: str | None) -> Iterator[Item]:
        """See Items.

        Raises   BadFile when a file is no longer what it was when the lanes were cut
        """
        start, end = _decode(lane.start), _decode(lane.end)
        behind = self.rank(after) if after is not None else None
        for listed in self._files(start.key if start is not None else None):
            if end is None or listed.key > end.key:
                return
            at = _At(listed.key, listed.etag, 0, 0)
            if start is not None and listed.key == start.key:
                _check(self.source, listed, start)
                at = start
            if listed.key == end.key:
                _check(self.source, listed, end)
            if not self._is_read(at, listed):
                yield from self._items(at, end, behind)

    def rank(self, item: str) -> tuple[str, int]:
        """See Items."""
        address, _, line = item.rpartition("#")
        return address, int(line)

    def _items(self, at: _At, end: _At, behind: tuple[str, int] | None) -> Iterator[Item]:
        address = str(Place(self.source.place.bucket, at.key))
        for line, record in enumerate(self._records(at), at.lines + 1):
            if at.key == end.key and line > end.lines:
                return
            if record.strip() and (behind is None or (address, line) > behind):
                yield self.make(f"{address}#{line}", record.removesuffix(self.dialect.record.encode()), line)

    def _records(self, at: _At) -> Iterator[bytes]:
        place = Place(self.source.place.bucket, at.key)
        for block in blocks(self._content(place, at), self.dialect, str(place)):
            yield from split_records(block, self.dialect)

    def _content(self, place: Place, at: _At) -> Iterator[bytes]:
        if self._is_packed(at.key):
            return gunzip(self.objects.stream(place, at.etag), str(place))
        return self.objects.stream(place, at.etag, at.offset)

    def _is_read(self, at: _At, listed: Listed) -> bool:
        """Whether nothing of the file is left; a packed one is never cut but at its end."""
        return at.offset > 0 and (self._is_packed(at.key) or at.offset >= listed.size)

    def _is_packed(self, key: str) -> bool:
        return self.packed or key.endswith(_GZIP)

    def _files(self, first: str | None) -> Iterator[Listed]:
        place = self.source.place
        if not self.source.many:
            found = self.objects.describe(place)
            yield Listed(place.key, found.size, found.etag, found.modified)
            return
        for listed in self.objects.list(place, first[:-1] if first else ""):
            if (first is None or listed.key >= first) and listed.size and is_content(listed.key, place.key):
                yield listed


def split_records(block: bytes, dialect: Dialect) -> Iterator[bytes]:
    """The records of a block of whole ones, each with its end but perhaps the very last."""
    end, escape = dialect.record.encode(), dialect.escape.encode()
    first = 0
    while first < len(block):
        at = block.find(end, first)
        while at >= 0 and is_escaped(block, at, escape):
            at = block.find(end, at + 1)
        behind = at + 1 if at >= 0 else len(block)
        yield block[first:behind]
        first = behind


def _check(source: Source, listed: Listed, planned: _At) -> None:
    if listed.etag != planned.etag:
        place = Place(source.place.bucket, listed.key)
        raise BadFile(str(place), "it has changed since its records were shared out")


def _encode(at: _At) -> str:
    return json.dumps([at.key, at.etag, at.lines, at.offset], ensure_ascii=False)


def _decode(text: str | None) -> _At | None:
    return _At(*json.loads(text)) if text is not None else None
