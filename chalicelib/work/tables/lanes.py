"""A table as one side of a copy: where it is, how much of it may be used, when to stop. It knows no other side."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.ports.tables import Shape
from chalicelib.transfer.rate import Timer, TokenBucket, share_of
from chalicelib.transfer.tables import ON_DEMAND_UNITS, Lane, in_region
from chalicelib.work.tools import Tools

SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENTS_EACH = 4
"""Segments of a chunk, and in a function also how many are read side by side: it has one processor for them."""

_FEWEST, _MOST = SEGMENTS_EACH, 4000
_ENOUGH = timedelta(seconds=60)
_A_TURN = 180.0
"""Seconds after which a function hands over, so that one that is killed loses no more than that."""


@dataclass(frozen=True, slots=True)
class Side:
    """A table, and the share of its capacity to use. `region` None is that of the credentials."""

    table: str
    region: str | None
    ratio: float

    def __str__(self) -> str:
        return self.table if self.region is None else f"{self.table} in {self.region}"


@dataclass(frozen=True, slots=True)
class Done:
    """How many items of a chunk have been copied in all its executions, and where to go on; None at its end."""

    items: int
    rest: str | None


def shape_of(side: Side, tools: Tools) -> Shape:
    """What the table is. Raises Missing, and what tables raise."""
    return in_region(tools.tables, side.region).describe(side.table)


def open_lane(side: Side, writes: bool, sharers: int, tools: Tools, stopped: Callable[[], bool]) -> Lane:
    """Get ready to read or write the table, as one of `sharers` that do so side by side."""
    tables = in_region(tools.tables, side.region)
    shape = tables.describe(side.table)
    timer = Timer(tools.seconds, tools.pause)
    rate = share_of(shape.write_units if writes else shape.read_units, side.ratio, sharers, ON_DEMAND_UNITS)
    return Lane(tables, side.table, shape, TokenBucket(rate, timer), timer, stopped, tools.journal.say)


def segments_for(shape: Shape, asked: int | None) -> int:
    """Into how many segments a table is cut: one for each 64 MiB, or as many as were asked for."""
    wanted = asked if asked is not None else math.ceil(shape.size_bytes / SEGMENT_BYTES)
    return min(max(wanted, 1 if asked else _FEWEST), _MOST)


def stopper(tools: Tools) -> Callable[[], bool]:
    """Whether to stop: canceled, too little time left to begin anything, or time to hand over."""
    whole = tools.time_left()
    margin = _ENOUGH if whole is None else min(_ENOUGH, whole / 4)
    began = tools.seconds()

    def stopped() -> bool:
        left = tools.time_left()
        late = left is not None and (left < margin or tools.seconds() - began > _A_TURN)
        return late or tools.cancelled()

    return stopped
