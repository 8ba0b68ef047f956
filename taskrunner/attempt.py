"""One claimed task from acknowledgement to verdict. Must not know how tasks are come by.

The task is acknowledged at once, reported every interval from a thread of its own, and its verdict is given unless the
service has canceled it or given it to somebody else meanwhile: then whatever came of it is ours alone.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import assert_never

from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Missing, PortError
from chalicelib.ports.reach import Outside
from chalicelib.work.execute import execute, guarded, run_logged
from chalicelib.work.journal import Journal, log_folder
from chalicelib.work.masking import Masker, Overheard, secrets_of
from chalicelib.work.outcome import Failed, FannedOut, Finished, NotSatisfied, Outcome, Unfinished
from chalicelib.work.registry import EVERYWHERE
from chalicelib.work.tools import Tools, tried_before
from taskrunner.backoff import persist
from taskrunner.wire import Claimed, Wire

_LOG = logging.getLogger(__name__)
_TRIES = 8  # about four minutes, well within reportProgressTimeout's default of fifteen


@dataclass(frozen=True, slots=True)
class Workplace:
    """What all tasks of one runner share.

    output       directory whose `tmp` holds their scratch directories
    environment  what their child processes inherit
    """

    outside: Outside
    output: Path
    environment: Mapping[str, str]
    progress: timedelta
    now: Callable[[], UtcTime]


def run_attempt(claimed: Claimed, wire: Wire, place: Workplace, stopping: Event) -> None:
    """Acknowledge, do and report one task.

    stopping  set when work must end now: the task is then reported as failed, for another runner to try
    """
    lifeline = _Lifeline(claimed, wire, place.progress, stopping)
    if not lifeline.acknowledge():
        return
    with lifeline:
        outcome = guarded(lambda: _work(claimed, place, lifeline))
    lifeline.conclude(_verdict(outcome, stopping.is_set()))


def _work(claimed: Claimed, place: Workplace, lifeline: "_Lifeline") -> Outcome:
    task = claimed.task
    folder = place.output / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder))
    masker = Masker(secrets_of(task))
    tools = Tools(
        objects=place.outside.objects,
        tables=place.outside.tables,
        databases=Overheard(place.outside.databases, masker),
        warehouses=place.outside.warehouses,
        inference=place.outside.inference,
        streams=place.outside.streams,
        topics=place.outside.topics,
        jobs=place.outside.jobs,
        catalogues=place.outside.catalogues,
        videos=place.outside.videos,
        journal=Journal(place.outside.objects, log_folder(task), place.now, masker.text),
        scratch=scratch,
        environment=place.environment,
        cancelled=lifeline.is_over,
        time_left=lambda: None,
        report=lambda fields: lifeline.note(masker.fields(fields)),
        resumed=tried_before(task),
        masker=masker,
    )
    try:
        return run_logged(task, tools, lambda used: execute(EVERYWHERE, task, used))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _verdict(outcome: Outcome, stopped: bool) -> Finished | Failed | NotSatisfied:
    match outcome:
        case Finished() | NotSatisfied():
            return outcome
        case Failed():
            return Failed("TaskRunnerStopped", "the Task Runner was stopped while it worked") if stopped else outcome
        case Unfinished() | FannedOut():
            return Failed("InternalError", f"{type(outcome).__name__} cannot be made here: nothing was handed over")
        case _:
            assert_never(outcome)


class _Lifeline:
    """Keeps the service informed of one task, and learns from it whether the task is still wanted."""

    def __init__(self, claimed: Claimed, wire: Wire, interval: timedelta, stopping: Event) -> None:
        self._claimed = claimed
        self._wire = wire
        self._interval = interval
        self._stopping = stopping
        self._unwanted = Event()
        self._done = Event()
        self._lock = Lock()
        self._fields: dict[str, str] = {}
        self._thread = Thread(target=self._keep_reporting, name=f"progress {claimed.task.attempt}", daemon=True)

    def acknowledge(self) -> bool:
        """Take the task up; whether it is ours to do."""
        self.note((("hostname", self._wire.hostname),))
        try:
            self._report()
        except PortError as error:
            _LOG.warning("%s was not acknowledged and is left to others: %s", self._claimed.task.attempt, error)
            return False
        return not self._unwanted.is_set()

    def note(self, fields: Sequence[tuple[str, str]]) -> None:
        """Fields for the next report."""
        with self._lock:
            self._fields.update(fields)

    def is_over(self) -> bool:
        """Whether the work is to stop."""
        return self._unwanted.is_set() or self._stopping.is_set()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def conclude(self, verdict: Finished | Failed | NotSatisfied) -> None:
        """Give the verdict, if it is still asked for."""
        if self._unwanted.is_set():
            _LOG.info("%s was canceled", self._claimed.task.attempt)
            return
        if isinstance(verdict, Finished):
            self.note(verdict.fields)
        try:
            persist(lambda: self._end(verdict), _TRIES, self._stopping)
        except PortError as error:
            _LOG.error("%s ended, but the service could not be told: %s", self._claimed.task.attempt, error)
        else:
            _LOG.info("%s ended: %s", self._claimed.task.attempt, type(verdict).__name__)

    def _end(self, verdict: Finished | Failed | NotSatisfied) -> None:
        if self._fields:
            self._report()
        if not self._unwanted.is_set():
            self._wire.end(self._claimed.id, verdict)

    def _keep_reporting(self) -> None:
        while not self._done.wait(self._interval.total_seconds()):
            try:
                self._report()
            except PortError as error:
                _LOG.warning("no report about %s: %s", self._claimed.task.attempt, error)

    def _report(self) -> None:
        """Send what was noted. A report that fails loses no fields: the next one carries them."""
        with self._lock:
            fields = tuple(self._fields.items())
        try:
            canceled = self._wire.report(self._claimed.id, fields)
        except Missing:
            canceled = True
        with self._lock:
            self._fields = {key: value for key, value in self._fields.items() if (key, value) not in fields}
        if canceled:
            self._unwanted.set()
