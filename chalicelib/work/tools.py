"""What an executor works with. It must not know more of where it runs than is here."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.ports.catalogues import Catalogues
from chalicelib.ports.clusters import Clusters
from chalicelib.ports.databases import Databases
from chalicelib.ports.inference import Inference
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.objects import Objects
from chalicelib.ports.streams import Streams
from chalicelib.ports.tables import Tables
from chalicelib.ports.topics import Topics
from chalicelib.ports.video import Videos
from chalicelib.ports.warehouse import Warehouses
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.journal import Journal
from chalicelib.work.masking import Masker


class Claims(Protocol):
    """What one of several executions of a task may do, that deliveries in parallel would do twice."""

    def take(self, what: str) -> bool:
        """Whether this execution may do it: true for one of all that ask, and for another when that one is dead."""

    def drop(self, what: str) -> None:
        """It was not done: the next one that asks may."""


class Alone:
    """Claims where no task is delivered twice: with a Task Runner, which takes a task by a conditional write."""

    def take(self, _: str) -> bool:
        """See Claims."""
        return True

    def drop(self, _: str) -> None:
        """See Claims."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Hands and eyes for one task.

    scratch      an empty directory of the task's own, for executors that need files
    environment  what child processes inherit
    cancelled    whether to stop now; cheap, safe to ask often and from any thread
    time_left    until the place it runs in ends the work; None when nothing does
    report       puts fields onto the attempt while it runs
    fans_out     whether chunks can be handed over; otherwise everything is done here
    resumed      whether an earlier execution may have done part of it
    redelivered  whether an earlier worker took this very piece of work and never said what came of it
    seconds      a clock for measuring how long things take; its zero means nothing
    pause        waits, given seconds
    clusters     the steps of clusters, where they can be reached: from a function
    masker       takes secrets out of what is said of the work
    inference, streams, topics, videos, jobs, catalogues  where they can be reached
    claims       settles which execution does what must not be done twice
    """

    objects: Objects
    tables: Tables
    databases: Databases
    warehouses: Warehouses
    journal: Journal
    scratch: Path
    environment: Mapping[str, str]
    cancelled: Callable[[], bool]
    time_left: Callable[[], timedelta | None]
    report: Callable[[Sequence[tuple[str, str]]], None]
    fans_out: bool = False
    resumed: bool = False
    redelivered: bool = False
    copy_limits: CopyLimits = field(default_factory=CopyLimits)
    seconds: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    clusters: Clusters | None = None
    masker: Masker = field(default_factory=Masker)
    inference: Inference | None = None
    streams: Streams | None = None
    topics: Topics | None = None
    jobs: Jobs | None = None
    catalogues: Catalogues | None = None
    videos: Videos | None = None
    claims: Claims = Alone()  # noqa: RUF009  # it holds nothing


def tried_before(task: Task) -> bool:
    """Whether an earlier attempt of the instance may have done part of the work."""
    split = split_attempt_id(task.attempt)
    return split is not None and split[1] > 1
