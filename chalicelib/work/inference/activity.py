"""InferenceActivity: planned once, cut into lanes, each lane done where there is time for it, joined at the end.

1. The input is listed once, and cut into as many lanes as may be worked on side by side. The cuts are the checkpoint.
2. A lane is gone on with behind its last part (parts.py), whoever worked on it before, this attempt or another.
3. A model that answers later is asked about a whole lane first, and its answers are collected as they come (later.py).
4. When all lanes are done their parts become one object.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.inference.shares import Lane, lanes_of, thinned
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.task import Task
from chalicelib.transfer.chunks import decode_bounds, encode_bounds
from chalicelib.work.inference.job import Job, job_of
from chalicelib.work.inference.lane import Come, TooManyFaults, resume, work_lane
from chalicelib.work.inference.later import LaterLane, look_of, put_off, wait_for
from chalicelib.work.inference.parts import NOTHING, Counts
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.patience import longest_pause
from chalicelib.work.tools import Tools

_LANE_CONCURRENCY = 8
"""Items that one function asks about at once; more would wait for its processor."""

_LANE_ITEMS = 64
"""Fewer are not worth a function of their own."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """One lane of so many. `run` names the way the input was cut."""

    run: str
    number: int
    lane: Lane
    lanes: int


@dataclass(frozen=True, slots=True)
class _Progress:
    """A task's checkpoint. `ends` is how the input was cut, the rest only of work that is not fanned out."""

    ends: str
    lane: int = 0
    come: Come | None = None
    counts: Counts = NOTHING

    def chunks(self) -> tuple[_Chunk, ...]:
        """The lanes."""
        ends = decode_bounds(self.ends)
        run = hashlib.sha256(self.ends.encode()).hexdigest()[:12]
        lanes = [Lane(start, end) for start, end in zip((None, *ends), ends, strict=False)]
        return tuple(_Chunk(run, number, lane, len(lanes)) for number, lane in enumerate(lanes))


def infer(task: Task, tools: Tools) -> Outcome:
    """Do all of it, or cut it.

    Raises   Rejected for nodes and fields that make no sense, and what models and storage raise
    """
    job = job_of(task, tools)
    progress = _Progress(_plan(job, tools)) if task.checkpoint is None else _progress(task)
    chunks = progress.chunks()
    if tools.fans_out and len(chunks) > (1 if job.target.later is None else 0):
        return FannedOut(tuple(_text(_Chunk, chunk) for chunk in chunks), _text(_Progress, progress))
    return _in_order(job, chunks, progress, tools)


def infer_chunk(task: Task, text: str, tools: Tools) -> Outcome:
    """Do one lane."""
    chunk, job = from_plain(_Chunk, json.loads(text)), job_of(task, tools)
    later = job.later_lane(chunk.run, chunk.number, chunk.lane, chunk.lanes, tools)
    if later is not None:
        return _look(task, later, tools)
    begun = from_plain(Come, json.loads(task.checkpoint)) if task.checkpoint else None
    come = _work(job, chunk, begun, tools)
    if come.whole:
        return Finished(_fields(come.counts))
    return _canceled(come.counts) if tools.cancelled() else Unfinished(_text(Come, come))


def _look(task: Task, lane: LaterLane, tools: Tools) -> Outcome:
    look = look_of(task.checkpoint)
    stand = lane.go_on(look.asked, tools)
    tools.journal.say(_told(lane.number, stand.counts))
    if stand.whole:
        return Finished(_fields(stand.counts))
    if tools.cancelled():
        return _canceled(stand.counts)
    return put_off(look, stand, longest_pause(task.subject), task.woken, lane)


def finish_inference(task: Task, results: Sequence[tuple[tuple[str, str], ...]], tools: Tools) -> Finished | Failed:
    """Join what the lanes made."""
    return _finish(job_of(task, tools), _progress(task), sum(map(_counts, results), NOTHING))


def _plan(job: Job, tools: Tools) -> str:
    cuts = thinned(job.items.cuts())
    total = cuts[-1].before if cuts else 0
    wanted = min(job.activity.max_concurrency / _LANE_CONCURRENCY, total / _LANE_ITEMS) if tools.fans_out else 1
    lanes = lanes_of(cuts, max(1, math.ceil(wanted)))
    tools.journal.say(f"{total} items in {len(lanes)} lanes")
    return encode_bounds([lane.end for lane in lanes])


def _in_order(job: Job, chunks: Sequence[_Chunk], progress: _Progress, tools: Tools) -> Outcome:
    while progress.lane < len(chunks):
        come = _work(job, replace(chunks[progress.lane], lanes=1), progress.come, tools)
        if not come.whole:
            rest = _text(_Progress, replace(progress, come=come))
            return _canceled(progress.counts + come.counts) if tools.cancelled() else Unfinished(rest)
        progress = _Progress(progress.ends, progress.lane + 1, None, progress.counts + come.counts)
    return _finish(job, progress, progress.counts)


def _work(job: Job, chunk: _Chunk, begun: Come | None, tools: Tools) -> Come:
    later = job.later_lane(chunk.run, chunk.number, chunk.lane, chunk.lanes, tools)
    if later is not None:
        stand = wait_for(later, tools)
        return Come(stand.counts, whole=stand.whole)
    parts = job.parts(chunk.run)
    if parts is not None and (tools.resumed or begun is not None):
        begun = resume(parts, chunk.number)
    come = begun or Come(NOTHING)
    parallel = max(1, job.activity.max_concurrency // chunk.lanes)
    done = work_lane(chunk.number, chunk.lane, come, job.shift(parts, parallel, chunk.lanes, tools))
    tools.journal.say(_told(chunk.number, done.counts))
    return done


def _told(lane: int, counts: Counts) -> str:
    return f"lane {lane}: {counts.items} items, {counts.faults} with errors"


def _finish(job: Job, progress: _Progress, counts: Counts) -> Finished | Failed:
    run = progress.chunks()[0].run if progress.chunks() else ""
    joined = job.join(run, empty=counts.items == 0)
    if joined is not None:
        counts = replace(counts, items=joined[0], faults=joined[1])
    most = job.activity.maximum_failed_items
    if most is not None and counts.faults > most:
        reason = TooManyFaults(counts.faults, most, "see the results")
        return Failed("TooManyFaults", str(reason))
    job.done()
    return Finished(_fields(counts))


_FIELDS = {
    "items": "itemsInferred",
    "faults": "itemsFailed",
    "matches": "itemsMatched",
    "asked": "modelCalls",
    "throttled": "modelCallsThrottled",
}


def _fields(counts: Counts) -> tuple[tuple[str, str], ...]:
    return tuple((field, str(getattr(counts, name))) for name, field in _FIELDS.items())


def _counts(fields: Sequence[tuple[str, str]]) -> Counts:
    found = dict(fields)
    return Counts(*(int(found[field]) for field in _FIELDS.values()))


def _canceled(counts: Counts) -> Failed:
    return Failed("Canceled", f"canceled after {counts.items} items")


def _progress(task: Task) -> _Progress:
    return from_plain(_Progress, json.loads(task.checkpoint or "{}"))


def _text(kind: type, value: object) -> str:
    return json.dumps(to_plain(kind, value), separators=(",", ":"), ensure_ascii=False)
