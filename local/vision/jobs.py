"""Analyses that are begun by one request and asked for by others. Must not know what is analysed, nor how.

Source: Rekognition API reference, the errors of StartLabelDetection and GetLabelDetection; "Guidelines and quotas"
"""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.vision.images import Refused, Request

MOST_AT_ONCE = 20
_SIDE_BY_SIDE = 2
_STOP_SECONDS = 5.0
_TOKEN = "ClientRequestToken"


@dataclass(frozen=True, slots=True)
class Job:
    """What was begun: by which operation, with which request."""

    id: str
    operation: str
    request: Request


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an analysis found in the order of time, or in `failure` why it did not come to its end.

    metadata  VideoMetadata; empty for what could not be read
    """

    failure: str = ""
    metadata: Request = field(default_factory=dict)
    found: Sequence[Any] = ()


class Jobs:
    """Those of one run: nothing is forgotten before it ends.

    analyse  carries out one, in a thread of ours, until the event it is given is set
    tell     hears of each that has ended, after its outcome can be asked for
    """

    def __init__(
        self, analyse: Callable[[Job, threading.Event], Outcome], tell: Callable[[Job, Outcome], None]
    ) -> None:
        self._analyse = analyse
        self._tell = tell
        self._lock = threading.Lock()
        self._turns = threading.Semaphore(_SIDE_BY_SIDE)
        self._jobs: dict[str, Job] = {}
        self._tokens: dict[tuple[str, str], Job] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def stop(self) -> None:
        """Break off what is being analysed, and begin nothing more: threads that decode must not outlive Python."""
        self._stopped.set()
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def started(self, operation: str, request: Request) -> str:
        """The id of a new job, or of the one that the same request with the same token began.

        Raises  Refused for a token of another request, and for more than 20 jobs at once
        """
        with self._lock:
            known = self._tokens.get((operation, request.get(_TOKEN, "")))
            if known is None:
                known = self._new(operation, request)
            elif known.request != request:
                told = f"Client request token {request[_TOKEN]} was used with other parameters"
                raise Refused("IdempotentParameterMismatchException", told)
        return known.id

    def found(self, operation: str, job_id: str) -> tuple[Job, Outcome | None]:
        """A job that `operation` began, and its outcome once it has ended. Raises Refused."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.operation != operation:
                raise Refused("ResourceNotFoundException", "Could not find JobId")
            return job, self._outcomes.get(job_id)

    def _new(self, operation: str, request: Request) -> Job:
        if len(self._jobs) - len(self._outcomes) >= MOST_AT_ONCE:
            raise Refused("LimitExceededException", f"More than {MOST_AT_ONCE} jobs at once")
        job = Job(secrets.token_hex(32), operation, request)
        self._jobs[job.id] = job
        if _TOKEN in request:
            self._tokens[operation, request[_TOKEN]] = job
        thread = threading.Thread(target=self._carry_out, args=(job,), name=operation, daemon=True)
        self._threads = [*(each for each in self._threads if each.is_alive()), thread]
        thread.start()
        return job

    def _carry_out(self, job: Job) -> None:
        outcome = Outcome("Internal server error")
        try:
            with self._turns:
                outcome = self._analyse(job, self._stopped)
        finally:
            with self._lock:
                self._outcomes[job.id] = outcome
            self._tell(job, outcome)
