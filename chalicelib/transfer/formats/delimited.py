"""Rows from and to delimited text. Must not know files beyond their names."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.dialect import NULL, Dialect
from chalicelib.transfer.formats.blocks import LONGEST_RECORD, blocks
from chalicelib.transfer.formats.columns import Column
from chalicelib.transfer.formats.faults import BadRecord

Row = tuple[str | None, ...]

_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Delimited:
    """CSV, TSV and Custom.

    columns  declared ones; empty when any number of columns will do
    """

    dialect: Dialect
    columns: tuple[Column, ...] = ()

    def read(self, content: Iterable[bytes], file: str, longest: int = LONGEST_RECORD) -> Iterator[Row]:
        """Rows, in order.

        Raises   BadRecord for columns too many or too few, a value its column's type does not accept, invalid UTF-8,
                 CR LF line ends, an escape before the end of the file, a record that is too long; BadFile
        """
        line = 0
        for block in blocks(content, self.dialect, file, longest):
            for row in self.read_block(block, file, line):
                line += 1
                yield row

    def read_block(self, block: bytes, file: str, before: int) -> Iterator[Row]:
        """Rows of a block of whole records that `before` others came before. Raises BadRecord as `read` does."""
        for line, record in enumerate(self._records(block, file, before), before + 1):
            yield self._row(record, file, line)

    def write(self, rows: Iterable[Row], block: int = _BLOCK) -> Iterator[bytes]:
        """The rows as text, in pieces of about `block` bytes. Nothing is refused: every row reads back as it was."""
        render = _renderer(self.dialect)
        pieces: list[str] = []
        size = 0
        for row in rows:
            text = render(row)
            pieces.append(text)
            size += len(text)
            if size >= block:
                yield "".join(pieces).encode()
                pieces, size = [], 0
        if pieces:
            yield "".join(pieces).encode()

    def _records(self, block: bytes, file: str, before: int) -> Sequence[str]:
        """The block's records without their ends."""
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            raise self._undecodable(block, error, file, before) from error
        records = text.split(self.dialect.record)
        if self.dialect.escape in text:
            records = _rejoined(records, self.dialect.record, self.dialect.escape)
        if not records[-1]:
            records.pop()
        return records

    def _row(self, record: str, file: str, line: int) -> Row:
        dialect = self.dialect
        if dialect.record == "\n" and record.endswith("\r"):
            _check_line_end(record, dialect.escape, file, line)
        fields = record.split(dialect.separator)
        row: Row
        if dialect.escape in record or NULL in record:
            fields = _rejoined(fields, dialect.separator, dialect.escape)
            row = tuple(_value(field, dialect.escape, len(fields), file, line) for field in fields)
        else:
            row = tuple(fields)
        check_row(row, self.columns, file, line)
        return row

    def _undecodable(self, block: bytes, error: UnicodeDecodeError, file: str, before: int) -> BadRecord:
        """Which record, and which column of it, holds the byte."""
        good = block[: error.start].decode() + "?"
        records = _rejoined(good.split(self.dialect.record), self.dialect.record, self.dialect.escape)
        fields = _rejoined(records[-1].split(self.dialect.separator), self.dialect.separator, self.dialect.escape)
        reason = f"byte 0x{block[error.start]:02x} is not valid UTF-8"
        return BadRecord(file, before + len(records), _named(self.columns, len(fields)), reason)


def check_row(row: Row, columns: Sequence[Column], file: str, line: int) -> None:
    """Compare a row with the declared columns. Raises BadRecord."""
    if not columns:
        return
    if len(row) != len(columns):
        amount = "few" if len(row) < len(columns) else "many"
        raise BadRecord(file, line, None, f"too {amount} columns: {len(row)} found, {len(columns)} expected")
    for number, (column, value) in enumerate(zip(columns, row, strict=True), 1):
        if value is not None and not column.accepts(value):
            reason = f"{shortened(value)!r} is no {column.type}"
            raise BadRecord(file, line, _named(columns, number), reason)


def shortened(value: str) -> str:
    """The value, or its first 40 characters: it goes into messages."""
    return value if len(value) <= 40 else value[:40] + "…"


def _named(columns: Sequence[Column], number: int) -> str:
    return f"{number} ({columns[number - 1].name})" if number <= len(columns) else str(number)


def _rejoined(pieces: list[str], glue: str, escape: str) -> list[str]:
    """Undo the cuts at separators that an escape takes literally."""
    joined: list[str] = []
    open_end: list[str] = []
    for piece in pieces:
        open_end.append(piece)
        if not _ends_escaped(piece, escape):
            joined.append(glue.join(open_end) if len(open_end) > 1 else piece)
            open_end = []
    if open_end:
        joined.append(glue.join(open_end))
    return joined


def _ends_escaped(piece: str, escape: str) -> bool:
    return piece.endswith(escape) and (len(piece) - len(piece.rstrip(escape))) % 2 == 1


def _value(field: str, escape: str, column: int, file: str, line: int) -> str | None:
    if field == NULL:
        return None
    if escape not in field:
        return field
    if _ends_escaped(field, escape):
        raise BadRecord(file, line, str(column), "bad escape: nothing follows the escape character")
    return re.sub(re.escape(escape) + "(.)", r"\1", field, flags=re.DOTALL)


def _check_line_end(record: str, escape: str, file: str, line: int) -> None:
    if not _ends_escaped(record[:-1], escape):
        raise BadRecord(file, line, None, "the line ends with CR LF, LF alone expected")


def _renderer(dialect: Dialect) -> Callable[[Row], str]:
    """CR is escaped, too: before the record's end it would read as half of a CR LF."""
    special = re.compile(f"[{re.escape(dialect.escape + dialect.separator + dialect.record)}\r]")
    separator, end, replacement = dialect.separator, dialect.record, dialect.escape.replace("\\", r"\\") + r"\g<0>"

    def escaped(value: str | None) -> str:
        if value is None:
            return NULL
        if value == NULL:
            # With another escape character nothing in it is special, but alone it would read as NULL.
            return dialect.escape + "\\" + "N"
        return special.sub(replacement, value) if special.search(value) else value

    def render(row: Row) -> str:
        return separator.join(map(escaped, row)) + end

    return render
