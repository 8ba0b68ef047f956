"""The object catalogue over REST."""

from typing import Any

import pytest

from chalicelib.domain.definition.catalog import TYPES
from tests.unit.edge.rest.door import Door, Got
from tests.unit.service.world import made_world


@pytest.fixture(scope="module")
def door() -> Door:
    return Door(made_world())


@pytest.fixture(scope="module")
def got(door: Door) -> Got:
    return door.call("GET", "/objectTypes")


def field(got: Got, owner: str, name: str) -> dict[str, Any]:
    (known,) = [each for each in got.body["types"] if each["name"] == owner]
    (found,) = [each for each in known["fields"] if each["name"] == name]
    return dict(found)


def test_every_type_is_there_with_what_it_is(got: Got) -> None:
    assert [each["name"] for each in got.body["types"]] == list(TYPES)
    assert all(each["help"] for each in got.body["types"])
    assert next(each["replacedBy"] for each in got.body["types"] if each["name"] == "MySqlDataNode") == "SqlDataNode"


def test_a_field_says_what_may_stand_in_it(got: Got) -> None:
    assert field(got, "CopyActivity", "input") | {"help": ""} == {
        "name": "input",
        "kind": "Reference",
        "when": "optional",
        "multiple": False,
        "help": "",
        "targets": ["@datanode"],
    }
    assert field(got, "CopyActivity", "scheduleType")["allowedValues"] == ["cron", "timeseries", "ondemand"]
    assert field(got, "ShellCommandActivity", "command")["oneOf"]
    assert field(got, "ShellCommandActivity", "@scheduledStartTime")["when"] == "runtime"
    assert field(got, "JdbcDatabase", "*password")["secret"]


def test_functions_say_what_they_take(got: Got) -> None:
    functions = {each["name"]: each for each in got.body["functions"]}
    assert functions["format"]["parameters"] == ["DateTime", "String"]
    assert all(each["help"] for each in functions.values())


def test_who_has_it_is_told_that_nothing_changed(door: Door, got: Got) -> None:
    assert "max-age" in got.headers["cache-control"]
    again = door.call("GET", "/objectTypes", headers={"if-none-match": f'"other", W/{got.headers["etag"]}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, None, got.headers["etag"])
    assert door.call("GET", "/objectTypes", headers={"if-none-match": '"other"'}).status == 200
