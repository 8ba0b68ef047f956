"""CopyActivity out of a table: to S3, or into another table. Must not know servers or formats.

An object appears whole or not at all under a name that does not change, and a table gets all rows at once with a note
that they are there: repeating a copy changes nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import CSV
from chalicelib.domain.errors import DataPipelineError
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Session, Table
from chalicelib.ports.objects import Place
from chalicelib.transfer.formats.choose import Format, format_of
from chalicelib.transfer.formats.compression import gzip
from chalicelib.transfer.formats.delimited import Delimited
from chalicelib.transfer.formats.faults import BadRecord
from chalicelib.transfer.formats.reading import Reading
from chalicelib.transfer.formats.verbatim import count_records, is_plain
from chalicelib.transfer.upload import store
from chalicelib.work.copy_routes import encryption_of, target_of
from chalicelib.work.ledger import Ledger, Progress
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.sql_load import Sink
from chalicelib.work.sql_nodes import SqlNode, connected, sql_node, target_table
from chalicelib.work.tools import Tools

_ENOUGH = timedelta(seconds=30)
_FILE = "part-00000"


class Canceled(DataPipelineError):
    """The attempt is no longer wanted; nothing was written."""


class OutOfTime(DataPipelineError):
    """A result set cannot be left and taken up again: a function has too little time for it."""


def unload_table(task: Task, source_node: PipelineObject, target_node: PipelineObject, tools: Tools) -> Outcome:
    """Write the input's rows as one object: the file, or `part-00000` in the directory.

    Raises   BadFormat, BadRecord for a row that the format cannot hold, and what storage and server raise
    """
    linked = task.linked(target_node, "dataFormat")
    writer = format_of(linked[0] if linked else None)
    node = sql_node(task, source_node, tools.databases)
    packed = (target_node.text("compression") or "none").lower() == "gzip"
    place, encryption = _place(target_node, packed), encryption_of(target_node)
    with connected(node.address, tools.databases) as session:
        rows = _Rows(_source(session, node), node, session, tools)
        text = _text(rows, writer, place)
        size = store(tools.objects, place, gzip(text) if packed else text, encryption)
    tools.journal.say(f"wrote {rows.count} rows, {size} bytes to {place}")
    return Finished((("rowsCopied", str(rows.count)), ("bytesCopied", str(size))))


def copy_table(task: Task, source_node: PipelineObject, target_node: PipelineObject, tools: Tools) -> Outcome:
    """Add the input's rows to the output's table. Raises BadRecord, and what the servers raise."""
    source, target = (sql_node(task, node, tools.databases) for node in (source_node, target_node))
    with connected(source.address, tools.databases) as reading, connected(target.address, tools.databases) as writing:
        table = target_table(writing, target)
        ledger = Ledger(writing, task, table.schema if table is not None else target.schema)
        if not ledger.prepare():
            tools.journal.say(
                f"{target.address}: may not create penstock_loads; a repeated copy may add its rows again"
            )
        progress = ledger.claim()
        if not progress.done:
            rows = _Rows(_source(reading, source), source, reading, tools)
            reader = Delimited(CSV)
            content = Reading(rows.blocks(CSV.separator), reader, source.label, stopped=bool)
            progress = Progress(rows=Sink(writing, target, table, reader).add(content, source.label), done=True)
            ledger.note(progress)
            writing.commit()
    tools.journal.say(f"copied {progress.rows} rows from {source.label} to {target.label}")
    return Finished((("rowsCopied", str(progress.rows)),))


def _source(session: Session, node: SqlNode) -> Table | str:
    return node.select or session.table(node.table, node.schema)


def _place(node: PipelineObject, packed: bool) -> Place:
    place, into = target_of(node)
    return place.child(_FILE + ".gz" * packed) if into else place


class _Rows:
    """A result as text, counted, as long as the work is wanted and there is time."""

    def __init__(self, source: Table | str, node: SqlNode, session: Session, tools: Tools) -> None:
        self._source = source
        self._node = node
        self._session = session
        self._tools = tools
        self.count = 0

    def blocks(self, separator: str) -> Iterator[bytes]:
        for block in self._session.unload(self._source, separator):
            self._check()
            yield block
            self.count += count_records(block)
            self._tools.report((("rowsCopied", str(self.count)),))

    def _check(self) -> None:
        left = self._tools.time_left()
        if self._tools.cancelled():
            raise Canceled(f"canceled after {self.count} rows of {self._node.label}")
        if left is not None and left < _ENOUGH:
            raise OutOfTime(
                f"{self.count} rows of {self._node.label} were read in the time that a function has: "
                "set placement to resource on the activity, or copy less with selectQuery"
            )


def _text(rows: _Rows, writer: Format, place: Place) -> Iterator[bytes]:
    if isinstance(writer, Delimited) and is_plain(writer.dialect):
        return _checked(rows.blocks(writer.dialect.separator), writer, place)
    read = Delimited(CSV, writer.columns).read(rows.blocks(CSV.separator), str(place))
    return writer.write(read)


def _checked(blocks: Iterable[bytes], writer: Delimited, place: Place) -> Iterator[bytes]:
    """Compare the first row with the declared columns: their number is the same for all."""
    first = True
    for block in blocks:
        if first and writer.columns and block:
            found = len(next(Delimited(writer.dialect).read([block], str(place))))
            if found != len(writer.columns):
                reason = f"the query gives {found} columns, the data format declares {len(writer.columns)}"
                raise BadRecord(str(place), 1, None, reason)
            first = False
        yield block
