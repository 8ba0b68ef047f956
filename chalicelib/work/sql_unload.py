"""CopyActivity out of a table to S3. Must not know servers or formats.

An object appears whole or not at all under a name that does not change: repeating a copy changes nothing. In functions
a large table goes in ranges of its key:

    a directory   the ranges are chunks, done side by side, each one object: part-00000, part-00001, …
    a file        one range after the other into one upload; a function out of time leaves it to the next
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Key, Session, Span, Table
from chalicelib.ports.errors import Denied
from chalicelib.ports.objects import Encryption, Place, Upload
from chalicelib.transfer.formats.choose import Format, format_of
from chalicelib.transfer.formats.compression import gzip
from chalicelib.transfer.upload import SMALLEST_PART, extend, store
from chalicelib.work.copy_routes import encryption_of, target_of
from chalicelib.work.outcome import FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.sql_nodes import SqlNode, connected, sql_node
from chalicelib.work.sql_ranges import (
    Cut,
    cut,
    decode_cut,
    encode_cut,
    key_of,
    numbered,
    read_number,
    short_of_time,
    source_of,
    spans,
)
from chalicelib.work.sql_rows import Rows, text_of
from chalicelib.work.tools import Tools


@dataclass(frozen=True, slots=True)
class _Target:
    """Where rows go. `into`: a directory, which gets numbered parts."""

    place: Place
    into: bool
    packed: bool
    writer: Format
    encryption: Encryption | None

    def part(self, number: int) -> Place:
        return self.place.child(f"part-{number:05d}" + ".gz" * self.packed) if self.into else self.place

    def content(self, text: Iterator[bytes]) -> Iterable[bytes]:
        return gzip(text) if self.packed else text


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file that is being written: its upload, what that holds, and the first key that it lacks."""

    upload: str
    parts: int = 0
    size: int = 0
    rows: int = 0
    first: str | None = None


def unload_table(task: Task, source_node: PipelineObject, target_node: PipelineObject, tools: Tools) -> Outcome:
    """Write the input's rows as one object, or a large table's as several in a directory.

    Raises   BadFormat, BadRecord for a row that the format cannot hold, and what storage and server raise
    """
    target = _target(task, target_node)
    if target.into and tools.fans_out and task.checkpoint is not None:
        return _shared(decode_cut(task.checkpoint))
    node = sql_node(task, source_node, tools.databases)
    with connected(node.address, tools.databases) as session:
        source = source_of(session, node)
        key = key_of(session, source, tools)
        if key is None or isinstance(source, str):
            return _at_once(Rows(source, node, session, tools), target, tools)
        if not target.into:
            return _InTurns(session, source, key, node, target, tools).go_on(task)
        found = cut(session, source, key, tools.copy_limits)
        if tools.fans_out and found.bounds:
            return _shared(found)
        return _at_once(Rows(source, node, session, tools), target, tools)


def unload_range(
    task: Task, text: str, source_node: PipelineObject, target_node: PipelineObject, tools: Tools
) -> Finished:
    """Write one range as its part. Doing it again writes the same key."""
    number, span = read_number(text)
    target, node = _target(task, target_node), sql_node(task, source_node, tools.databases)
    with connected(node.address, tools.databases) as session:
        rows = Rows(source_of(session, node), node, session, tools)
        return _stored(rows, target, tools, number, span)


def finish_ranges(
    task: Task, results: Iterable[tuple[tuple[str, str], ...]], target_node: PipelineObject, tools: Tools
) -> Finished:
    """The whole task's fields; parts that an earlier copy of more rows left are removed."""
    counted = [dict(fields) for fields in results]
    _drop_others(_target(task, target_node), len(counted), tools)
    return _finished(
        sum(int(fields["rowsCopied"]) for fields in counted), sum(int(fields["bytesCopied"]) for fields in counted)
    )


def _target(task: Task, node: PipelineObject) -> _Target:
    linked = task.linked(node, "dataFormat")
    place, into = target_of(node)
    packed = (node.text("compression") or "none").lower() == "gzip"
    return _Target(place, into, packed, format_of(linked[0] if linked else None), encryption_of(node))


def _shared(found: Cut) -> FannedOut:
    return FannedOut(numbered(found.spans), encode_cut(found))


