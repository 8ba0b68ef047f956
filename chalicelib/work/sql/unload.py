"""CopyActivity out of a table to S3. Must not know servers or formats.

An object appears whole or not at all under a name that does not change: repeating a copy changes nothing. In functions
a large table goes in ranges of its key:

    a directory   the ranges are chunks, done side by side, each one object: part-00000, part-00001, …
    a file        one range after the other into one upload; a function out of time leaves it to the next
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Key, Session, Span, Table
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Upload
from chalicelib.transfer.upload import SMALLEST_PART, extend, store
from chalicelib.work.outcome import FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.sql.left_upload import begin_noted, forget_note
from chalicelib.work.sql.nodes import SqlNode, connected, sql_node
from chalicelib.work.sql.ranges import (
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
from chalicelib.work.sql.rows import Rows, text_of
from chalicelib.work.sql.target import Target, drop_others, target_for
from chalicelib.work.tools import Tools


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file that is being written: its upload, what that holds, and the first key that it lacks."""

    upload: str
    parts: int = 0
    size: int = 0
    rows: int = 0
    first: str | None = None


def unload_table(
    task: Task, source_nodes: Sequence[PipelineObject], target_node: PipelineObject, tools: Tools
) -> Outcome:
    """Write the only input's rows as one object, or a large table's as several in a directory.

    Raises   BadFormat, BadRecord for a row that the format cannot hold, and what storage and server raise
    """
    target = target_for(task, target_node)
    if target.into and tools.fans_out and task.checkpoint is not None:
        return _shared(decode_cut(task.checkpoint))
    node = sql_node(task, source_nodes[0], tools.databases)
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


def unload_together(
    task: Task, source_nodes: Sequence[PipelineObject], target_node: PipelineObject, tools: Tools
) -> Finished:
    """Write the rows of several inputs, one after the other, as one object.

    Raises   as unload_table; Rejected when they have different numbers of columns
    """
    target = target_for(task, target_node)
    rows = _Together(task, source_nodes, target, tools)
    place = target.part(0)
    size = store(tools.objects, place, target.content(rows.text()), target.encryption)
    if target.into:
        drop_others(target, 1, tools)
    tools.journal.say(f"wrote {rows.count} rows of {len(source_nodes)} inputs, {size} bytes to {place}")
    return _finished(rows.count, size)


def unload_range(
    task: Task, text: str, source_node: PipelineObject, target_node: PipelineObject, tools: Tools
) -> Finished:
    """Write one range as its part. Doing it again writes the same key."""
    number, span = read_number(text)
    target, node = target_for(task, target_node), sql_node(task, source_node, tools.databases)
    with connected(node.address, tools.databases) as session:
        rows = Rows(source_of(session, node), node, session, tools)
        return _stored(rows, target, tools, number, span)


def finish_ranges(
    task: Task, results: Iterable[tuple[tuple[str, str], ...]], target_node: PipelineObject, tools: Tools
) -> Finished:
    """The whole task's fields; parts that an earlier copy of more rows left are removed."""
    counted = [dict(fields) for fields in results]
    drop_others(target_for(task, target_node), len(counted), tools)
    return _finished(
        sum(int(fields["rowsCopied"]) for fields in counted), sum(int(fields["bytesCopied"]) for fields in counted)
    )


def _shared(found: Cut) -> FannedOut:
    return FannedOut(numbered(found.spans), encode_cut(found))


def _at_once(rows: Rows, target: Target, tools: Tools) -> Finished:
    done = _stored(rows, target, tools, 0, None)
    if target.into:
        drop_others(target, 1, tools)
    return done


def _stored(rows: Rows, target: Target, tools: Tools, number: int, span: Span | None) -> Finished:
    place = target.part(number)
    text = text_of(rows, target.writer, str(place), (span,))
    size = store(tools.objects, place, target.content(text), target.encryption)
    tools.journal.say(f"wrote {rows.count} rows, {size} bytes to {place}")
    return _finished(rows.count, size)


class _Together:
    """The text of several inputs; `count` is of their rows so far."""

    def __init__(self, task: Task, nodes: Sequence[PipelineObject], target: Target, tools: Tools) -> None:
        self._task, self._nodes = task, nodes
        self._target, self._tools = target, tools
        self._columns: int | None = None
        self.count = 0

    def text(self) -> Iterator[bytes]:
        for source_node in self._nodes:
            node = sql_node(self._task, source_node, self._tools.databases)
            with connected(node.address, self._tools.databases) as session:
                source = source_of(session, node)
                self._check(len(source.columns if isinstance(source, Table) else session.names(source)), node)
                rows = Rows(source, node, session, self._tools, self.count)
                yield from text_of(rows, self._target.writer, str(self._target.place))
                self.count = rows.count

    def _check(self, columns: int, node: SqlNode) -> None:
        if self._columns not in (None, columns):
            raise Rejected("plan copy", f"{node.label} has {columns} columns, an input before it {self._columns}")
        self._columns = columns


@dataclass(frozen=True, slots=True)
class _InTurns:
    """A large table into one file, by one function after the other."""

    session: Session
    table: Table
    key: Key
    node: SqlNode
    target: Target
    tools: Tools

    def go_on(self, task: Task) -> Outcome:
        objects, place = self.tools.objects, self.target.place
        if task.checkpoint is None:
            begun = _Begun(begin_noted(task, place, self.target.encryption, self.tools).id)
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
                forget_note(task, place, self.tools)
        if not over:
            return Unfinished(json.dumps(to_plain(_Begun, now), separators=(",", ":"), ensure_ascii=False))
        forget_note(task, place, self.tools)
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
