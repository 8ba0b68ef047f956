"""Reading a file so that it can stop at a record's end and go on from there another time."""

from collections.abc import Callable, Iterable, Iterator

from chalicelib.domain.dialect import CSV
from chalicelib.transfer.formats.blocks import blocks
from chalicelib.transfer.formats.choose import Format
from chalicelib.transfer.formats.delimited import Delimited, Row
from chalicelib.transfer.formats.pattern import Pattern
from chalicelib.transfer.formats.verbatim import count_records, is_plain, verbatim


class Reading:
    """One file, read once, as rows or as text that databases understand.

    content         from `offset` on
    lines, offset   records and bytes that came before; they count up while it is read
    stopped         asked behind every block
    whole           whether the reading came to the end; it may not have when `stopped` said so
    """

    def __init__(
        self,
        content: Iterable[bytes],
        reader: Format,
        file: str,
        *,
        stopped: Callable[[], bool],
        lines: int = 0,
        offset: int = 0,
    ) -> None:
        self._content = content
        self._reader = reader
        self._file = file
        self._stopped = stopped
        self.lines = lines
        self.offset = offset
        self.whole = True

    def text(self) -> tuple[str, Iterator[bytes]]:
        """The separator, and blocks of whole records with LF, backslash and `\\N`. Raises what `rows` does."""
        reader = self._reader
        if isinstance(reader, Delimited) and is_plain(reader.dialect):
            return reader.dialect.separator, self._counted(reader)
        return CSV.separator, Delimited(CSV).write(self.rows())

    def rows(self) -> Iterator[Row]:
        """The rows. Raises what `read` of the format does."""
        if isinstance(self._reader, Pattern):
            return self._matched(self._reader)
        return self._read(self._reader)

    def _counted(self, reader: Delimited) -> Iterator[bytes]:
        for block in verbatim(self._content, reader, self._file, self.lines):
            yield block
            if self._ends(len(block), count_records(block)):
                return

    def _read(self, reader: Delimited) -> Iterator[Row]:
        for block in blocks(self._content, reader.dialect, self._file):
            lines = 0
            for row in reader.read_block(block, self._file, self.lines):
                yield row
                lines += 1
            if self._ends(len(block), lines):
                return

    def _matched(self, reader: Pattern) -> Iterator[Row]:
        """Never stops early: what a pattern needs to go on is not kept."""
        for row in reader.read(self._content, self._file):
            yield row
            self.lines += 1

    def _ends(self, size: int, lines: int) -> bool:
        self.offset += size
        self.lines += lines
        self.whole = not self._stopped()
        return not self.whole