def _at_once(rows: Rows, target: _Target, tools: Tools) -> Finished:
    done = _stored(rows, target, tools, 0, None)
    if target.into:
        _drop_others(target, 1, tools)
    return done


def _stored(rows: Rows, target: _Target, tools: Tools, number: int, span: Span | None) -> Finished:
    place = target.part(number)
    text = text_of(rows, target.writer, str(place), (span,))
    size = store(tools.objects, place, target.content(text), target.encryption)
    tools.journal.say(f"wrote {rows.count} rows, {size} bytes to {place}")
    return _finished(rows.count, size)


def _drop_others(target: _Target, count: int, tools: Tools) -> None:
    """Whoever reads the directory would take parts behind ours for rows of the table."""
    name = re.compile(re.escape(target.place.key) + r"part-(\d{5})" + r"\.gz" * target.packed)
    for key in _parts_of(target, tools):
        match = name.fullmatch(key)
        if match is not None and int(match[1]) >= count:
            tools.objects.delete(Place(target.place.bucket, key))
            tools.journal.say(f"removed {key}, a part of an earlier copy")


def _parts_of(target: _Target, tools: Tools) -> list[str]:
    try:
        return [listed.key for listed in tools.objects.list(target.place.child("part-"))]
    except Denied as error:
        tools.journal.say(f"parts of an earlier, larger copy stay where there are any: {error}")
        return []


@dataclass(frozen=True, slots=True)
class _InTurns:
    """A large table into one file, by one function after the other."""

    session: Session
    table: Table
    key: Key
    node: SqlNode
    target: _Target
    tools: Tools

    def go_on(self, task: Task) -> Outcome:
        objects, place = self.tools.objects, self.target.place
        if task.checkpoint is None:
            begun = _Begun(objects.begin(place, self.target.encryption).id)
        else:
            begun = from_plain(_Begun, json.loads(task.checkpoint))
        upload = Upload(place, begun.upload)
        kept = False
        try:
            now, over = self._extended(upload, begun)
            if over:
                self._end(upload, now)
            kept = True
        finally:
            if not kept:
                objects.drop_parts(upload)
        if not over:
            return Unfinished(json.dumps(to_plain(_Begun, now), separators=(",", ":"), ensure_ascii=False))
        self.tools.journal.say(f"wrote {now.rows} rows, {now.size} bytes to {place}")
        return _finished(now.rows, now.size)

    def _extended(self, upload: Upload, begun: _Begun) -> tuple[_Begun, bool]:
        """What the file has now, and whether that is all."""
        rows = Rows(self.table, self.node, self.session, self.tools, begun.rows)
        sized = _Sized()
        turn = _Turn(spans(self.session, self.table, self.key, self.tools.copy_limits, begun.first), self.tools, sized)
        text = text_of(rows, self.target.writer, str(self.target.place), turn)
        size, parts = extend(self.tools.objects, upload, begun.parts, sized.counted(self.target.content(text)))
        return _Begun(upload.id, parts, begun.size + size, rows.count, turn.rest), turn.rest is None

    def _end(self, upload: Upload, now: _Begun) -> None:
        """A worker that was killed may have left more parts than there are now."""
        if now.parts == 0:
            self.tools.objects.drop_parts(upload)
            self.tools.objects.write(upload.target, b"", self.target.encryption)
            return
        etags = self.tools.objects.parts(upload)
        self.tools.objects.end_parts(upload, [etags[number] for number in range(1, now.parts + 1)])


class _Sized:
    """How many bytes have gone by."""

    def __init__(self) -> None:
        self.size = 0

    def counted(self, content: Iterable[bytes]) -> Iterator[bytes]:
        for piece in content:
            self.size += len(piece)
            yield piece


class _Turn:
    """Ranges until time is short and enough is written for a part. `rest` is the first key of what is left."""

    def __init__(self, found: Iterator[Span], tools: Tools, sized: _Sized) -> None:
        self._found = found
        self._is_short = short_of_time(tools)
        self._sized = sized
        self.rest: str | None = None

    def __iter__(self) -> Iterator[Span]:
        for span in self._found:
            yield span
            if span.stop is not None and self._sized.size >= SMALLEST_PART and self._is_short():
                self.rest = span.stop
                return


def _finished(rows: int, size: int) -> Finished:
    return Finished((("rowsCopied", str(rows)), ("bytesCopied", str(size))))
