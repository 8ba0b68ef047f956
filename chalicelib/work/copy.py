"""CopyActivity between S3 data nodes: all at once, or cut into chunks. Must not know queues or threads of callers."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from chalicelib.domain.plain import from_plain, to_plain
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
from chalicelib.transfer.copy import Copier, CopyItem, Pending, Stopped, kept_encryption, left_over
from chalicelib.transfer.pool import run_all
from chalicelib.work.copy_routes import Route, items, plan_route
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.tools import Tools

_ENOUGH = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Checkpoint:
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
class _Copied:
    """How much was copied now, and where to go on; None when nothing is left."""

    objects: int
    size_bytes: int
    rest: _Checkpoint | None


def copy(task: Task, tools: Tools) -> Outcome:
    """Copy the input's objects to the output.

    A directory without objects is Finished: whoever minds has S3PrefixNotEmpty. A missing file fails.
    """
    route = plan_route(task)
    begun = _begun(task)
    found = items(route, tools.objects)
    first = list(islice(found, tools.copy_limits.inline + 1))
    keeps_keys = _keeps_keys(route, first, tools)
    everything = chain(first, found)
    if begun.bounds is not None:
        return _fan_out(cut_again(everything, decode_bounds(begun.bounds)), begun.bounds, keeps_keys)
    if tools.fans_out and len(first) > tools.copy_limits.inline:
        groups = tuple(cut(everything, tools.copy_limits))
        return _fan_out(groups, encode_bounds(bounds_of(groups)), keeps_keys)
    missing = _not_yet_there(route, everything, tools)
    return _verdict(_copy_items(route, missing, keeps_keys, begun, tools), tools)


def copy_chunk(task: Task, text: str, tools: Tools) -> Outcome:
    """Copy one chunk that `copy` cut. An object that has gone meanwhile is no error: the input no longer holds it."""
    route = plan_route(task)
    chunk = decode_chunk(text)
    missing = _not_yet_there(route, chunk.items, tools)
    return _verdict(_copy_items(route, missing, chunk.keeps_keys, _begun(task), tools), tools)


def finish_chunks(results: Iterable[tuple[tuple[str, str], ...]]) -> Finished:
    """The whole task's fields, from those of its chunks."""
    counted = [dict(fields) for fields in results]
    return _finished(
        sum(int(fields["objectsCopied"]) for fields in counted), sum(int(fields["bytesCopied"]) for fields in counted)
    )


def _fan_out(groups: tuple[tuple[CopyItem, ...], ...], bounds: str, keeps_keys: bool) -> FannedOut:
    chunks = tuple(encode_chunk(Chunk(group, keeps_keys)) for group in groups)
    return FannedOut(chunks, _checkpoint_text(_Checkpoint(bounds=bounds)))


def _begun(task: Task) -> _Checkpoint:
    return _Checkpoint() if task.checkpoint is None else from_plain(_Checkpoint, json.loads(task.checkpoint))


def _checkpoint_text(checkpoint: _Checkpoint) -> str:
    return json.dumps(to_plain(_Checkpoint, checkpoint), separators=(",", ":"), ensure_ascii=False)


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


def _copy_items(route: Route, found: Iterable[CopyItem], keeps_keys: bool, begun: _Checkpoint, tools: Tools) -> _Copied:
    """Small objects side by side; large ones one after the other, since their parts go side by side."""
    stopped = _stopper(tools)
    copier = _copier(route, keeps_keys, tools, stopped)
    feed = _Feed(found, tools.copy_limits.single, begun)
    counter = _Counter(tools)

    def copy_one(item: CopyItem) -> CopyItem | None:
        return _copy_one(copier, item, may_go=route.source.many)

    for item in run_all(copy_one, feed, tools.copy_limits.parallel, stopped):
        counter.add(item)
    if not feed.exhausted:
        rest = _Checkpoint(None, feed.last, begun.large_after, begun.pending)
        return _Copied(counter.objects, counter.size_bytes, rest)
    rest_of_large = _copy_large(copier, feed, begun, counter, copy_one)
    return _Copied(counter.objects, counter.size_bytes, rest_of_large)


def _copy_large(
    copier: Copier,
    feed: "_Feed",
    begun: _Checkpoint,
    counter: "_Counter",
    copy_one: Callable[[CopyItem], CopyItem | None],
) -> _Checkpoint | None:
    """Where to go on when it was stopped; None when all are copied."""
    pending, done = begun.pending, begun.large_after
    for item in feed.large:
        if copier.stopped():
            return _Checkpoint(None, feed.last, done, pending)
        half_done = pending if pending is not None and pending.item == item else None
        try:
            counter.add(copy_one(item) if half_done is None else _gone_on(copier, half_done))
        except Stopped as stop:
            return _Checkpoint(None, feed.last, done, stop.pending)
        done = item.source
    return None


def _gone_on(copier: Copier, pending: Pending) -> CopyItem:
    copier.go_on(pending)
    return pending.item


def _stopper(tools: Tools) -> Callable[[], bool]:
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


class _Feed:
    """Gives out small items, puts large ones aside, and knows how far it came."""

    def __init__(self, found: Iterable[CopyItem], single: int, begun: _Checkpoint) -> None:
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


def _verdict(copied: _Copied, tools: Tools) -> Outcome:
    tools.journal.say(f"copied {copied.objects} objects, {copied.size_bytes} bytes")
    if copied.rest is None:
        return _finished(copied.objects, copied.size_bytes)
    if not tools.cancelled():
        return Unfinished(_checkpoint_text(copied.rest))
    if copied.rest.pending is not None:
        tools.objects.drop_parts(copied.rest.pending.upload)
    return Failed("Canceled", f"canceled after {copied.objects} objects")


def _finished(objects: int, size_bytes: int) -> Finished:
    return Finished((("objectsCopied", str(objects)), ("bytesCopied", str(size_bytes))))
