"""CopyActivity between S3 data nodes: all at once, or cut into chunks. Must not know queues or threads of callers.

What stays as it is, S3 copies by itself (copy_run); what is converted or joined comes through here (copy_convert).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
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
from chalicelib.transfer.limits import MIB, CopyLimits
from chalicelib.work.copies.convert import convert_items, join_items
from chalicelib.work.copies.routes import Route, items, joins, plan_join, plan_route
from chalicelib.work.copies.run import Checkpoint, Copied, copy_items
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.tools import Tools

_CONVERTED, _FEW = 64 * MIB, 100
"""Bytes of an object that is converted by a function of its own, and how many smaller ones share one."""

_LONGEST_BOUNDS = 250_000
"""Characters: what is kept with the chunks' marks has to fit one item of the store, beside the task and the marks."""


def copy(task: Task, tools: Tools) -> Outcome:
    """Copy the input's objects to the output.

    A directory without objects is Finished: whoever minds has S3PrefixNotEmpty. A missing file fails.
    """
    route = plan_route(task)
    begun = _begun(task)
    found = items(route, tools.objects)
    limits = _limits(route, tools)
    first = list(islice(found, limits.inline + 1))
    keeps_keys = _keeps_keys(route, first, tools)
    everything = chain(first, found)
    if joins(route) and len(first) > 1:
        return _verdict(join_items(route, plan_join(task), everything, keeps_keys, tools), tools)
    if begun.bounds is not None:
        return _fan_out(cut_again(everything, decode_bounds(begun.bounds)), begun.bounds, keeps_keys)
    if tools.fans_out and (len(first) > limits.inline or sum(item.size for item in first) > limits.inline_bytes):
        groups = tuple(cut(_at_most(limits.chunked, everything), limits))
        return _fan_out(groups, encode_bounds(bounds_of(groups)), keeps_keys)
    return _copied(route, everything, keeps_keys, begun, tools)


def copy_chunk(task: Task, text: str, tools: Tools) -> Outcome:
    """Copy one chunk that `copy` cut. An object that has gone meanwhile is no error: the input no longer holds it."""
    route = plan_route(task)
    chunk = decode_chunk(text)
    return _copied(route, chunk.items, chunk.keeps_keys, _begun(task), tools)


def finish_chunks(_: Task, results: Iterable[tuple[tuple[str, str], ...]], __: Tools) -> Finished:
    """The whole task's fields, from those of its chunks."""
    counted = [dict(fields) for fields in results]
    return _finished(
        sum(int(fields["objectsCopied"]) for fields in counted), sum(int(fields["bytesCopied"]) for fields in counted)
    )


def _copied(route: Route, found: Iterable[CopyItem], keeps_keys: bool, begun: Checkpoint, tools: Tools) -> Outcome:
    if route.recoding is not None:
        return _verdict(
            convert_items(replace(route, keeps_keys=keeps_keys), route.recoding, found, begun, tools), tools
        )
    missing = _not_yet_there(route, found, tools)
    return _verdict(copy_items(route, missing, keeps_keys, begun, tools), tools)


def _limits(route: Route, tools: Tools) -> CopyLimits:
    """What passes through a function takes much longer there than what S3 copies by itself."""
    limits = tools.copy_limits
    if route.recoding is None:
        return limits
    return replace(
        limits,
        single=_CONVERTED,
        inline=min(limits.inline, _FEW),
        inline_bytes=4 * _CONVERTED,
        chunk_objects=min(limits.chunk_objects, _FEW),
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
