"""Pipelines made, changed, copied and deleted over REST."""

from typing import Any

import pytest

from chalicelib.service.access import GROUP_TAG
from tests.unit.edge.rest.door import ACCOUNT, Door, Got
from tests.unit.service.world import made_world

HELLO = {
    "objects": [
        {"id": "Default", "scheduleType": "ondemand", "workerGroup": "shop"},
        {"id": "Hello", "type": "ShellCommandActivity", "command": "echo #{myGreeting}"},
    ],
    "parameters": [{"id": "myGreeting", "type": "String", "default": "hello"}],
    "values": {},
}
EXPORT = "export-dynamodb-table-to-s3"


@pytest.fixture
def door() -> Door:
    return Door(made_world())


def made(door: Door, **body: Any) -> str:
    got = door.call("POST", "/pipelines", {"name": "orders"} | body)
    assert got.status == 201, got.body
    return str(got.body["pipelineId"])


def names(door: Door) -> list[str]:
    return [item["name"] for item in door.call("GET", "/pipelines").body["items"]]


def token(*groups: str) -> dict[str, Any]:
    scopes = "penstock/read penstock/write penstock/operate"
    claims = {"token_use": "access", "username": "maria", "scope": scopes, "cognito:groups": ",".join(groups)}
    return {"accountId": ACCOUNT, "authorizer": {"claims": claims}}


def test_a_made_pipeline_is_where_the_answer_says(door: Door) -> None:
    got = door.call("POST", "/pipelines", {"name": "orders", "description": "of the day", "tags": {"team": "shop"}})
    assert (got.status, got.body["state"], got.body["findings"]) == (201, "PENDING", [])
    found = door.call("GET", got.headers["location"].removeprefix("/iam/v1"))
    assert (found.body["description"], found.headers["etag"]) == ("of the day", got.headers["etag"])


def test_a_pipeline_made_with_a_definition_can_be_started(door: Door) -> None:
    pipeline = made(door, definition=HELLO)
    got = door.call("POST", f"/pipelines/{pipeline}/activate")
    assert (got.status, got.body["state"]) == (200, "ACTIVATING")
    assert got.body["activeVersion"] == got.body["latestVersion"]
    assert door.call("POST", f"/pipelines/{pipeline}/deactivate", {"cancelActive": False}).status == 200


def test_a_definition_that_cannot_be_saved_makes_nothing(door: Door) -> None:
    many = {"objects": [{"id": f"O{number}", "type": "S3DataNode"} for number in range(1001)]}
    got = door.call("POST", "/pipelines", {"name": "orders", "definition": many})
    assert (got.status, got.error["code"], got.error["findings"][0]["code"]) == (
        400,
        "InvalidDefinition",
        "LIMIT_EXCEEDED",
    )
    assert names(door) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a", "colour": "red"}, "colour"),
        ({"name": "a", "tags": {"k": 1}}, "tags.k"),
        ({"name": "a", "tags": {"": "v"}}, "tags"),
        ({"name": "a", "definition": {"objects": [{"id": "A"}, {"id": 3}]}}, "definition.objects[1].id"),
        ({"name": "a", "definition": {"objects": [{"id": "A", "f": {"ref": 1}}]}}, "definition.objects[0].f"),
        ({"name": "a", "definition": HELLO, "cloneOf": "df-1"}, "body"),
        ({"name": "a", "template": {"name": "no-such"}}, "template.name"),
        ({"name": "a", "template": {"name": EXPORT, "parameters": {"myX": 1}}}, "template.parameters.myX"),
        ({"name": "a", "group": "a", "tags": {GROUP_TAG: "b"}}, "group"),
        ({"name": "a\x00"}, "name"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_by_member(door: Door, body: dict[str, Any], field: str) -> None:
    got = door.call("POST", "/pipelines", body)
    assert (got.status, got.error["code"], got.error["field"]) == (400, "InvalidRequest", field)
    assert names(door) == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"name": NaN}', '"\\ud800"', "[" * 100_000, '{"name": "\\ud800"}'])
def test_a_body_that_is_no_object_in_json_is_refused(door: Door, body: str) -> None:
    got = door.call("POST", "/pipelines", body)
    assert (got.status, got.error["code"]) == (400, "InvalidRequest")


def test_other_types_and_large_bodies_are_refused(door: Door) -> None:
    got = door.call("POST", "/pipelines", "{}", headers={"content-type": "text/plain"})
    assert (got.status, got.error["field"]) == (415, "Content-Type")
    assert door.call("POST", "/pipelines", " " * 6_000_001).status == 413


def test_a_template_is_filled_with_typed_values(door: Door) -> None:
    values = {"myDDBTableName": "orders", "myOutputS3Loc": "s3://bucket/exports", "myDDBReadThroughputRatio": 0.5}
    pipeline = made(door, template={"name": EXPORT, "parameters": values})
    got = door.call("GET", f"/pipelines/{pipeline}/definition")
    assert got.body["values"] == values | {"myDDBReadThroughputRatio": "0.5"}


def test_a_value_that_is_not_of_its_parameters_type_makes_nothing(door: Door) -> None:
    values = {"myDDBTableName": "orders", "myOutputS3Loc": "nowhere"}
    got = door.call("POST", "/pipelines", {"name": "a", "template": {"name": EXPORT, "parameters": values}})
    assert (got.status, got.error["code"]) == (400, "InvalidDefinition")
    assert {found["code"] for found in got.error["findings"]} >= {"INVALID_PARAMETER"}
    assert names(door) == []


