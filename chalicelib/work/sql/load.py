"""CopyActivity from S3 into a table. Must not know servers or formats.

All or nothing, and once: the rows and the note that they are there are one transaction (work/ledger). Only a function
that runs out of time commits what it has, at a record's end, and the next one goes on from there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.sql import placeholders
from chalicelib.ports.databases import BadRow, Session, Table
from chalicelib.ports.errors import Rejected
from chalicelib.ports.objects import Listed, Place
from chalicelib.transfer.formats.choose import Format, format_of
from chalicelib.transfer.formats.compression import gunzip
from chalicelib.transfer.formats.delimited import Row
from chalicelib.transfer.formats.faults import BadFile, BadRecord
from chalicelib.transfer.formats.reading import Reading
from chalicelib.work.copies.routes import Source, source_of
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from chalicelib.work.sql.ledger import Ledger, Progress
from chalicelib.work.sql.nodes import SqlNode, connected, keeps_notes, sql_node, target_table
from chalicelib.work.tools import Tools

_ENOUGH = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Input:
    """One input node: its objects, and how to read them."""

    source: Source
    packed: bool
    reader: Format


def load_objects(
    task: Task, source_nodes: Sequence[PipelineObject], target_node: PipelineObject, tools: Tools
) -> Outcome:
    """Add the records of every input object to the output's table.

    Raises   BadRecord naming file, line and column; BadFile, BadFormat, and what storage and server raise
    """
    inputs = tuple(_input(task, node) for node in source_nodes)
    node = sql_node(task, target_node, tools.databases)
    with connected(node.address, tools.databases) as session:
        table = target_table(session, node)
        ledger = Ledger(session, task, table.schema if table is not None else node.schema)
        noted = keeps_notes(node.address) and ledger.prepare()
        if not noted:
            tools.journal.say(f"{node.address}: may not create penstock_loads; a repeated load may add its rows again")
        return _Load(inputs, session, node, table, ledger, tools, noted).run()


def _input(task: Task, node: PipelineObject) -> Input:
    linked = task.linked(node, "dataFormat")
    packed = (node.text("compression") or "none").lower() == "gzip"
    return Input(source_of(node), packed, format_of(linked[0] if linked else None))


@dataclass(frozen=True, slots=True)
class Sink:
    """Where rows go: by the author's statement, or into the table by the bulk path."""

    session: Session
    node: SqlNode
    table: Table | None
    reader: Format

    def add(self, reading: Reading, file: str) -> int:
        """All of the reading. Raises BadRecord."""
        before = reading.lines
        try:
            return self._insert(reading, file) if self.node.insert is not None else self._load(reading)
        except BadRow as error:
            if error.line is None:
                raise BadFile(file, str(error)) from error
            raise BadRecord(file, before + error.line, error.column, error.reason) from error

    def _load(self, reading: Reading) -> int:
        if self.table is None:
            raise Rejected("load", f"{self.node.name} has no table")
        separator, text = reading.text()
        return self.session.load(self.table, target_columns(self.table, self.reader), text, separator)

    def _insert(self, reading: Reading, file: str) -> int:
        statement = self.node.insert or ""
        expected = placeholders(statement, self.node.spelling)
        return self.session.insert(statement, _fitting(reading.rows(), expected, file, reading.lines))


def target_columns(table: Table, reader: Format) -> Sequence[str]:
    """Those that the format declares, as the table spells them; all of the table's when it declares none.

    Raises   Rejected naming a declared column that the table does not have
    """
    if not reader.columns:
        return table.columns
    known = {name.lower(): name for name in table.columns}
    for column in reader.columns:
        if column.name.lower() not in known:
            has = ", ".join(table.columns)
            raise Rejected("load", f"column {column.name} of the data format is not in {table.name}, which has {has}")
    return [known[column.name.lower()] for column in reader.columns]


def _fitting(rows: Iterator[Row], expected: int, file: str, before: int) -> Iterator[Row]:
    for line, row in enumerate(rows, before + 1):
        if len(row) != expected:
            amount = "few" if len(row) < expected else "many"
            reason = f"too {amount} columns: {len(row)} found, insertQuery has {expected} placeholders"
            raise BadRecord(file, line, None, reason)
        yield row


@dataclass(frozen=True, slots=True)
class _Load:
    inputs: Sequence[Input]
    session: Session
    node: SqlNode
    table: Table | None
    ledger: Ledger
    tools: Tools
    noted: bool

    def run(self) -> Outcome:
        progress = self.ledger.claim()
        if progress.done:
            self.tools.journal.say(f"an earlier attempt loaded all {progress.rows} rows")
            return _finished(progress)
        for number, given in list(enumerate(self.inputs))[progress.input :]:
            for found in self._left(given, progress):
                progress = replace(self._add(given, found, progress), input=number)
                self.tools.report((("rowsCopied", str(progress.rows)),))
                if progress.offset is not None or self._stopped():
                    return self._pause(progress)
            progress = Progress(progress.rows, input=number + 1)
        self.ledger.note(replace(progress, done=True))
        self.session.commit()
        self.tools.journal.say(f"loaded {progress.rows} rows into {self.node.table}")
        return _finished(progress)

    def _left(self, given: Input, progress: Progress) -> Iterator[Listed]:
        """The objects, in order of their keys, that are not done; the first may be done in part."""
        place = given.source.place
        if not given.source.many:
            if not progress.file or progress.offset is not None:
                found = self.tools.objects.describe(place)
                yield Listed(place.key, found.size, found.etag, found.modified)
            return
        for listed in self.tools.objects.list(place):
            done = listed.key < progress.file or (listed.key == progress.file and progress.offset is None)
            if not done and not listed.key.endswith("/"):
                yield listed

    def _add(self, given: Input, found: Listed, progress: Progress) -> Progress:
        place = Place(given.source.place.bucket, found.key)
        begun = found.key == progress.file and progress.offset is not None
        if begun and found.etag != progress.etag:
            reason = (
                f"it has changed since {progress.lines} of its records were loaded; restore it, or undo them by hand"
            )
            raise BadFile(str(place), reason)
        offset, lines = (progress.offset or 0, progress.lines) if begun else (0, 0)
        content = self._content(given, place, found.etag, offset)
        reading = Reading(content, given.reader, str(place), stopped=self._stopped, lines=lines, offset=offset)
        sink = Sink(self.session, self.node, self.table, given.reader)
        rows = progress.rows + sink.add(reading, str(place))
        rest = None if reading.whole else reading.offset
        return Progress(rows, found.key, found.etag, rest, reading.lines)

    def _content(self, given: Input, place: Place, etag: str, offset: int) -> Iterator[bytes]:
        if not given.packed:
            return self.tools.objects.stream(place, etag, offset)
        return _behind(gunzip(self.tools.objects.stream(place, etag), str(place)), offset)

    def _stopped(self) -> bool:
        left = self.tools.time_left()
        return self.tools.cancelled() or (left is not None and left < _ENOUGH)

    def _pause(self, progress: Progress) -> Outcome:
        if self.tools.cancelled():
            return Failed("Canceled", f"canceled after {progress.rows} rows")
        if not self.noted:
            return Failed("OutOfTime", "a function has too little time for this load: set placement to resource")
        self.ledger.note(progress)
        self.session.commit()
        return Unfinished("resume")


def _behind(content: Iterator[bytes], offset: int) -> Iterator[bytes]:
    for piece in content:
        if offset < len(piece):
            yield piece[offset:]
        offset = max(0, offset - len(piece))


def _finished(progress: Progress) -> Finished:
    return Finished((("rowsCopied", str(progress.rows)),))
