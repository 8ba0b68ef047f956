"""Cascading failures and reruns as data: a definition, what happens to it, and the statuses it must come to."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.events import ResourceFailed
from chalicelib.domain.run.state import attempt_id
from chalicelib.domain.run.status import Command
from tests.unit.run.world import START, World

CASES = [
    case
    for file in sorted((Path(__file__).parents[2] / "cases" / "cascades").glob("*.json"))
    for case in json.loads(file.read_text())
]
COMMANDS = {"cancel": Command.TRY_CANCEL, "rerun": Command.RERUN, "mark finished": Command.MARK_FINISHED}


def world_of(objects: list[dict[str, Any]]) -> World:
    document = {"objects": [{"id": "Default", "scheduleType": "ondemand"}, *objects]}
    world = World(compile_plan(from_file(document), Limits(), START, 1))
    world.activate()
    return world


def happen(world: World, what: str, name: str) -> None:
    if what in COMMANDS:
        world.command(COMMANDS[what], world.name(name))
    elif what == "resource fails":
        box = world.instance(name)
        world.step(ResourceFailed(box.id, attempt_id(box.id, len(box.attempts)), world.now, "no capacity"))
    else:
        {"finish": world.finish, "fail": world.fail}[what](name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_statuses_come_to_what_the_service_documents(case: dict[str, Any]) -> None:
    world = world_of(case["objects"])
    for what, name in case["steps"]:
        happen(world, what, name)
    assert {name: world.status(name).value for name in case["expected"]} == case["expected"]
