"""Copying the items of a route, whole or until time is up. Must not know tasks, chunks or outcomes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.ports.errors import Missing
from chalicelib.ports.objects import Place
from chalicelib.transfer.copy import Copier, CopyItem, Pending, Stopped
from chalicelib.transfer.pool import run_all
from chalicelib.work.copies.routes import Route
from chalicelib.work.tools import Tools

_ENOUGH = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a copy is to go on.

    bounds       of its chunks, for a task that was cut before
    after        last key of the small objects that were copied; they go first, in order
    large_after  last key of the large objects that were copied
    pending      the large object that was being copied
    """

    bounds: str | None = None
    after: str = ""
    large_after: str = ""
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """How much was copied now, and where to go on; None when nothing is left."""

    objects: int
    size_bytes: int
    rest: Checkpoint | None


def copy_items(route: Route, found: Iterable[CopyItem], keeps_keys: bool, begun: Checkpoint, tools: Tools) -> Copied:
    """Small objects side by side; large ones one after the other, since their parts go side by side."""
    stopped = stopper(tools)
    copier = _copier(route, keeps_keys, tools, stopped)
    feed = Feed(found, tools.copy_limits.single, begun)
    counter = _Counter(tools)

    def copy_one(item: CopyItem) -> CopyItem | None:
        return _copy_one(copier, item, may_go=route.source.many)

    for item in run_all(copy_one, feed, tools.copy_limits.parallel, stopped):
        counter.add(item)
    if not feed.exhausted:
        rest = Checkpoint(None, feed.last, begun.large_after, begun.pending)
        return Copied(counter.objects, counter.size_bytes, rest)
    rest_of_large = _copy_large(copier, feed, begun, counter, copy_one)
    return Copied(counter.objects, counter.size_bytes, rest_of_large)


def _copy_large(
    copier: Copier,
    feed: "Feed",
    begun: Checkpoint,
    counter: "_Counter",
    copy_one: Callable[[CopyItem], CopyItem | None],
) -> Checkpoint | None:
    """Where to go on when it was stopped; None when all are copied."""
    pending, done = begun.pending, begun.large_after
    if pending is not None and pending.item not in feed.large:  # its object changed, or has gone
        copier.objects.drop_parts(pending.upload)
        pending = None
    for item in feed.large:
        if copier.stopped():
            return Checkpoint(None, feed.last, done, pending)
        half_done, pending = (pending, None) if pending and pending.item == item else (None, pending)
        try:
            counter.add(copy_one(item) if half_done is None else _gone_on(copier, half_done))
        except Stopped as stop:
            return Checkpoint(None, feed.last, done, stop.pending)
        done = item.source
    return None


def _gone_on(copier: Copier, pending: Pending) -> CopyItem:
    copier.go_on(pending)
    return pending.item


def stopper(tools: Tools) -> Callable[[], bool]:
    """Whether to stop: canceled, or so little time is left that what is begun could not be ended in it."""
    whole = tools.time_left()
    margin = _ENOUGH if whole is None else min(_ENOUGH, whole / 4)

    def stopped() -> bool:
        left = tools.time_left()
        return tools.cancelled() or (left is not None and left < margin)

    return stopped


def _copier(route: Route, keeps_keys: bool, tools: Tools, stopped: Callable[[], bool]) -> Copier:
    return Copier(
        tools.objects,
        route.source.place.bucket,
        route.target.bucket,
        route.encryption,
        keeps_keys,
        tools.copy_limits,
        stopped,
    )


def _copy_one(copier: Copier, item: CopyItem, may_go: bool) -> CopyItem | None:
    """The item, or None when its object has gone since it was listed."""
    try:
        copier.copy(item)
    except Missing:
        if may_go and not _is_there(copier, item):
            return None
        raise
    return item


def _is_there(copier: Copier, item: CopyItem) -> bool:
    """Missing may mean the target bucket, too."""
    try:
        copier.objects.describe(Place(copier.source_bucket, item.source))
    except Missing:
        return False
    return True


class Feed:
    """Gives out small items, puts large ones aside, and knows how far it came."""

    def __init__(self, found: Iterable[CopyItem], single: int, begun: Checkpoint) -> None:
        self._found = found
        self._single = single
        self._begun = begun
        self.large: list[CopyItem] = []
        self.last = begun.after
        self.exhausted = False

    def __iter__(self) -> Iterator[CopyItem]:
        for item in self._found:
            if item.size > self._single:
                if item.source > self._begun.large_after:
                    self.large.append(item)
            elif item.source > self._begun.after:
                self.last = item.source
                yield item
        self.exhausted = True


class _Counter:
    """Counts what is copied, and tells of it as it goes."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self.objects = 0
        self.size_bytes = 0

    def add(self, item: CopyItem | None) -> None:
        if item is None:
            return
        self.objects += 1
        self.size_bytes += item.size
        self._tools.report((("objectsCopied", str(self.objects)), ("bytesCopied", str(self.size_bytes))))
