"""The real engine on SQLite with everything outside left out: a clock set by hand, workers that succeed at once."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.codec import decode_event, decode_task
from chalicelib.domain.run.events import Activated, TaskEnded, TaskStarted, TaskStatus
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.compute import LaunchRequest, ResourceStatus
from chalicelib.ports.queues import Queue
from chalicelib.service.advance import Engine
from chalicelib.service.control import publish

PIPELINE = PipelineId("df-BENCH")
VISIBILITY = timedelta(minutes=1)


@dataclass(slots=True)
class Hand:
    """A clock that moves a moment with every reading."""

    time: datetime

    def now(self) -> datetime:
        self.time += timedelta(microseconds=10)
        return self.time

    def fresh(self) -> str:
        return "FRESH"


class Nowhere:
    """Topics, machines and keys that the measured pipelines never reach."""

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        raise AssertionError(topic_arn, subject, message, role)

    def launch(self, request: LaunchRequest) -> str:
        raise AssertionError(request)

    def terminate(self, resource_id: str) -> None:
        raise AssertionError(resource_id)

    def find(self, token: str, region: str | None = None) -> str | None:
        raise AssertionError(token, region)

    def status(self, resource_id: str) -> ResourceStatus:
        raise AssertionError(resource_id)

    def reason(self, resource_id: str) -> str:
        raise AssertionError(resource_id)

    def seal(self, text: str, context: str) -> str:
        raise AssertionError(text, context)

    def unseal(self, sealed: str, context: str) -> str:
        raise AssertionError(sealed, context)


@dataclass(slots=True)
class EngineRoom:
    """One pipeline, its store and queues in a file, and workers played here."""

    path: Path
    now: datetime
    ports: Ports = field(init=False)
    queues: SqliteQueues = field(init=False)
    engine: Engine = field(init=False)
    commit_seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock, database, nowhere = Hand(self.now), open_database(str(self.path)), Nowhere()
        self.queues = SqliteQueues(database, clock)
        self.ports = Ports(
            store=SqliteStore(database, clock),
            sender=self.queues,
            clock=clock,
            ids=clock,
            sealer=nowhere,
            notifier=nowhere,
            compute=nowhere,
            limits=Limits(),
        )
        self.engine = Engine(self.ports)

    def activate(self, definition: Definition) -> None:
        """Store the definition and tell the engine."""
        self.ports.store.put_definition(PIPELINE, 1, definition)
        publish(self.queues, PIPELINE, [("activate", Activated("activate", self.ports.clock.now(), 1))])

    def advance(self) -> bool:
        """Give the engine one batch of control events; False when there is none."""
        batch = self.queues.receive(Queue.CONTROL, 10, VISIBILITY, timedelta(0))
        if not batch:
            return False
        events = [decode_event(item.body) for item in batch]
        before = time.process_time()
        self.engine.process(PIPELINE, events)
        self.commit_seconds.append(time.process_time() - before)
        self.queues.delete(Queue.CONTROL, [item.receipt for item in batch])
        return True

    def work(self) -> int:
        """Take up to ten tasks, report each started and finished; how many there were."""
        batch = self.queues.receive(Queue.TASKS, 10, VISIBILITY, timedelta(0))
        for item in batch:
            task = decode_task(item.body)
            at = self.ports.clock.now()
            events = (
                (f"{task.attempt}/started", TaskStarted(task.attempt, task.turn, at)),
                (f"{task.attempt}/ended", TaskEnded(task.attempt, task.turn, at, TaskStatus.FINISHED)),
            )
            publish(self.queues, PIPELINE, events)
        if batch:
            self.queues.delete(Queue.TASKS, [item.receipt for item in batch])
        return len(batch)

    @property
    def state_bytes(self) -> int:
        """Size of the live item."""
        stored = self.ports.store.load_state(PIPELINE)
        return len(stored.payload) if stored is not None else 0
