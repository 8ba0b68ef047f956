"""How far the runs of a pipeline have read a data stream: a small object in S3, so that each reads what is new.

A run reads records that arrived from where the last one that finished stopped until its own start. Both are the same
however often the run is repeated: its end is its own time, and the mark is moved only when the run is done. What a
failed run had to read is read by the next. A run that is run again reads what it read before.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.definition.catalog.datanodes import KinesisDataNode
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import UtcTime, parse_time
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import Objects, Place, parse_place

_KEPT = 100
"""Runs that are remembered; older ones that are run again read nothing."""

_SETTLED = timedelta(seconds=5)
"""The service's clock is not ours, and a record of a moment ago may be listed later."""


@dataclass(frozen=True, slots=True)
class Range:
    """Records that arrived from `first` until before `end`; None is the oldest, and all there are."""

    first: UtcTime | None
    end: UtcTime | None


@dataclass(frozen=True, slots=True)
class _Mark:
    """The range of a run that finished."""

    run: str
    first: UtcTime | None
    until: UtcTime


@dataclass(frozen=True, slots=True)
class _Marks:
    """Runs that finished, in order of their ranges."""

    runs: tuple[_Mark, ...] = ()


def range_of(node: KinesisDataNode, task: Task, objects: Objects) -> Range:
    """What the run is to read, the same in every attempt at it.

    Raises   Rejected for a mark that is none, and what storage raises
    """
    if node.checkpoint is None:
        return Range(node.start_time, node.end_time)
    runs = _read(parse_place(node.checkpoint), objects).runs
    end = node.end_time or _start(task.subject) - _SETTLED
    mine = next((mark for mark in runs if mark.run == _run(task)), None)
    if mine is not None:
        return Range(mine.first, mine.until)
    return Range(runs[-1].until if runs else node.start_time, end)


def mover(node: KinesisDataNode, task: Task, read: Range, objects: Objects) -> Callable[[], None]:
    """What moves the mark behind the run's range when it is done; a run that was overtaken moves nothing back."""

    def move() -> None:
        if node.checkpoint is None or read.end is None or (read.first is not None and read.first >= read.end):
            return
        place = parse_place(node.checkpoint)
        others = [mark for mark in _read(place, objects).runs if mark.run != _run(task)]
        runs = sorted((*others, _Mark(_run(task), read.first, read.end)), key=lambda mark: mark.until)
        objects.write(place, json.dumps(to_plain(_Marks, _Marks(tuple(runs[-_KEPT:])))).encode())

    return move


def _run(task: Task) -> str:
    """The same for every attempt at a run, also when it is run again."""
    split = split_attempt_id(task.attempt)
    return split[0] if split else task.attempt


def _start(subject: PipelineObject) -> UtcTime:
    text = subject.text("@scheduledStartTime") or ""
    try:
        return parse_time(text)
    except ValueError as error:
        raise Rejected("read stream", f"the run has no start: '{text}'") from error


def _read(place: Place, objects: Objects) -> _Marks:
    try:
        content = objects.read(place)
    except Missing:
        return _Marks()
    try:
        return from_plain(_Marks, json.loads(content))
    except (ValueError, TypeError, KeyError) as error:
        raise Rejected("read stream", f"{place} says nothing of how far the stream was read") from error
