"""Topic rules that were left behind go away; those that are listened to, or just being made, stay."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.codec import decode_event
from chalicelib.domain.values import PipelineId
from chalicelib.ports.queues import Queue
from chalicelib.service.access import Caller
from chalicelib.service.activation import ActivatePipeline, DeactivatePipeline, activate_pipeline, deactivate_pipeline
from chalicelib.service.advance import Engine
from chalicelib.service.definitions import PutDefinition, put_definition
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from chalicelib.service.rule_sweep import sweep_rules
from tests.unit.service.rules import Rules
from tests.unit.service.world import made_world

CALLER = Caller("123456789012", "alice")
ORPHAN = PipelineId("df-ORPHAN")
LONG = timedelta(hours=2)


@dataclass
class Office:
    """A pipeline with a topic rule."""

    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        self.world = made_world()
        self.ports = replace(self.world.ports, rules=self.rules, sealer=KeySealer(b"k" * 32))
        self.pipeline = create_pipeline(CreatePipeline("n", "u"), CALLER, self.ports)
        self.activate({"id": "T", "type": "IotRuleTrigger", "sql": "SELECT * FROM 'a'"})
        self.rules.made_at = self.world.clock.now()
        self.world.clock.advance(LONG)

    def activate(self, trigger: dict[str, str]) -> None:
        default: dict[str, Any] = {"id": "Default", "scheduleType": "ondemand", "trigger": {"ref": "T"}}
        work = {"id": "Work", "type": "ShellCommandActivity", "command": "true", "workerGroup": "g"}
        objects = [default | {"role": "r", "resourceRole": "rr"}, trigger, work]
        put_definition(PutDefinition(self.pipeline, from_file({"objects": objects})), CALLER, self.ports)
        activate_pipeline(ActivatePipeline(self.pipeline), CALLER, self.ports)
        self.advance()

    def advance(self) -> None:
        while batch := self.world.queues.receive(Queue.CONTROL, 10, timedelta(minutes=1), timedelta(0)):
            Engine(self.ports).process(self.pipeline, [decode_event(item.body) for item in batch])
            self.world.queues.delete(Queue.CONTROL, [item.receipt for item in batch])


def test_a_rule_without_a_pipeline_is_removed_and_one_that_is_listened_to_stays() -> None:
    office = Office()
    office.rules.made[ORPHAN] = "SELECT * FROM 'b'"
    assert sweep_rules(office.ports) == 1
    assert set(office.rules.made) == {office.pipeline}


def test_a_rule_that_was_just_made_stays() -> None:
    office = Office()
    office.rules.made[ORPHAN] = "SELECT * FROM 'b'"
    office.rules.made_at = office.world.clock.now()
    assert sweep_rules(office.ports) == 0


def test_a_rule_whose_trigger_was_edited_away_is_removed() -> None:
    office = Office()
    left = dict(office.rules.made)
    office.activate({"id": "T", "type": "S3EventTrigger", "bucket": "landing"})
    office.rules.made = left
    assert sweep_rules(office.ports) == 1


def test_a_rule_that_a_deactivation_left_is_removed() -> None:
    office = Office()
    left = dict(office.rules.made)
    deactivate_pipeline(DeactivatePipeline(office.pipeline), CALLER, office.ports)
    office.advance()
    office.rules.made = left
    assert sweep_rules(office.ports) == 1
