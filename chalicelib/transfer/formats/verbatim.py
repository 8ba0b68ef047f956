"""Delimited text that need not become rows, since the other side reads it as it is: only checked. Pure."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.dialect import Dialect
from chalicelib.transfer.formats.blocks import LONGEST_RECORD, blocks, is_escaped
from chalicelib.transfer.formats.delimited import Delimited


def is_plain(dialect: Dialect) -> bool:
    """Whether databases' bulk paths read the dialect: LF, backslash, and a separator that is no word's character."""
    separator = dialect.separator
    plain = separator.isascii() and not separator.isalnum() and separator not in ".\\\"'"
    return plain and (dialect.record, dialect.escape) == ("\n", "\\")


def verbatim(
    content: Iterable[bytes], reader: Delimited, file: str, before: int = 0, longest: int = LONGEST_RECORD
) -> Iterator[bytes]:
    """Blocks of whole records, the last one ended, too.

    before   how many records of the file came before

    Raises   BadRecord for invalid UTF-8, CR LF line ends, an escape before the end of the file, a record that is too
             long; BadFile. Columns and their values are left to whoever reads the blocks.
    """
    for block in blocks(content, reader.dialect, file, longest):
        if _is_suspect(block):
            before += sum(1 for _ in reader.read_block(block, file, before))
        else:
            before += count_records(block)
        yield block if _is_ended(block) else block + b"\n"


def _is_ended(block: bytes) -> bool:
    return block.endswith(b"\n") and not is_escaped(block, len(block) - 1, b"\\")


def _is_suspect(block: bytes) -> bool:
    """Whether the slow reader has to look: it names the place, or finds that all is well."""
    if b"\r\n" in block or not block.endswith(b"\n"):
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return True
    return False


def count_records(block: bytes) -> int:
    """Records of a block in a plain dialect: its line feeds but those that an escape takes literally."""
    found, at = block.count(b"\n"), block.find(b"\\\n")
    while at >= 0:
        found -= is_escaped(block, at + 1, b"\\")
        at = block.find(b"\\\n", at + 2)
    return found
