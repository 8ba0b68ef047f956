"""Large tables in ranges of their key, so that work on one can be shared, or left and taken up again.

Only in functions: a machine has the time to read a table at once, and then all rows are of one moment.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.ports.databases import Key, Session, Span, Table
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.sql.nodes import SqlNode, keeps_notes
from chalicelib.work.tools import Tools

_SELECT_ALL = re.compile(r"""\s*select\s+\*\s+from\s+([\w.]+|"[^".]+"|`[^`.]+`)\s*;?\s*""", re.IGNORECASE)
_COLUMNS = "SELECT count(*) FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"
_LONGEST = 200_000
"""Characters of a cut, which has to fit one item of the store beside the task and the chunks' marks."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a table is cut: keys in order, each the first of its range but for the first range's."""

    key: Key
    bounds: tuple[str, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """The ranges; together they have every row."""
        ends = (None, *self.bounds, None)
        return tuple(Span(self.key, first, stop) for first, stop in pairwise(ends))


def source_of(session: Session, node: SqlNode) -> Table | str:
    """What a node reads: its query, or a table where it gives none or one that says the same."""
    if node.select is None:
        return session.table(node.table, node.schema)
    match = _SELECT_ALL.fullmatch(node.select)
    if match is None or not keeps_notes(node.address):
        return node.select
    table = session.table(match[1].strip('"`'), None)
    (count,) = session.rows(_COLUMNS, [table.schema, table.name])[0]
    return table if count == str(len(table.columns)) else node.select  # a table has no generated columns


def key_of(session: Session, source: Table | str, tools: Tools) -> Key | None:
    """What to cut the source by; None when it is to be read at once."""
    if tools.time_left() is None or isinstance(source, str):
        return None
    key = session.key(source)
    return key if key is not None and key.size > 2 * tools.copy_limits.range_size else None


def spans(session: Session, table: Table, key: Key, limits: CopyLimits, first: str | None = None) -> Iterator[Span]:
    """The ranges from a key on, each found when it is asked for."""
    rows = _rows(key, limits)
    while True:
        stop = session.bound(table, key, first, rows)
        yield Span(key, first, stop)
        if stop is None:
            return
        first = stop


def cut(session: Session, table: Table, key: Key, limits: CopyLimits) -> Cut:
    """All ranges at once, fewer where their bounds are too long to be kept."""
    bounds = [span.stop for span in spans(session, table, key, limits) if span.stop is not None]
    while sum(map(len, bounds)) > _LONGEST or len(bounds) > 2 * limits.ranges:
        bounds = bounds[1::2]
    return Cut(key, tuple(bounds))


def encode_cut(found: Cut) -> str:
    """As a checkpoint."""
    return json.dumps(to_plain(Cut, found), separators=(",", ":"), ensure_ascii=False)


def decode_cut(text: str) -> Cut:
    """The cut that `encode_cut` was given."""
    return from_plain(Cut, json.loads(text))


def short_of_time(tools: Tools) -> Callable[[], bool]:
    """Whether to stop at the end of a range: two thirds of the time are over, since the next may take long."""
    whole = tools.time_left() or timedelta(0)

    def is_short() -> bool:
        left = tools.time_left()
        return left is not None and left < whole / 3

    return is_short


def _rows(key: Key, limits: CopyLimits) -> int:
    """A server that does not know how many rows it has is taken at 100 bytes each."""
    known = key.rows or key.size // 100
    return max(limits.range_rows, known * limits.range_size // max(1, key.size), known // limits.ranges)


def numbered(found: Sequence[Span]) -> tuple[str, ...]:
    """A chunk's text for each range."""
    return tuple(
        json.dumps([number, to_plain(Span, span)], separators=(",", ":"), ensure_ascii=False)
        for number, span in enumerate(found)
    )


def read_number(text: str) -> tuple[int, Span]:
    """A chunk's number, from 0, and range."""
    number, plain = json.loads(text)
    return int(number), from_plain(Span, plain)
