"""Texts of a definition evaluated in a run over REST."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.edge.rest.door import Door, Got
from tests.unit.service.plant import ALICE, Plant, hourly

RUN = "2026-01-01T01:00:00"


def definition() -> list[dict[str, Any]]:
    default, *others = hourly("2026-01-01T00:00:00", 2, myDay="#{format(@scheduledStartTime, 'YYYY-MM-dd')}")
    first = next(each for each in others if each["id"] == "First")
    first |= {"onSuccess": {"ref": "Bell"}, "precondition": {"ref": "There"}}
    return [
        default,
        *others,
        {"id": "Bell", "type": "SnsAlarm", "topicArn": "arn:aws:sns:us-east-1:123456789012:t", "role": "r"}
        | {"subject": "#{node.@id}", "message": "by #{myWho}"},
        {"id": "There", "type": "S3KeyExists", "s3Key": "#{node.input.filePath}"},
        {"id": "Unused", "type": "CSV", "column": ["#{myColumns}"]},
        {"id": "Db", "type": "JdbcDatabase", "connectionString": "jdbc:mysql://h/d", "jdbcDriverClass": "D"}
        | {"username": "u", "*password": "#{*myPassword}", "myOpen": "me:#{*myPassword}"},
    ]


PARAMETERS = [
    {"id": "myWho", "type": "String", "default": "maria"},
    {"id": "myColumns", "type": "String", "isArray": "true"},
    {"id": "*myPassword", "type": "String"},
]
VALUES = {"myColumns": ["a STRING", "b STRING"], "*myPassword": "hush"}


@pytest.fixture(scope="module")
def plant() -> Plant:
    plant = Plant(definition(), parameters=PARAMETERS, values=VALUES)
    plant.later(timedelta(hours=1), step=timedelta(minutes=10))
    return plant


@pytest.fixture(scope="module")
def door(plant: Plant) -> Door:
    return Door(plant.world, ALICE.account)


def ask(door: Door, plant: Plant, **asked: Any) -> Got:
    run = {} if "instanceId" in asked else {"runId": RUN}
    return door.call("POST", f"/pipelines/{plant.pipeline}/evaluate", run | asked)


def values(got: Got) -> tuple[str, list[str]]:
    assert (got.status, got.body.get("error")) == (200, None)
    return got.body["seenFrom"], got.body["values"]


def test_a_text_is_evaluated_with_the_interval_of_the_run(door: Door, plant: Plant) -> None:
    got = ask(door, plant, objectId="In", text="#{format(@scheduledStartTime, 'HH')} o'clock")
    assert values(got) == (f"@In_{RUN}", ["01 o'clock"])
    other = ask(door, plant, objectId="In", instanceId="@In_2026-01-01T00:00:00", field="filePath")
    assert values(other) == ("@In_2026-01-01T00:00:00", ["s3://in/2026-01-01-00"])


def test_what_is_inherited_is_seen_from_an_heir(door: Door, plant: Plant) -> None:
    seen, found = values(ask(door, plant, objectId="Default", field="myDay"))
    assert (seen.rpartition("_")[2], found) == (RUN, ["2026-01-01"])


def test_an_action_or_precondition_sees_the_instance_that_refers_to_it(door: Door, plant: Plant) -> None:
    assert values(ask(door, plant, objectId="Bell", field="subject")) == (f"@First_{RUN}", [f"@First_{RUN}"])
    assert values(ask(door, plant, objectId="Bell", field="message"))[1] == ["by maria"]
    assert values(ask(door, plant, objectId="There", field="s3Key"))[1] == ["s3://in/2026-01-01-01"]


def test_what_nothing_refers_to_still_has_its_parameters(door: Door, plant: Plant) -> None:
    assert values(ask(door, plant, objectId="Unused", field="column"))[1] == ["a STRING", "b STRING"]


def test_secrets_stay_hidden(door: Door, plant: Plant) -> None:
    assert values(ask(door, plant, objectId="Db", field="*password"))[1] == ["*****"]
    assert values(ask(door, plant, objectId="Db", field="*password", text="#{username}"))[1] == ["*****"]
    assert values(ask(door, plant, objectId="Db", field="myOpen"))[1] == ["me:*****"]
    assert values(ask(door, plant, objectId="Db", text="<#{*myPassword}>"))[1] == ["<*****>"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"objectId": "In", "text": "#{filePth}"}, "did you mean filePath"),
        ({"objectId": "In", "field": "filePath", "text": "#{1 / 0}"}, "in filePath"),
        ({"objectId": "In", "text": "#{" + "(" * 90 + "1" + ")" * 90 + "}"}, "deep"),
        ({"objectId": "New", "text": "#{1}"}, "no New"),
    ],
)
def test_what_has_no_value_says_why(door: Door, plant: Plant, asked: dict[str, str], words: str) -> None:
    got = ask(door, plant, **asked)
    assert (got.status, got.body["values"]) == (200, [])
    assert words in got.body["error"]


def test_long_answers_are_cut(door: Door, plant: Plant) -> None:
    got = ask(door, plant, objectId="Db", text="#{myColumns}" * 8)
    assert (len(got.body["values"]), got.body["cut"]) == (100, True)


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"objectId": "In"}, 400, "text"),
        ({"objectId": "In", "text": "x", "runId": RUN, "instanceId": f"@In_{RUN}"}, 400, "runId"),
        ({"objectId": "In", "text": "x", "instanceId": "@In_1999-01-01T00:00:00"}, 404, ""),
        ({"objectId": "In", "text": "x", "runId": "1999-01-01T00:00:00"}, 404, ""),
    ],
)
def test_what_cannot_be_asked_is_refused(
    door: Door, plant: Plant, asked: dict[str, str], status: int, field: str
) -> None:
    got = ask(door, plant, **asked)
    assert (got.status, got.error.get("field", "")) == (status, field)
