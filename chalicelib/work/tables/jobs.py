"""Running copies of tables: one after another in one place, or the only one in chunks. Must not know what they copy.

A copy has a plan, made once, that says how it is cut; chunks, each done on its own; and an end when all are done.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.work.outcome import Failed, FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.tables.lanes import Done
from chalicelib.work.tools import Tools

_ITEMS = "itemsCopied"
_LONGEST_CHECKPOINT = 250_000
"""Characters: it has to fit one item of the store, beside the task and the chunks' marks."""


class Job(Protocol):
    """One copy. Whatever is asked may be asked again, after a crash at any point."""

    def plan(self, tools: Tools) -> str:
        """How it is to be cut. Later calls, elsewhere, are given this text."""

    def chunks(self, plan: str, tools: Tools) -> tuple[str, ...]:
        """The chunks, each as text, the same ones in the same order for the same plan."""

    def in_order(self, plan: str) -> bool:
        """Whether no chunk may begin before the one ahead of it is done."""

    def do(self, chunk: str, begun: str | None, sharers: int, tools: Tools) -> Done:
        """Do a chunk, or what is left of it.

        begun    the `rest` of the execution before
        sharers  how many chunks are done side by side, and share the table's capacity
        """

    def finish(self, plan: str, tools: Tools) -> None:
        """Do what is left when all chunks are done."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """A task's checkpoint.

    plan   of the job with the number `job`; None before it is made
    items  copied by the jobs and chunks that are done
    """

    fanned_out: bool = False
    job: int = 0
    plan: str | None = None
    chunk: int = 0
    rest: str | None = None
    items: int = 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    text: str
    sharers: int


def run_jobs(jobs: Sequence[Job], task: Task, tools: Tools) -> Outcome:
    """Do the jobs in order. A single one that has several chunks is fanned out where that can be."""
    progress = _Progress() if task.checkpoint is None else _decoded(task.checkpoint)
    if len(jobs) == 1 and tools.fans_out:
        progress = progress if progress.plan is not None else _Progress(plan=jobs[0].plan(tools))
        texts = jobs[0].chunks(progress.plan or "", tools)
        if len(texts) > 1 and not jobs[0].in_order(progress.plan or ""):
            return _fanned_out(texts, progress)
    while progress.job < len(jobs):
        progress = _advanced(jobs[progress.job], progress, tools)
        if progress.rest is not None:
            return _halted(progress, tools)
    return _finished(progress.items)


def run_chunk(job: Job, task: Task, text: str, tools: Tools) -> Outcome:
    """Do one chunk of a job that was fanned out."""
    chunk = from_plain(_Chunk, json.loads(text))
    done = job.do(chunk.text, task.checkpoint, chunk.sharers, tools)
    if done.rest is None:
        return _finished(done.items)
    return Failed("Canceled", f"canceled after {done.items} items") if tools.cancelled() else Unfinished(done.rest)


def finish_job(job: Job, task: Task, results: Sequence[tuple[tuple[str, str], ...]], tools: Tools) -> Finished:
    """End a job that was fanned out, given the fields of its chunks."""
    job.finish(_decoded(task.checkpoint or "{}").plan or "", tools)
    return _finished(sum(int(dict(fields)[_ITEMS]) for fields in results))


def _fanned_out(texts: Sequence[str], progress: _Progress) -> FannedOut:
    checkpoint = _text(_Progress, replace(progress, fanned_out=True))
    if len(checkpoint) > _LONGEST_CHECKPOINT:
        raise Rejected(
            "plan copy", f"{len(texts)} chunks are too many to keep track of: split it, or use a workerGroup"
        )
    return FannedOut(tuple(_text(_Chunk, _Chunk(text, len(texts))) for text in texts), checkpoint)


def _advanced(job: Job, progress: _Progress, tools: Tools) -> _Progress:
    """The progress after the job's next chunks: at the next job, or with a `rest`."""
    plan = progress.plan if progress.plan is not None else job.plan(tools)
    progress = replace(progress, plan=plan)
    texts = job.chunks(plan, tools)
    while progress.chunk < len(texts):
        done = job.do(texts[progress.chunk], progress.rest, 1, tools)
        if done.rest is not None:
            return replace(progress, rest=done.rest)
        progress = replace(progress, chunk=progress.chunk + 1, rest=None, items=progress.items + done.items)
        tools.report(((_ITEMS, str(progress.items)),))
    job.finish(plan, tools)
    return _Progress(job=progress.job + 1, items=progress.items)


def _halted(progress: _Progress, tools: Tools) -> Outcome:
    if tools.cancelled():
        return Failed("Canceled", f"canceled after {progress.items} items and more")
    return Unfinished(_text(_Progress, progress))


def _finished(items: int) -> Finished:
    return Finished(((_ITEMS, str(items)),))


def _text(kind: type, value: object) -> str:
    return json.dumps(to_plain(kind, value), separators=(",", ":"), ensure_ascii=False)


def _decoded(text: str) -> _Progress:
    return from_plain(_Progress, json.loads(text))
