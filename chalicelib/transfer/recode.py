"""Objects with records of one format and compression, as bytes of another. Pure; must not know where bytes come from.

Equal input gives equal bytes, whatever the pieces it arrives in, so that storing a repeated result changes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.dialect import Dialect
from chalicelib.transfer.formats.blocks import blocks, refuse_gzip
from chalicelib.transfer.formats.choose import Format
from chalicelib.transfer.formats.columns import Column
from chalicelib.transfer.formats.compression import gunzip, gzip
from chalicelib.transfer.formats.delimited import Delimited, Row, check_row
from chalicelib.transfer.formats.pattern import LINES, Pattern
from chalicelib.transfer.formats.verbatim import is_plain, verbatim


@dataclass(frozen=True, slots=True)
class Recoding:
    """How to make an output object of input objects.

    unpack, pack     whether the input is gzip, and whether the output is to be
    source, target   formats; the same one twice when records stay as they are and are only joined
    records          whether to look at records at all; otherwise only the compression differs
    """

    unpack: bool
    pack: bool
    source: Format
    target: Format
    records: bool = True

    def one(self, content: Iterable[bytes], file: str) -> Iterator[bytes]:
        """The output of one object. Raises BadRecord and BadFile, naming `file`."""
        return self._packed(self._plain(content, file))

    def joined(self, contents: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
        """The output of all objects, one behind the other; a record that ended with its object is ended here, too.

        contents   name and content of each. Raises as `one` does
        """
        return self._packed(piece for file, content in contents for piece in self._plain(content, file))

    def _plain(self, content: Iterable[bytes], file: str) -> Iterator[bytes]:
        unpacked = gunzip(content, file) if self.unpack else refuse_gzip(content, file)
        return _recoded(unpacked, self.source, self.target, file) if self.records else unpacked

    def _packed(self, content: Iterator[bytes]) -> Iterator[bytes]:
        return gzip(content) if self.pack else content


def _recoded(content: Iterable[bytes], source: Format, target: Format, file: str) -> Iterator[bytes]:
    """The records in the target's format, as they are where that can be."""
    match (source, target):
        case (Delimited() as reader, Delimited() as writer) if _is_same(reader, writer):
            return verbatim(content, reader, file)
        case (Pattern(), Pattern()) if source is target:
            return _lines(content, file)
        case (Delimited() as reader, Delimited() as writer) if not (reader.columns or writer.columns):
            return _separated(content, reader, writer, file)
        case (_, Delimited() as writer):
            return writer.write(_fitted(source.read(content, file), source.columns, writer.columns, file))
        case (_, Pattern() as writer):
            return writer.write(_fitted(source.read(content, file), source.columns, writer.columns, file), file)


def _is_same(reader: Delimited, writer: Delimited) -> bool:
    return reader.dialect == writer.dialect and is_plain(reader.dialect) and not (reader.columns or writer.columns)


def _separated(content: Iterable[bytes], reader: Delimited, writer: Delimited, file: str) -> Iterator[bytes]:
    """Where nothing in a block is special but the separators, these are exchanged; other blocks become rows."""
    old, new = reader.dialect.separator.encode(), writer.dialect.separator.encode()
    end = reader.dialect.record.encode()
    special = _special(reader.dialect, writer.dialect)
    null = re.compile(
        b"(?:(?<=%b)|(?<=%b)|\\A)\\\\N(?=%b|%b)" % (re.escape(old), re.escape(end), re.escape(old), re.escape(end))
    )
    line = 0
    for block in blocks(content, reader.dialect, file):
        if end == writer.dialect.record.encode() and _is_simple(block, end, special, null):
            yield block.replace(old, new)
            line += block.count(end)
        else:
            rows = list(reader.read_block(block, file, line))
            yield from writer.write(rows)
            line += len(rows)


def _special(old: Dialect, new: Dialect) -> Sequence[bytes]:
    """What a block must not hold to have its separators exchanged: escapes, and what would need one."""
    texts = {"\r", old.escape, new.escape, new.separator} - {old.separator, "\\"}
    return [text.encode() for text in texts]


def _is_simple(block: bytes, end: bytes, special: Sequence[bytes], null: "re.Pattern[bytes]") -> bool:
    """Whether every backslash belongs to a NULL, which is the same in all dialects, and nothing is special."""
    if not block.endswith(end) or any(text in block for text in special):
        return False
    backslashes = block.count(b"\\")
    if backslashes and backslashes != len(null.findall(block)):
        return False
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lines(content: Iterable[bytes], file: str) -> Iterator[bytes]:
    for block in blocks(content, LINES, file):
        yield block if block.endswith(b"\n") else block + b"\n"


def _fitted(rows: Iterator[Row], source: Sequence[Column], target: Sequence[Column], file: str) -> Iterator[Row]:
    """The columns that the target declares: by name where the source has all of them, otherwise one by one."""
    if not target or tuple(target) == tuple(source):
        yield from rows
        return
    chosen = _chosen(source, target)
    for line, row in enumerate(rows, 1):
        fitting = row if chosen is None else tuple(row[at] for at in chosen)
        check_row(fitting, target, file, line)
        yield fitting


def _chosen(source: Sequence[Column], target: Sequence[Column]) -> Sequence[int] | None:
    """Where the target's columns are in a row of the source, if the source has them all."""
    places = {column.name.lower(): at for at, column in enumerate(source)}
    names = [column.name.lower() for column in target]
    return [places[name] for name in names] if all(name in places for name in names) else None
