"""Rows out of a table as text, as long as they are wanted and there is time. Must not know where they go."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from chalicelib.domain.dialect import CSV
from chalicelib.domain.errors import DataPipelineError
from chalicelib.ports.databases import Session, Span, Table
from chalicelib.transfer.formats.choose import Format
from chalicelib.transfer.formats.delimited import Delimited
from chalicelib.transfer.formats.faults import BadRecord
from chalicelib.transfer.formats.verbatim import count_records, is_plain
from chalicelib.work.sql.nodes import SqlNode
from chalicelib.work.tools import Tools

_ENOUGH = timedelta(seconds=30)
_ALL = (None,)


class Canceled(DataPipelineError):
    """The attempt is no longer wanted; nothing was written."""


class OutOfTime(DataPipelineError):
    """A result set cannot be left and taken up again: a function has too little time for it."""


class Rows:
    """A result, counted."""

    def __init__(self, source: Table | str, node: SqlNode, session: Session, tools: Tools, count: int = 0) -> None:
        self._source = source
        self._node = node
        self._session = session
        self._tools = tools
        self.count = count

    def blocks(self, separator: str, spans: Iterable[Span | None] = _ALL) -> Iterator[bytes]:
        """Whole records, of one range after the other. Raises Canceled, OutOfTime, and what the server raises."""
        for span in spans:
            for block in self._session.unload(self._source, separator, span):
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


def text_of(rows: Rows, writer: Format, place: str, spans: Iterable[Span | None] = _ALL) -> Iterator[bytes]:
    """The rows in a format. Raises BadFormat, BadRecord for a row that it cannot hold."""
    if isinstance(writer, Delimited) and is_plain(writer.dialect):
        return _checked(rows.blocks(writer.dialect.separator, spans), writer, place)
    read = Delimited(CSV, writer.columns).read(rows.blocks(CSV.separator, spans), place)
    return writer.write(read)


def _checked(blocks: Iterable[bytes], writer: Delimited, place: str) -> Iterator[bytes]:
    """Compare the first row with the declared columns: their number is the same for all."""
    first = True
    for block in blocks:
        if first and writer.columns and block:
            found = len(next(Delimited(writer.dialect).read([block], place)))
            if found != len(writer.columns):
                reason = f"the query gives {found} columns, the data format declares {len(writer.columns)}"
                raise BadRecord(place, 1, None, reason)
            first = False
        yield block
