"""CopyActivity between S3 data nodes: all at once, or cut into chunks. Must not know queues or threads of callers."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
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
from chalicelib.transfer.copy import CopyItem, kept_encryption, left_over
from chalicelib.work.copy_routes import Route, items, plan_route
from chalicelib.work.copy_run import Checkpoint, Copied, copy_items
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.tools import Tools

_LONGEST_BOUNDS = 250_000
"""Characters: what is kept with the chunks' marks has to fit one item of the store, beside the task and the marks."""


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
        groups = tuple(cut(_at_most(tools.copy_limits.chunked, everything), tools.copy_limits))
        return _fan_out(groups, encode_bounds(bounds_of(groups)), keeps_keys)
    missing = _not_yet_there(route, everything, tools)
    return _verdict(copy_items(route, missing, keeps_keys, begun, tools), tools)


def copy_chunk(task: Task, text: str, tools: Tools) -> Outcome:
    """Copy one chunk that `copy` cut. An object that has gone meanwhile is no error: the input no longer holds it."""
    route = plan_route(task)
    chunk = decode_chunk(text)
    missing = _not_yet_there(route, chunk.items, tools)
    return _verdict(copy_items(route, missing, chunk.keeps_keys, _begun(task), tools), tools)


def finish_chunks(_: Task, results: Iterable[tuple[tuple[str, str], ...]], __: Tools) -> Finished:
    """The whole task's fields, from those of its chunks."""
    counted = [dict(fields) for fields in results]
    return _finished(
        sum(int(fields["objectsCopied"]) for fields in counted), sum(int(fields["bytesCopied"]) for fields in counted)
    )


def _fan_out(groups: tuple[tuple[CopyItem, ...], ...], bounds: str, keeps_keys: bool) -> FannedOut:
    if len(bounds) > _LONGEST_BOUNDS:
        raise _too_many(sum(map(len, groups)))
    chunks = tuple(encode_chunk(Chunk(group, keeps_keys)) for group in groups)
    return FannedOut(chunks, _checkpoint_text(Checkpoint(bounds=bounds)))


def _at_most(most: int, found: Iterable[CopyItem]) -> Iterator[CopyItem]:
    for number, item in enumerate(found):
        if number == most:
            raise _too_many(most)
        yield item


def _too_many(count: int) -> Rejected:
    return Rejected(
        "plan copy", f"{count} objects and more are too many to keep track of: split the input, or use a workerGroup"
    )


def _begun(task: Task) -> Checkpoint:
    return Checkpoint() if task.checkpoint is None else from_plain(Checkpoint, json.loads(task.checkpoint))


def _checkpoint_text(checkpoint: Checkpoint) -> str:
    return json.dumps(to_plain(Checkpoint, checkpoint), separators=(",", ":"), ensure_ascii=False)


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


def _verdict(copied: Copied, tools: Tools) -> Outcome:
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
