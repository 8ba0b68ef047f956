"""Rows from and to lines described by a regular expression. Must not know files beyond their names.

Source: developer guide, "RegEx data format"; as in Hive, the whole line has to match.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import NULL, BadFormat, Dialect
from chalicelib.transfer.formats.blocks import LONGEST_RECORD, blocks
from chalicelib.transfer.formats.columns import Column, columns_of
from chalicelib.transfer.formats.delimited import Row, check_row, shortened
from chalicelib.transfer.formats.faults import BadRecord
from chalicelib.transfer.formats.java import Formatter, compile_format

# Lines end at LF whatever stands before it: an escape character that no text holds right before one.
LINES = Dialect(escape="\0")


@dataclass(frozen=True, slots=True)
class Pattern:
    """RegEx. A format may be able to read only, or to write only."""

    name: str
    expression: re.Pattern[str] | None
    output: Formatter | None
    columns: tuple[Column, ...] = ()

    def read(self, content: Iterable[bytes], file: str, longest: int = LONGEST_RECORD) -> Iterator[Row]:
        """Rows, in order; a group that took no part in the match, or matched `\\N`, is NULL.

        Raises   BadFormat without inputRegEx; BadRecord for a line that does not match, a value its column's type does
                 not accept, invalid UTF-8, a line that is too long; BadFile
        """
        if self.expression is None:
            raise BadFormat(self.name, "inputRegEx", "", "a regular expression, to read with")
        line = 0
        for block in blocks(content, LINES, file, longest):
            for record in block.removesuffix(b"\n").split(b"\n"):
                line += 1
                yield self._row(self.expression, record, file, line)

    def write(self, rows: Iterable[Row], file: str = "") -> Iterator[bytes]:
        """One line each, NULL as `\\N`.

        file     where the rows come from, for messages; the format's own name when empty
        Raises   BadFormat without outputFormat, BadRecord for a row with too few columns or a line feed in a value
        """
        if self.output is None:
            raise BadFormat(self.name, "outputFormat", "", "a format such as '%1$s %2$s', to write with")
        for line, row in enumerate(rows, 1):
            yield self._line(self.output, row, file or self.name, line).encode()

    def _row(self, expression: re.Pattern[str], record: bytes, file: str, line: int) -> Row:
        text = _decoded(record, file, line)
        match = expression.fullmatch(text)
        if match is None:
            raise BadRecord(file, line, None, f"{shortened(text)!r} does not match inputRegEx")
        row = tuple(None if value == NULL else value for value in match.groups())
        check_row(row, self.columns, file, line)
        return row

    def _line(self, output: Formatter, row: Row, file: str, line: int) -> str:
        if len(row) < output.needs:
            raise BadRecord(file, line, None, f"outputFormat names column {output.needs}, the row has {len(row)}")
        for number, value in enumerate(row, 1):
            if value is not None and "\n" in value:
                raise BadRecord(file, line, str(number), "the value holds a line feed, which a line cannot")
        return output.format([NULL if value is None else value for value in row]) + "\n"


def pattern_of(found: PipelineObject) -> Pattern:
    """A RegEx data format.

    Raises   BadFormat
    """
    expression, output = found.text("inputRegEx"), found.text("outputFormat")
    compiled = _compiled(found.name, expression) if expression else None
    columns = columns_of(found)
    if compiled is not None and columns and compiled.groups != len(columns):
        raise BadFormat(found.name, "inputRegEx", f"{compiled.groups} groups", f"{len(columns)}, one for each column")
    return Pattern(found.name, compiled, _formatter(found.name, output) if output else None, columns)


def _compiled(name: str, expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except (re.error, RecursionError, OverflowError) as error:
        raise BadFormat(name, "inputRegEx", expression, f"a regular expression ({error})") from error


def _formatter(name: str, output: str) -> Formatter:
    try:
        return compile_format(output)
    except ValueError as error:
        raise BadFormat(name, "outputFormat", output, f"a Java format string ({error})") from error


def _decoded(record: bytes, file: str, line: int) -> str:
    try:
        return record.decode()
    except UnicodeDecodeError as error:
        reason = f"byte 0x{record[error.start]:02x} is not valid UTF-8"
        raise BadRecord(file, line, None, reason) from error
