"""One DynamoDB table to another, of any regions. Must not know who asks for it.

A page is written before the next one is read, and what is noted is the key behind which to go on. Items replace what
has their key, so that a page that is copied twice leaves what it left the first time.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.ports.tables import Item, Segment
from chalicelib.transfer.formats.items import decode_item, encode_item
from chalicelib.transfer.pool import run_all
from chalicelib.transfer.tables import Lane, pages, put_all
from chalicelib.work.tables.export import segment_ranges
from chalicelib.work.tables.lanes import Done, Side, open_lane, segments_for, shape_of, stopper
from chalicelib.work.tools import Tools

_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class _At:
    """How far a segment has come: items copied, the key to go on behind, and whether it is at its end."""

    items: int = 0
    after: Item | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class TableCopy:
    """One copy."""

    source: Side
    target: Side
    keep: Callable[[Item], bool] | None

    def plan(self, tools: Tools) -> str:
        """The number of segments."""
        return str(segments_for(shape_of(self.source, tools), None))

    def chunks(self, plan: str, tools: Tools) -> tuple[str, ...]:
        """Ranges of segments."""
        return segment_ranges(int(plan), tools.fans_out)

    def in_order(self, _: str) -> bool:
        """Segments have nothing in common."""
        return False

    def do(self, chunk: str, begun: str | None, sharers: int, tools: Tools) -> Done:
        """Copy what is missing of the chunk's segments."""
        stopped = stopper(tools)
        first, behind, total = json.loads(chunk)
        source = open_lane(self.source, False, sharers, tools, stopped)
        target = open_lane(self.target, True, sharers, tools, stopped)
        at = {number: _At() for number in range(first, behind)} | _decode(begun)

        def copy(number: int) -> tuple[int, _At]:
            return number, self._copy(source, target, Segment(number, total), at[number])

        waiting = [number for number, where in at.items() if not where.ended]
        at |= dict(run_all(copy, waiting, _PARALLEL, stopped))
        whole = all(where.ended for where in at.values())
        return Done(sum(where.items for where in at.values()), None if whole else _encode(at))

    def finish(self, plan: str, tools: Tools) -> None:
        """Nothing is left to do."""

    def _copy(self, source: Lane, target: Lane, segment: Segment, at: _At) -> _At:
        for page in pages(source, segment, at.after):
            kept = [item for item in page.items if self.keep is None or self.keep(item)]
            if not put_all(target, kept):
                return at
            at = _At(at.items + len(kept), page.after, page.after is None)
        return at


def _encode(at: dict[int, _At]) -> str:
    return json.dumps(
        [[number, where.items, where.after and encode_item(where.after), where.ended] for number, where in at.items()]
    )


def _decode(text: str | None) -> dict[int, _At]:
    found = json.loads(text) if text else []
    return {number: _At(items, after and decode_item(after), ended) for number, items, after, ended in found}
