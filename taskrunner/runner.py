"""The runner: threads that poll and work, one that keeps house. Owns its life; must not know what a task is.

running ──first signal, or told to terminate──► stopping: no more polls, work under way ends by itself
        ──second signal──► dropping: work under way is ended and reported as failed
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Condition, Event, Thread

from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import PortError
from taskrunner.attempt import Workplace, run_attempt
from taskrunner.backoff import pauses
from taskrunner.logs import LogKeeper
from taskrunner.wire import Claimed, Wire

_LOG = logging.getLogger(__name__)
_TIDY_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class Runner:
    """Polls with `tasks` threads until told to stop."""

    wire: Wire
    place: Workplace
    logs: LogKeeper
    tasks: int
    heartbeat: timedelta
    now: Callable[[], UtcTime]
    stopping: Event = field(default_factory=Event)
    dropping: Event = field(default_factory=Event)
    _busy: int = 0
    _changed: Condition = field(default_factory=Condition)

    def stop(self) -> None:
        """Stop after the work under way; called again, stop at once. Not for signal handlers."""
        if self.stopping.is_set():
            self.dropping.set()
        self.stopping.set()

    def run(self) -> None:
        """Work until stopped. Polls that wait for nothing do not delay the end: their threads are left behind."""
        _LOG.info("polling %s with %d threads", self.wire.worker_group, self.tasks)
        threads = [Thread(target=self._poll_and_work, name=f"poll {n}", daemon=True) for n in range(self.tasks)]
        threads.append(Thread(target=self._keep_house, name="house", daemon=True))
        for thread in threads:
            thread.start()
        self.stopping.wait()
        _LOG.info("stopping")
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0)
        _LOG.info("stopped")
        self.logs.close()

    def _poll_and_work(self) -> None:
        waits = pauses()
        while not self.stopping.is_set():
            try:
                claimed = self.wire.poll()
            except PortError as error:
                _LOG.warning("no poll: %s", error)
                self.stopping.wait(next(waits).total_seconds())
                continue
            waits = pauses()
            if claimed is not None:
                self._work(claimed)

    def _work(self, claimed: Claimed) -> None:
        if not self._begun():
            return  # not acknowledged, so the service gives it to another runner in two minutes
        try:
            _LOG.info("%s begins", claimed.task.attempt)
            run_attempt(claimed, self.wire, self.place, self.dropping)
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _begun(self) -> bool:
        """Count the work in, unless the end has begun: both under one lock, so that `run` misses none."""
        with self._changed:
            if self.stopping.is_set():
                return False
            self._busy += 1
            return True

    def _keep_house(self) -> None:
        """Heartbeats, the first at once, and the logs."""
        next_beat = self.now()
        while not self.stopping.is_set():
            if self.now() >= next_beat:
                self._beat()
                next_beat = self.now() + self.heartbeat
            self.logs.tidy()
            rest = min(_TIDY_EVERY, next_beat - self.now())
            self.stopping.wait(max(rest.total_seconds(), 0.0))

    def _beat(self) -> None:
        try:
            terminate = self.wire.heartbeat()
        except PortError as error:
            _LOG.warning("no heartbeat: %s", error)
            return
        if terminate:
            _LOG.info("the service says terminate")
            self.stopping.set()
