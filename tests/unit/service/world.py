"""A control plane to drive by hand: a real store and real queues in memory, a clock that stands still."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chalicelib.adapters.sqlite.database import Database, open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.events import EventRecord
from chalicelib.ports.queues import Queue
from tests.unit.service.nobody import Nobody


class Clock:
    """Set by hand; ids count up."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.ids = 0

    def now(self) -> datetime:
        return self.time

    def fresh(self) -> str:
        self.ids += 1
        return f"ID{self.ids:018d}"

    def advance(self, length: timedelta) -> None:
        self.time += length


class Waiting(NamedTuple):
    """A message that lies in a queue."""

    group: str
    body: str


@dataclass
class World:
    """The parts; `ports` is what services get."""

    clock: Clock
    database: Database
    queues: SqliteQueues
    ports: Ports = field(init=False)

    def messages(self, queue: Queue) -> Sequence[Waiting]:
        """What lies in a queue, taken or not."""
        rows = self.database.read("SELECT grp, body FROM messages WHERE queue = ? ORDER BY seq", queue.value)
        return [Waiting(*row) for row in rows]

    def backlog(self, pipeline: PipelineId) -> Sequence[EventRecord]:
        """Records of the events that wait, in their order."""
        keys = [item.key for item in self.ports.store.pending_events(pipeline, 10_000)]
        records = self.ports.store.events(pipeline, keys)
        return [records[key] for key in keys]

    def keys(self, pipeline: PipelineId) -> Sequence[str]:
        """Keys of every event record of a pipeline."""
        return [row[0] for row in self.database.read("SELECT key FROM events WHERE pipeline_id = ?", pipeline)]


def made_world() -> World:
    """A fresh one."""
    clock, database, nobody = Clock(), open_database(":memory:"), Nobody()
    world = World(clock, database, SqliteQueues(database, clock))
    world.ports = Ports(
        store=SqliteStore(database, clock),
        sender=world.queues,
        clock=clock,
        ids=clock,
        sealer=nobody,
        notifier=nobody,
        compute=nobody,
        limits=Limits(),
    )
    return world
