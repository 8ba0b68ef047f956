"""An activation happens wholly or not at all: refused, or killed at any call, on every store."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.aws.clock import RandomIds
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.codec import decode_event, decode_state
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.trigger.arrival import iot_source, s3_source
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Queue
from chalicelib.ports.store import PipelineRecord, Store
from chalicelib.service.access import Caller
from chalicelib.service.activation import (
    ActivatePipeline,
    DeactivatePipeline,
    activate_pipeline,
    deactivate_pipeline,
)
from chalicelib.service.advance import Engine
from chalicelib.service.definitions import PutDefinition, put_definition
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from tests.contract.ports.clocks import SetClock
from tests.mortal import Killed, Life, Mortal
from tests.unit.service.nobody import Nobody
from tests.unit.service.rules import Rules

CALLER = Caller("123456789012", "alice")
MOST_CALLS = 40
BY_RULE = {"id": "T", "type": "IotRuleTrigger", "sql": "SELECT * FROM 'a'"}
REFUSED = BY_RULE | {"sql": "SELECT REFUSE FROM 'a'"}
BY_OBJECT = {"id": "T", "type": "S3EventTrigger", "bucket": "landing"}
SECOND = timedelta(seconds=1)


def definition(trigger: dict[str, str]) -> Definition:
    default = {"id": "Default", "scheduleType": "ondemand", "trigger": {"ref": "T"}, "role": "r", "resourceRole": "rr"}
    work = {"id": "Work", "type": "ShellCommandActivity", "command": "true", "workerGroup": "g"}
    return from_file({"objects": [default, trigger, work]})


@dataclass
class Office:
    """A pipeline, its caller, whose process may be killed, and its writer, whose process lives."""

    store: Store
    clock: SetClock
    pipeline: PipelineId = field(init=False)
    rules: Rules = field(default_factory=Rules)
    life: Life = field(default_factory=lambda: Life(None, after=False))

    def __post_init__(self) -> None:
        self.queues = SqliteQueues(open_database(":memory:"), self.clock)
        sealer, nobody = KeySealer(b"k" * 32), Nobody()
        self.ports = Ports(
            self.store, self.queues, self.clock, RandomIds(), sealer, nobody, nobody, Limits(), self.rules
        )
        self.mortal: Ports = replace(
            self.ports,
            store=Mortal(self.store, self.life),
            sender=Mortal(self.queues, self.life),
            rules=Mortal(self.rules, self.life),
        )

    def put(self, trigger: dict[str, str]) -> None:
        self.clock.advance(SECOND)
        put_definition(PutDefinition(self.pipeline, definition(trigger)), CALLER, self.ports)

    def activate(self) -> None:
        self.clock.advance(SECOND)
        activate_pipeline(ActivatePipeline(self.pipeline), CALLER, self.mortal)

    def advance(self) -> None:
        """Deliver what waits for the pipeline's writer."""
        engine = Engine(self.ports)
        while batch := self.queues.receive(Queue.CONTROL, 10, timedelta(minutes=1), timedelta(0)):
            engine.process(self.pipeline, [decode_event(item.body) for item in batch])
            self.queues.delete(Queue.CONTROL, [item.receipt for item in batch])

    @property
    def record(self) -> PipelineRecord:
        return self.store.pipelines([self.pipeline])[self.pipeline]

    @property
    def active(self) -> dict[str, Any] | None:
        """The type of the trigger that the active version has, as callers are told, and as the writer goes by."""
        found = self.store.definition(self.pipeline, self.record.active)
        return None if found is None else {item.id: item.type for item in found.objects}["T"]

    @property
    def advanced(self) -> str | None:
        stored = self.store.load_state(self.pipeline)
        if stored is None:
            return None
        state = decode_state(stored.payload)
        found = self.store.definition(self.pipeline, state.definition_version)
        assert found is not None
        return {item.id: item.type for item in found.objects}["T"]

    @property
    def heard(self) -> set[str]:
        """What the pipeline listens to."""
        sources = {"IotRuleTrigger": iot_source(self.pipeline, "T"), "S3EventTrigger": s3_source("landing")}
        mine = [item.pipeline for source in sources.values() for item in self.store.listening(source)]
        assert mine.count(self.pipeline) <= 1
        return {
            name
            for name, source in sources.items()
            if self.pipeline in {item.pipeline for item in self.store.listening(source)}
        }


@pytest.fixture
def open_office(store: Store, clock: SetClock, fresh: Callable[[], str]) -> Callable[[], Office]:
    def opened() -> Office:
        office = Office(store, clock)
        office.pipeline = create_pipeline(CreatePipeline("n", fresh()), CALLER, office.ports)
        return office

    return opened


def test_a_refused_query_leaves_a_pipeline_that_was_never_active_as_it_was(open_office: Callable[[], Office]) -> None:
    office = open_office()
    office.put(REFUSED)
    before = office.record
    with pytest.raises(InvalidRequest, match="the topic rule is refused"):
        office.activate()
    office.advance()
    assert (office.record, office.heard, office.store.load_state(office.pipeline)) == (before, set(), None)


def test_a_refused_edit_leaves_the_active_version_and_what_it_listens_to(open_office: Callable[[], Office]) -> None:
    office = open_office()
    office.put(BY_OBJECT)
    office.activate()
    office.advance()
    office.put(REFUSED)
    before = office.record
    with pytest.raises(InvalidRequest, match="the topic rule is refused"):
        office.activate()
    office.advance()
    assert (office.record, office.heard) == (before, {"S3EventTrigger"})
    assert (office.active, office.advanced) == ("S3EventTrigger", "S3EventTrigger")


def killed_at(office: Office, call: int, *, after: bool) -> bool:
    """Activate in a process that is killed at its n-th call; False when it made fewer calls."""
    office.life.left, office.life.after = call, after
    try:
        office.activate()
    except Killed:
        return True
    office.life.left = None
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("old", "new"), [(None, BY_RULE), (BY_OBJECT, BY_RULE), (BY_RULE, BY_OBJECT)])
def test_an_activation_killed_at_any_call_has_happened_or_not_and_can_be_repeated(
    open_office: Callable[[], Office], old: dict[str, str] | None, new: dict[str, str], after: bool
) -> None:
    was = old["type"] if old else None
    for call in range(MOST_CALLS):
        office = open_office()
        if old is not None:
            office.put(old)
            office.activate()
            office.advance()
        office.put(new)
        was_killed = killed_at(office, call, after=after)
        office.advance()
        assert (office.active, office.heard) in ((was, {was} - {None}), (new["type"], {new["type"]}))
        assert office.advanced == office.active
        office.activate()
        office.advance()
        assert (office.active, office.advanced, office.heard) == (new["type"], new["type"], {new["type"]})
        assert (office.pipeline in office.rules.made) == (new is BY_RULE) or was_killed
        if not was_killed:
            return
    raise AssertionError("an activation makes more calls than were tried")


def test_a_deactivation_behind_an_activation_that_died_leaves_nothing_listening(
    open_office: Callable[[], Office],
) -> None:
    office = open_office()
    office.put(BY_OBJECT)
    office.activate()
    deactivate_pipeline(DeactivatePipeline(office.pipeline), CALLER, office.ports)
    office.advance()
    stored = office.store.load_state(office.pipeline)
    assert stored is not None
    assert (decode_state(stored.payload).status, office.heard) == (PipelineStatus.INACTIVE, set())
    office.activate()
    office.advance()
    assert office.heard == {"S3EventTrigger"}
