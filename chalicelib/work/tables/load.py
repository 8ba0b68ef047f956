"""Writing what files in S3 hold to a DynamoDB table, batch by batch. Must not know how the files were found.

Items replace what has their key, so that a file that is read twice leaves what it left the first time.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Objects, parse_place
from chalicelib.ports.tables import Change, Deletion, Item
from chalicelib.transfer.formats.compression import gunzip
from chalicelib.transfer.formats.faults import BadRecord
from chalicelib.transfer.formats.items import read_changes, read_items
from chalicelib.transfer.pool import run_all
from chalicelib.transfer.tables import BATCH, Lane, put_all
from chalicelib.work.tables.lanes import Done, Side, open_lane, stopper
from chalicelib.work.tools import Tools

_PARALLEL = 8
_Line = tuple[int, Change]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes to write together, with their lines. `file` and `after` are where to begin to read them again."""

    number: int
    file: str
    after: int
    lines: tuple[_Line, ...]


def chunk_text(files: Sequence[tuple[str, str]], changes: bool = False) -> str:
    """A chunk: addresses and ETags of files, in order of their addresses.

    changes  whether their lines are those of incremental exports
    """
    return json.dumps({"files": files, "changes": changes})


@dataclass(frozen=True, slots=True)
class Load:
    """What to do with files: which of their items to write, and where to. Deletions are always carried out."""

    target: Side
    keep: Callable[[Item], bool] | None

    def do(self, chunk: str, begun: str | None, sharers: int, tools: Tools) -> Done:
        """Write what is in the chunk's files, or the rest of it; see Job."""
        stopped = stopper(tools)
        lane = open_lane(self.target, True, sharers, tools, stopped)
        file, after, items = json.loads(begun) if begun else ("", 0, 0)
        held = json.loads(chunk)
        files = [(place, etag) for place, etag in held["files"] if place >= file]
        feed = _Feed(tools.objects, files, read_changes if held["changes"] else read_items, after)
        tally = _Tally(items)

        def write(batch: _Batch) -> tuple[_Batch, int | None]:
            kept = [(line, change) for line, change in batch.lines if _is_kept(change, self.keep)]
            return batch, len(kept) if _put(lane, batch.file, kept) else None

        for batch, written in run_all(write, feed, _PARALLEL, stopped):
            tally.add(batch, written)
        if feed.exhausted and not tally.unwritten:
            return Done(tally.items, None)
        first = tally.unwritten.get(tally.next)
        where = (feed.file, feed.after) if first is None else (first.file, first.after)
        return Done(tally.items, json.dumps([*where, tally.items]))


def _is_kept(change: Change, keep: Callable[[Item], bool] | None) -> bool:
    return keep is None or isinstance(change, Deletion) or keep(change)


class _Tally:
    """Counts the changes of the batches that were written without a gap, in whatever order they end."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.next = 0
        self.unwritten: dict[int, _Batch] = {}
        self._ahead: dict[int, int] = {}

    def add(self, batch: _Batch, written: int | None) -> None:
        """Note what came of a batch: so many changes, or None when it was not written."""
        if written is None:
            self.unwritten[batch.number] = batch
            return
        self._ahead[batch.number] = written
        while self.next in self._ahead:
            self.items += self._ahead.pop(self.next)
            self.next += 1


class _Feed:
    """Cuts the files into batches, and knows how far it came."""

    def __init__(
        self,
        objects: Objects,
        files: list[tuple[str, str]],
        read: Callable[[Iterable[bytes], str, int], Iterator[_Line]],
        after: int,
    ) -> None:
        self._objects = objects
        self._files = files
        self._read = read
        self.file, self.after = files[0][0] if files else "", after
        self.exhausted = False

    def __iter__(self) -> Iterator[_Batch]:
        numbers = count()
        for file, etag in self._files:
            if file != self.file:
                self.file, self.after = file, 0
            lines = self._read(_content(self._objects, file, etag), file, self.after)
            while batch := tuple(islice(lines, BATCH)):
                made = _Batch(next(numbers), file, self.after, batch)
                self.after = batch[-1][0]
                yield made
        self.exhausted = True


def _content(objects: Objects, file: str, etag: str) -> Iterable[bytes]:
    content = objects.stream(parse_place(file), etag)
    return gunzip(content, file) if file.endswith(".gz") else content


def _put(lane: Lane, file: str, lines: list[_Line]) -> bool:
    """Write a batch; when it is refused, find out which line is to blame."""
    try:
        return put_all(lane, [change for _, change in lines])
    except Rejected as refusal:
        if len(lines) < 2:
            raise _bad(file, lines, refusal) from refusal
    return all(_put(lane, file, [one]) for one in lines)


def _bad(file: str, lines: list[_Line], refusal: Rejected) -> BadRecord:
    return BadRecord(file, lines[0][0] if lines else 0, None, str(refusal))
