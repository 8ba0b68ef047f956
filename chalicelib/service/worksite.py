"""The place in the cloud where a task is worked on: its tools, its log, and whether it is still wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import parse_time, render_time
from chalicelib.ports.bundle import Ports
from chalicelib.ports.clusters import Clusters
from chalicelib.ports.reach import Reach
from chalicelib.ports.store import StateStore
from chalicelib.service.reports import report_progress
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.execute import guarded, run_logged
from chalicelib.work.journal import Journal, log_folder
from chalicelib.work.masking import Masker, Overheard, secrets_of
from chalicelib.work.outcome import Outcome
from chalicelib.work.tools import Claims, Tools, tried_before

_EVERY = timedelta(seconds=60)
_LOOK_EVERY = timedelta(seconds=30)
_LIFE = timedelta(minutes=16)
"""Longer than any function lives."""


@dataclass(frozen=True, slots=True)
class Worksite:
    """One invocation. `time_left` is until the function is ended; `scratch` a directory that may hold old files.

    clusters  reached under our own credentials: the control plane made them, and a task knows only its own pipeline's
    """

    reach: Reach
    scratch: Path
    time_left: Callable[[], timedelta | None]
    copy_limits: CopyLimits = field(default_factory=CopyLimits)
    clusters: Clusters | None = None


def is_current(store: StateStore, task: Task) -> bool:
    """Whether the pipeline still waits for this attempt and turn. One read."""
    stored = store.load_state(task.pipeline)
    split = split_attempt_id(task.attempt)
    if stored is None or split is None:
        return False
    instance = decode_state(stored.payload).instances.get(split[0])
    head = instance.head if instance is not None else None
    return head is not None and (head.number, head.turn) == (split[1], task.turn) and not head.status.ended


def is_resumed(task: Task, delivery: int) -> bool:
    """Whether an earlier execution may have done part of the work: an earlier delivery, or an earlier attempt."""
    return delivery > 1 or task.checkpoint is not None or tried_before(task)


def work(
    task: Task, ports: Ports, site: Worksite, run: Callable[[Tools], Outcome], *, delivery: int, logged: bool = True
) -> Outcome:
    """Run under the definition's `role`, with the attempt's log around it. Never raises.

    task      unsealed
    delivery  the message's receive count, from 1
    logged    false for a chunk: the log belongs to the whole attempt
    """
    return guarded(lambda: _work(task, ports, site, run, delivery=delivery, logged=logged))


def _work(
    task: Task, ports: Ports, site: Worksite, run: Callable[[Tools], Outcome], *, delivery: int, logged: bool
) -> Outcome:
    outside = site.reach.under(task.subject.text("role"))
    folder = log_folder(task) if logged else None
    masker = Masker(secrets_of(task))
    reporter = _Reporter(task, ports)
    tools = Tools(
        objects=outside.objects,
        tables=outside.tables,
        databases=Overheard(outside.databases, masker),
        warehouses=outside.warehouses,
        journal=Journal(outside.objects, folder, ports.clock.now, masker.text),
        scratch=site.scratch,
        environment={},
        cancelled=_Watch(task, ports).cancelled,
        time_left=site.time_left,
        report=lambda fields: reporter.report(masker.fields(fields)),
        fans_out=True,
        resumed=is_resumed(task, delivery),
        redelivered=delivery > 1,
        copy_limits=site.copy_limits,
        clusters=site.clusters,
        masker=masker,
        inference=outside.inference,
        streams=outside.streams,
        topics=outside.topics,
        jobs=outside.jobs,
        catalogues=outside.catalogues,
        videos=outside.videos,
        claims=claims_of(task, ports),
    )
    return run_logged(task, tools, run)


class _Watch:
    """Looks at the live state now and then, to see whether the attempt was cancelled."""

    def __init__(self, task: Task, ports: Ports) -> None:
        self._task = task
        self._ports = ports
        self._next = ports.clock.now() + _LOOK_EVERY
        self._cancelled = False

    def cancelled(self) -> bool:
        now = self._ports.clock.now()
        if not self._cancelled and now >= self._next:
            self._next = now + _LOOK_EVERY
            self._cancelled = not is_current(self._ports.store, self._task)
        return self._cancelled


class _Reporter:
    """Tells the engine that the work goes on, once a minute however often it is told."""

    def __init__(self, task: Task, ports: Ports) -> None:
        self._task = task
        self._ports = ports
        self._next = ports.clock.now() + _EVERY

    def report(self, fields: Sequence[tuple[str, str]]) -> None:
        now = self._ports.clock.now()
        if now >= self._next:
            self._next = now + _EVERY
            report_progress(self._task, self._ports, tuple(fields))


def claims_of(task: Task, ports: Ports) -> Claims:
    """The claims of one more execution of the task."""
    return _StoredClaims(task, ports)


class _StoredClaims:
    """Claims as announcements in the store, of which the first one stays.

    They are numbered: the next number is asked for when the function that has this one cannot be running any more.
    """

    def __init__(self, task: Task, ports: Ports) -> None:
        self._key = f"{task.pipeline}/{task.attempt}/{task.turn}"
        self._ports = ports
        self._me = ports.ids.fresh()

    def take(self, what: str) -> bool:
        now = self._ports.clock.now()
        mine = f"{render_time(now)} {self._me}"
        number = 0
        while True:
            held = self._announced(self._name(what, number), mine)
            if held == mine:
                return True
            if now - parse_time(held.partition(" ")[0]) < _LIFE:
                return False
            number += 1

    def drop(self, what: str) -> None:
        number = 0
        while (tally := self._ports.store.chunks(self._name(what, number))) is not None:
            if tally.note.endswith(f" {self._me}"):
                self._ports.store.delete_chunks(self._name(what, number))
            number += 1

    def _announced(self, name: str, mine: str) -> str:
        self._ports.store.begin_chunks(name, 1, mine)
        tally = self._ports.store.chunks(name)
        return mine if tally is None else tally.note  # dropped in between: nobody did it

    def _name(self, what: str, number: int) -> str:
        return f"{self._key}/{what}/{number}"
