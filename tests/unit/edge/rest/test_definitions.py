"""Definitions over REST: saved, read, judged, listed by version and compared."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.sqlite.sealer import KeySealer
from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.test_making import HELLO, made
from tests.unit.service.world import made_world


@pytest.fixture
def door() -> Door:
    return Door(made_world())


def hello(command: str = "echo #{myGreeting}", **fields: Any) -> dict[str, Any]:
    activity = {"id": "Hello", "type": "ShellCommandActivity", "command": command} | fields
    return HELLO | {"objects": [HELLO["objects"][0], activity]}


def put(door: Door, pipeline: str, definition: dict[str, Any]) -> int:
    door.world.clock.advance(timedelta(seconds=1))
    got = door.call("PUT", f"/pipelines/{pipeline}/definition", definition)
    assert got.status == 200, got.body
    return int(got.body["version"])


def test_a_saved_definition_is_read_back_with_its_version(door: Door) -> None:
    pipeline = made(door)
    got = door.call("PUT", f"/pipelines/{pipeline}/definition", hello())
    assert (got.status, got.body["valid"], got.body["findings"]) == (200, True, [])
    read = door.call("GET", f"/pipelines/{pipeline}/definition")
    assert read.headers["etag"] == got.headers["etag"] == f'"{got.body["version"]}"'
    assert read.body["parameters"] == HELLO["parameters"]
    assert read.body["objects"][1] == {"name": "Hello"} | hello()["objects"][1]


def test_a_pipeline_without_a_definition_has_none_to_read(door: Door) -> None:
    pipeline = made(door)
    assert door.call("GET", f"/pipelines/{pipeline}/definition").status == 404
    put(door, pipeline, hello())
    assert door.call("GET", f"/pipelines/{pipeline}/definition", query=[("version", "active")]).status == 404
    assert door.call("GET", f"/pipelines/{pipeline}/definition", query=[("version", "soon")]).status == 400


def test_errors_are_saved_and_told_and_forbid_activation(door: Door) -> None:
    pipeline = made(door)
    broken = {"objects": [HELLO["objects"][0], {"id": "Hello", "type": "ShellCommandActivity"}]}
    got = door.call("PUT", f"/pipelines/{pipeline}/definition", broken)
    assert (got.status, got.body["valid"]) == (200, False)
    assert ("Hello", "error", "MISSING_FIELD") in [
        (found["objectId"], found["severity"], found["code"]) for found in got.body["findings"]
    ]
    refused = door.call("POST", f"/pipelines/{pipeline}/activate")
    assert (refused.status, refused.error["code"]) == (409, "InvalidDefinition")
    assert refused.error["findings"][0]["objectId"] == "Hello"


def test_a_definition_is_judged_without_being_saved(door: Door) -> None:
    pipeline = made(door)
    for path in (f"/pipelines/{pipeline}/definition/validate", "/definitions/validate"):
        assert door.call("POST", path, hello()).body == {"valid": True, "findings": []}
        assert not door.call("POST", path, {"objects": [{"id": "A", "type": "NoType"}]}).body["valid"]
        many = {"objects": [{"id": f"O{number}"} for number in range(1001)]}
        assert not door.call("POST", path, many).body["valid"]
    assert "latestVersion" not in door.call("GET", f"/pipelines/{pipeline}").body


def test_a_stale_save_changes_nothing(door: Door) -> None:
    pipeline = made(door, definition=hello())
    etag = door.call("GET", f"/pipelines/{pipeline}/definition").headers["etag"]
    version = put(door, pipeline, hello("echo two"))
    got = door.call("PUT", f"/pipelines/{pipeline}/definition", hello("echo 3"), headers={"if-match": etag})
    assert (got.status, got.error["code"]) == (412, "PreconditionFailed")
    fresh = {"if-match": f'"{version}"'}
    assert door.call("PUT", f"/pipelines/{pipeline}/definition", hello("echo 3"), headers=fresh).status == 200


def test_versions_are_listed_newest_first_with_who_and_what(door: Door) -> None:
    pipeline = made(door, definition=hello())
    second = put(door, pipeline, hello("echo two"))
    door.world.clock.advance(timedelta(seconds=1))
    third = door.call("POST", f"/pipelines/{pipeline}/activate").body["activeVersion"]
    first_page = door.call("GET", f"/pipelines/{pipeline}/versions", query=[("limit", "2")]).body
    cursor = first_page["nextCursor"]
    last = door.call("GET", f"/pipelines/{pipeline}/versions", query=[("limit", "2"), ("cursor", cursor)]).body
    listed = [*first_page["items"], *last["items"]]
    assert [(each["version"], each["activated"]) for each in listed[:2]] == [(third, True), (second, False)]
    assert [(each["latest"], each["active"]) for each in listed] == [(True, True), (False, False), (False, False)]
    assert {each["savedBy"] for each in listed} == {"maria"}
    assert "nextCursor" not in last
    old = door.call("GET", f"/pipelines/{pipeline}/definition", query=[("version", str(listed[2]["version"]))])
    assert old.body["objects"][1]["command"] == "echo #{myGreeting}"


def test_two_versions_are_compared_by_object_and_field(door: Door) -> None:
    pipeline = made(door, definition=hello())
    extra = {"id": "Bye", "type": "ShellCommandActivity", "command": "true", "dependsOn": {"ref": "Hello"}}
    changed = hello("echo two", maximumRetries="1")
    put(door, pipeline, changed | {"objects": [*changed["objects"], extra], "values": {"myGreeting": "hi"}})
    numbers = [each["version"] for each in door.call("GET", f"/pipelines/{pipeline}/versions").body["items"]]
    got = door.call("GET", f"/pipelines/{pipeline}/versions/{numbers[1]}/diff/latest").body
    assert (got["before"], got["after"]) == (numbers[1], numbers[0])
    assert (got["objects"]["added"], got["objects"]["removed"]) == (["Bye"], [])
    assert got["objects"]["changed"] == [
        {
            "id": "Hello",
            "fields": [
                {"key": "command", "before": ["echo #{myGreeting}"], "after": ["echo two"]},
                {"key": "maximumRetries", "before": [], "after": ["1"]},
            ],
        }
    ]
    assert (got["parameters"]["changed"], got["values"]["added"]) == ([], ["myGreeting"])
    assert door.call("GET", f"/pipelines/{pipeline}/versions/7/diff/latest").status == 404


def test_the_last_hundred_versions_are_kept_and_those_in_use(door: Door) -> None:
    pipeline = made(door, definition=hello())
    active = door.call("POST", f"/pipelines/{pipeline}/activate").body["activeVersion"]
    for number in range(103):
        put(door, pipeline, hello(f"echo {number}"))
    page = door.call("GET", f"/pipelines/{pipeline}/versions", query=[("limit", "100")]).body
    cursor = page["nextCursor"]
    rest = door.call("GET", f"/pipelines/{pipeline}/versions", query=[("limit", "100"), ("cursor", cursor)]).body
    assert [each["version"] for each in rest["items"]] == [active]


def test_a_secret_is_masked_kept_when_sent_back_and_not_told_by_a_comparison(door: Door) -> None:
    door.world.ports = replace(door.world.ports, sealer=KeySealer(b"k" * 32))
    secret = hello() | {"parameters": [{"id": "*myKey", "type": "String"}], "values": {"*myKey": "hush"}}
    pipeline = made(door, definition=secret)
    read = door.call("GET", f"/pipelines/{pipeline}/definition").body
    assert read["values"] == {"*myKey": "*****"}
    put(door, pipeline, read)
    got = door.call("POST", f"/pipelines/{pipeline}/clone", {"name": "copy"})
    copy = door.call("GET", f"/pipelines/{got.body['pipelineId']}/definition").body
    assert copy["values"] == {"*myKey": "*****"}


def test_definitions_of_others_are_not_found(door: Door) -> None:
    pipeline = made(door, definition=hello())
    other = Door(door.world, "999988887777")
    for method, path, body in (
        ("GET", "definition", None),
        ("PUT", "definition", hello()),
        ("POST", "definition/validate", hello()),
        ("GET", "versions", None),
        ("GET", "versions/latest/diff/latest", None),
        ("POST", "activate", None),
        ("POST", "deactivate", None),
        ("PUT", "tags", {}),
        ("PATCH", "", {}),
        ("DELETE", "", None),
    ):
        got = other.call(method, f"/pipelines/{pipeline}/{path}".rstrip("/"), body)
        assert (got.status, got.error["code"]) == (404, "PipelineNotFound"), (method, path)
