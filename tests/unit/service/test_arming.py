"""The topic rule of a pipeline comes and goes with its trigger."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.trigger.arrival import iot_source
from chalicelib.domain.values import PipelineId
from chalicelib.service.arming import arm, disarm, prepare
from tests.unit.service.rules import Rules
from tests.unit.service.world import made_world

PIPELINE = PipelineId("df-1")


def definition(*objects: dict[str, Any], trigger: str | None = "Rule") -> Definition:
    default = {"id": "Default", "scheduleType": "ondemand"} | ({"trigger": {"ref": trigger}} if trigger else {})
    return from_file({"objects": [default, *objects]})


def by_rule(sql: str = "SELECT * FROM 'a'") -> Definition:
    return definition({"id": "Rule", "type": "IotRuleTrigger", "sql": sql})


PLAIN = definition(trigger=None)


def test_activation_makes_the_rule_edits_replace_it_and_deactivation_removes_it() -> None:
    world, rules = made_world(), Rules()
    ports = replace(world.ports, rules=rules)
    prepare(PIPELINE, by_rule(), ports)
    prepare(PIPELINE, by_rule("SELECT * FROM 'b'"), ports)
    arm(PIPELINE, by_rule("SELECT * FROM 'b'"), ports, by_rule())
    assert list(rules.made) == [PIPELINE]
    assert rules.made[PIPELINE].endswith("FROM 'b'")
    assert len(ports.store.listening(iot_source(PIPELINE, "Rule"))) == 1
    for _ in range(2):
        disarm(PIPELINE, by_rule(), ports)
    assert rules.made == {}
    assert not ports.store.listening(iot_source(PIPELINE, "Rule"))


def test_a_trigger_that_is_edited_away_takes_its_rule_along() -> None:
    rules = Rules()
    ports = replace(made_world().ports, rules=rules)
    prepare(PIPELINE, by_rule(), ports)
    arm(PIPELINE, PLAIN, ports, by_rule())
    assert rules.made == {}


def test_a_pipeline_without_a_rule_asks_nothing_of_the_service() -> None:
    rules = Rules()
    ports = replace(made_world().ports, rules=rules)
    arm(PIPELINE, PLAIN, ports, PLAIN)
    disarm(PIPELINE, PLAIN, ports)
    disarm(PIPELINE, None, ports)
    assert rules.removed == 0


@pytest.mark.parametrize("sql", ["plant/+/temperature", "SELECT REFUSE FROM 'a'"])
def test_a_query_that_is_none_is_the_users_fault(sql: str) -> None:
    with pytest.raises(InvalidRequest, match="Rule"):
        prepare(PIPELINE, by_rule(sql), replace(made_world().ports, rules=Rules()))
