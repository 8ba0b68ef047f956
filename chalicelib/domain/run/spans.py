"""Run-length notes about intervals that did not end FINISHED. A backfill of failures is one span, not thousands."""

from bisect import bisect_right
from operator import attrgetter

from chalicelib.domain.run.state import Span
from chalicelib.domain.run.status import Status

KEPT = 200
"""Spans kept per component, newest first; an older exception is forgotten and then counts as FINISHED."""

_first = attrgetter("first")


def status_at(spans: tuple[Span, ...], index: int) -> Status:
    """How the interval ended: FINISHED unless a span says otherwise."""
    place = bisect_right(spans, index, key=_first) - 1
    return spans[place].status if place >= 0 and index <= spans[place].last else Status.FINISHED


def noted(spans: tuple[Span, ...], index: int, status: Status) -> tuple[Span, ...]:
    """The spans after the interval ended with `status`; FINISHED takes its note away."""
    if status_at(spans, index) is status:
        return spans
    return noted_range(spans, index, index, status)


def noted_range(spans: tuple[Span, ...], first: int, last: int, status: Status) -> tuple[Span, ...]:
    """The same for intervals `first`..`last`."""
    pieces: list[Span] = []
    for span in spans:
        if span.first < first:
            pieces.append(Span(span.first, min(span.last, first - 1), span.status))
        if span.last > last:
            pieces.append(Span(max(span.first, last + 1), span.last, span.status))
    if status is not Status.FINISHED:
        pieces.append(Span(first, last, status))
    pieces.sort(key=_first)
    return tuple(_joined(pieces)[-KEPT:])


def _joined(pieces: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in pieces:
        if joined and joined[-1].status is span.status and joined[-1].last + 1 == span.first:
            joined[-1] = Span(joined[-1].first, span.last, span.status)
        else:
            joined.append(span)
    return joined


def indices(spans: tuple[Span, ...], status: Status, first: int = 0) -> list[int]:
    """Every interval number from `first` on that is noted with `status`, ascending."""
    return [index for span in spans if span.status is status for index in range(max(first, span.first), span.last + 1)]