def test_the_same_key_and_body_make_one_pipeline_and_another_body_is_a_conflict(door: Door) -> None:
    def post(name: str, key: str = "k1") -> Got:
        return door.call("POST", "/pipelines", {"name": name}, headers={"idempotency-key": key})

    first, again = post("orders"), post("orders")
    assert (again.status, again.body, again.headers["location"]) == (201, first.body, first.headers["location"])
    assert (post("other").status, post("other").error["code"]) == (409, "IdempotencyConflict")
    assert post("other", "k2").status == 201
    assert sorted(names(door)) == ["orders", "other"]
    assert post("orders", "k\x07").error["field"] == "Idempotency-Key"


def test_an_answer_is_not_repeated_to_who_has_left_the_group_of_what_it_made(door: Door) -> None:
    def post(*groups: str) -> Got:
        sent = {"name": "theirs", "group": "red"}
        context = token("writers", *groups)
        return door.call("POST", "/v1/pipelines", sent, headers={"idempotency-key": "k1"}, context=context)

    assert [post("red").status, post("red").status, post().status] == [201, 201, 404]


def test_a_repeated_unique_id_finds_the_pipeline_with_its_definition(door: Door) -> None:
    first = made(door, uniqueId="u", definition=HELLO)
    version = door.call("GET", f"/pipelines/{first}").body["latestVersion"]
    again = door.call("POST", "/pipelines", {"name": "orders", "uniqueId": "u", "definition": HELLO})
    assert (again.body["pipelineId"], again.body["latestVersion"]) == (first, version)


def test_an_edit_changes_what_it_names_and_a_stale_one_nothing(door: Door) -> None:
    pipeline = made(door, description="old", tags={"team": "shop"})
    etag = door.call("GET", f"/pipelines/{pipeline}").headers["etag"]
    got = door.call("PATCH", f"/pipelines/{pipeline}", {"description": "new"}, headers={"if-match": etag})
    assert (got.status, got.body["description"], got.body["tags"]) == (200, "new", {"team": "shop"})
    for method, path, body in (
        ("PATCH", "", {"description": "late"}),
        ("PUT", "/tags", {"team": "late"}),
        ("DELETE", "", None),
    ):
        late = door.call(method, f"/pipelines/{pipeline}{path}", body, headers={"if-match": etag})
        assert (late.status, late.error["code"]) == (412, "PreconditionFailed")
    got = door.call("PUT", f"/pipelines/{pipeline}/tags", {"owner": "maria"}, headers={"if-match": "*"})
    assert (got.body["description"], got.body["tags"]) == ("new", {"owner": "maria"})


def test_a_deleted_pipeline_is_gone(door: Door) -> None:
    pipeline = made(door)
    assert door.call("DELETE", f"/pipelines/{pipeline}").status == 204
    assert door.call("GET", f"/pipelines/{pipeline}").error["code"] == "PipelineDeleted"
    assert door.call("DELETE", f"/pipelines/{pipeline}").status == 204
    assert names(door) == []


def test_a_copy_has_definition_description_and_tags_but_no_runs(door: Door) -> None:
    source = made(door, description="of the day", tags={"team": "shop"}, definition=HELLO)
    got = door.call("POST", f"/pipelines/{source}/clone", {"name": "copy"})
    assert (got.status, got.body["description"], got.body["tags"]) == (201, "of the day", {"team": "shop"})
    definition = door.call("GET", f"/pipelines/{got.body['pipelineId']}/definition").body
    assert definition["objects"][1]["command"] == "echo #{myGreeting}"
    assert door.call("POST", "/pipelines", {"name": "third", "cloneOf": source}).status == 201
    other = Door(door.world, "999988887777")
    assert other.call("POST", f"/pipelines/{source}/clone", {"name": "copy"}).status == 404
    assert other.call("POST", "/pipelines", {"name": "copy", "cloneOf": source}).status == 404


def test_members_of_one_group_make_for_it_and_of_several_name_it(door: Door) -> None:
    one = door.call("POST", "/v1/pipelines", {"name": "a"}, context=token("writers", "retail"))
    assert one.body["tags"] == {GROUP_TAG: "retail"}
    assert one.headers["location"].startswith("/v1/pipelines/")
    both = token("writers", "retail", "bank")
    got = door.call("POST", "/v1/pipelines", {"name": "a"}, context=both)
    assert (got.status, got.error["field"]) == (400, "group")
    assert door.call("POST", "/v1/pipelines", {"name": "b", "group": "bank"}, context=both).status == 201
    assert door.call("POST", "/v1/pipelines", {"name": "c", "group": "ops"}, context=both).status == 403


def test_templates_are_listed_with_typed_parameters(door: Door) -> None:
    found, cursor = [], list[tuple[str, str]]()
    for _ in range(3):
        page = door.call("GET", "/templates", query=[("limit", "5"), *cursor]).body
        found += page["items"]
        cursor = [("cursor", page.get("nextCursor", ""))]
    assert (len(found), "nextCursor" in page) == (11, False)
    got = door.call("GET", f"/templates/{EXPORT}").body
    kinds = {each["id"]: (each["type"], each["required"]) for each in got["parameters"]}
    assert kinds["myDDBReadThroughputRatio"] == ("Double", False)
    assert kinds["myOutputS3Loc"] == ("AWS::S3::ObjectKey", True)
    assert door.call("GET", "/templates/none").status == 404
