"""The sweep, over real live state in SQLite."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.codec import encode_state
from chalicelib.domain.run.effects import TerminateResource
from chalicelib.domain.run.state import Attempt, Instance, Outgoing, PipelineState
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.values import AttemptId, ComponentId, InstanceId, PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.compute import Owned
from chalicelib.ports.store import StoredState
from chalicelib.service.sweep import sweep
from tests.unit.service.nobody import Nobody

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PIPELINE = PipelineId("df-1")
INSTANCE = InstanceId("@Box_2026-01-01T00:00:00")
ATTEMPT = AttemptId(f"{INSTANCE}_Attempt=1")
BOX = Instance(
    id=INSTANCE,
    component=ComponentId("Box"),
    index=0,
    start=NOW,
    end=NOW,
    version=1,
    status=Status.RUNNING,
    created=NOW,
    tries_left=0,
    attempts=(Attempt(1, Status.RUNNING, NOW),),
    resource_id="i-1",
)


class Clock:
    def now(self) -> datetime:
        return NOW

    def fresh(self) -> str:
        return "fresh"


@dataclass
class Found:
    """ports/compute.Inventory of what the test says."""

    items: Sequence[Owned]
    ended: list[str] = field(default_factory=list)

    def ours(self) -> Sequence[Owned]:
        return self.items

    def terminate(self, resource_id: str) -> None:
        self.ended.append(resource_id)


def swept(
    *instances: Instance, age: timedelta = timedelta(hours=3), ending: bool = False, stored: bool = True
) -> list[str]:
    database, clock, nobody = open_database(":memory:"), Clock(), Nobody()
    store = SqliteStore(database, clock)
    ports = Ports(
        store=store,
        sender=SqliteQueues(database, clock),
        clock=clock,
        ids=clock,
        sealer=KeySealer(b"k" * 32),
        notifier=nobody,
        compute=nobody,
        limits=Limits(),
    )
    effect = TerminateResource(f"{ATTEMPT}/terminate", INSTANCE, ATTEMPT, "i-1")
    state = PipelineState(
        PIPELINE,
        PipelineStatus.SCHEDULED,
        1,
        NOW,
        NOW,
        instances={item.id: item for item in instances},
        outbox={effect.id: Outgoing(effect, NOW)} if ending else {},
    )
    if stored:
        store.save_state(PIPELINE, StoredState(encode_state(state), 1), None)
    found = Found([Owned("i-1", f"{PIPELINE}/{ATTEMPT}", NOW - age)])
    assert sweep(ports, found) == len(found.ended)
    return found.ended


def test_what_a_live_instance_stands_for_stays() -> None:
    assert swept(BOX) == []


def test_what_is_launched_and_not_yet_known_stays() -> None:
    assert swept(replace(BOX, status=Status.CREATING, resource_id=None)) == []


def test_what_no_instance_stands_for_is_ended() -> None:
    assert swept() == ["i-1"]


def test_what_belongs_to_a_pipeline_that_is_gone_is_ended() -> None:
    assert swept(stored=False) == ["i-1"]


def test_what_an_earlier_attempt_launched_is_ended() -> None:
    assert swept(replace(BOX, attempts=(replace(BOX.attempts[0], number=2),))) == ["i-1"]


def test_a_second_machine_of_one_launch_is_ended() -> None:
    assert swept(replace(BOX, resource_id="i-2")) == ["i-1"]


def test_what_is_young_stays_whatever_is_known_of_it() -> None:
    assert swept(age=timedelta(minutes=100)) == []


def test_what_the_engine_is_about_to_end_is_left_to_it() -> None:
    assert swept(ending=True) == []
