"""Sharing out items that are counted while they are listed, in bounded memory. Pure.

What is remembered of any number of items is at most a thousand places to cut. When there are more, every other one is
forgotten, so that the steps between them double and double again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_CUTS = 1024


@dataclass(frozen=True, slots=True)
class Cut:
    """A place between two items: how many come before it, in all, and where it is in their source's own words."""

    before: int
    place: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The items of one worker: behind the place `start` (None is the beginning), up to the place `end`."""

    start: str | None
    end: str


def thinned(cuts: Iterable[Cut], most: int = MOST_CUTS) -> tuple[Cut, ...]:
    """At most `most` of the cuts, evenly spread, the very last one among them."""
    kept: list[Cut] = []
    step = 0
    last: Cut | None = None
    for number, cut in enumerate(cuts):
        last = cut
        if number % (1 << step) == 0:
            kept.append(cut)
        if len(kept) == most:
            kept, step = kept[::2], step + 1
    if last is not None and kept[-1] != last:
        kept.append(last)
    return tuple(kept)


def lanes_of(cuts: tuple[Cut, ...], most: int) -> tuple[Lane, ...]:
    """At most `most` lanes of about as many items each, in order; none when there are no items."""
    if not cuts:
        return ()
    total = cuts[-1].before
    ends: list[Cut] = []
    for cut in cuts:
        if cut.before * most >= (len(ends) + 1) * total:
            ends.append(cut)
    starts = [None, *(cut.place for cut in ends[:-1])]
    return tuple(Lane(start, cut.place) for start, cut in zip(starts, ends, strict=True))
