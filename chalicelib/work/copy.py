"""CopyActivity between S3 data nodes: all at once, or cut into chunks. Must not know queues or threads of callers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Missing
from chalicelib.ports.objects import Place
from chalicelib.transfer.chunks import (
    Chunk,
    bounds_of,
    cut,
    cut_again,
    decode_bounds,
    decode_chunk,
    encode_bounds,
    encode_chunk,
)
from chalicelib.transfer.copy import Copier, CopyItem, kept_encryption, left_over
from chalicelib.transfer.pool import run_all
from chalicelib.work.copy_routes import Route, items, plan_route
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.tools import Tools

_ENOUGH = timedelta(seconds=60)
_RESUME = "resume"


@dataclass(frozen=True, slots=True)
class _Copied:
    """How much was copied now; `whole` when nothing of the given is left."""

    objects: int
    size_bytes: int
    whole: bool


def copy(task: Task, tools: Tools) -> Outcome:
    """Copy the input's objects to the output.

    A directory without objects is Finished: whoever minds has S3PrefixNotEmpty. A missing file fails.
    """
    route = plan_route(task)
    bounds = task.checkpoint if task.checkpoint != _RESUME else None
    found = items(route, tools.objects)
    first = list(islice(found, tools.copy_limits.inline + 1))
    keeps_keys = _keeps_keys(route, first, tools)
    everything = chain(first, found)
    if bounds is not None:
        return _fan_out(cut_again(everything, decode_bounds(bounds)), bounds, keeps_keys)
    if tools.fans_out and len(first) > tools.copy_limits.inline:
        groups = tuple(cut(everything, tools.copy_limits))
        return _fan_out(groups, encode_bounds(bounds_of(groups)), keeps_keys)
    copied = _copy_items(route, _not_yet_there(route, everything, tools), keeps_keys, tools)
    return _verdict(copied, tools)


def copy_chunk(task: Task, text: str, tools: Tools) -> Outcome:
    """Copy one chunk that `copy` cut. An object that has gone meanwhile is no error: the input no longer holds it."""
    route = plan_route(task)
    chunk = decode_chunk(text)
    return _verdict(_copy_items(route, _not_yet_there(route, chunk.items, tools), chunk.keeps_keys, tools), tools)


def finish_chunks(results: Iterable[tuple[tuple[str, str], ...]]) -> Finished:
    """The whole task's fields, from those of its chunks."""
    counted = [dict(fields) for fields in results]
    return _finished(
        sum(int(fields["objectsCopied"]) for fields in counted), sum(int(fields["bytesCopied"]) for fields in counted)
    )


def _fan_out(groups: tuple[tuple[CopyItem, ...], ...], bounds: str, keeps_keys: bool) -> FannedOut:
    return FannedOut(tuple(encode_chunk(Chunk(group, keeps_keys)) for group in groups), bounds)


def _keeps_keys(route: Route, first: list[CopyItem], tools: Tools) -> bool:
    """One request tells whether a directory is under a KMS key; listings do not say."""
    if not route.keeps_keys or not first:
        return False
    sample = tools.objects.describe(Place(route.source.place.bucket, first[0].source))
    return kept_encryption(sample.encryption) is not None


def _not_yet_there(route: Route, found: Iterable[CopyItem], tools: Tools) -> Iterable[CopyItem]:
    if not tools.resumed:
        return found
    rest = iter(found)
    head = next(rest, None)
    if head is None:
        return ()
    return left_over(chain((head,), rest), tools.objects.list(route.target, after=head.target[:-1]))


def _copy_items(route: Route, found: Iterable[CopyItem], keeps_keys: bool, tools: Tools) -> _Copied:
    """Small objects side by side; large ones one after the other, since their parts go side by side."""

    def stopped() -> bool:
        left = tools.time_left()
        return tools.cancelled() or (left is not None and left < _ENOUGH)

    copier = _copier(route, keeps_keys, tools, stopped)
    feed = _Feed(found, tools.copy_limits.single)
    counter = _Counter(tools)

    def copy_one(item: CopyItem) -> CopyItem | None:
        return _copy_one(copier, item, may_go=route.source.many)

    for item in run_all(copy_one, feed, tools.copy_limits.parallel, stopped):
        counter.add(item)
    left = list(feed.large)
    while left and not stopped():
        counter.add(copy_one(left.pop()))
    return _Copied(counter.objects, counter.size_bytes, whole=feed.exhausted and not left)


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


class _Feed:
    """Gives out small items, puts large ones aside, and knows whether it came to the end."""

    def __init__(self, found: Iterable[CopyItem], single: int) -> None:
        self._found = found
        self._single = single
        self.large: list[CopyItem] = []
        self.exhausted = False

    def __iter__(self) -> Iterator[CopyItem]:
        for item in self._found:
            if item.size > self._single:
                self.large.append(item)
            else:
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


def _verdict(copied: _Copied, tools: Tools) -> Outcome:
    tools.journal.say(f"copied {copied.objects} objects, {copied.size_bytes} bytes")
    if copied.whole:
        return _finished(copied.objects, copied.size_bytes)
    if tools.cancelled():
        return Failed("Canceled", f"canceled after {copied.objects} objects")
    return Unfinished(_RESUME)


def _finished(objects: int, size_bytes: int) -> Finished:
    return Finished((("objectsCopied", str(objects)), ("bytesCopied", str(size_bytes))))
