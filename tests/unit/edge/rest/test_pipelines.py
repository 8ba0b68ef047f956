"""Pipelines over REST: found, read, and nobody else's business."""

import pytest

from chalicelib.service.access import GROUP_TAG, Caller
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from tests.unit.edge.rest.door import ACCOUNT, Door
from tests.unit.service.world import made_world


@pytest.fixture
def door() -> Door:
    return Door(made_world())


def created(door: Door, name: str, account: str = ACCOUNT, **tags: str) -> str:
    request = CreatePipeline(name, name, "", tuple((key.replace("__", ":"), value) for key, value in tags.items()))
    return create_pipeline(request, Caller(account, "maria"), door.world.ports)


def test_a_pipeline_is_read_with_its_revision(door: Door) -> None:
    pipeline = created(door, "orders", team="shop")
    got = door.call("GET", f"/pipelines/{pipeline}")
    assert (got.status, got.headers["etag"]) == (200, '"0"')
    assert (got.body["name"], got.body["state"], got.body["health"]) == ("orders", "PENDING", "-")
    assert (got.body["tags"], got.body["owner"]) == ({"team": "shop"}, ACCOUNT)


def test_pipelines_are_listed_page_by_page_until_the_last(door: Door) -> None:
    wanted = [created(door, f"p{number}") for number in range(5)]
    found: list[str] = []
    cursor: tuple[tuple[str, str], ...] = ()
    for _ in range(3):
        body = door.call("GET", "/pipelines", query=[("limit", "2"), *cursor]).body
        found += [item["pipelineId"] for item in body["items"]]
        cursor = (("cursor", body.get("nextCursor", "")),)
    assert found == sorted(wanted)
    assert "nextCursor" not in body


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ([("q", "night ORD")], ["nightly orders"]),
        ([("tag", "team=shop")], ["nightly orders"]),
        ([("tag", "team")], ["nightly orders", "stock"]),
        ([("tag", "team"), ("q", "stock")], ["stock"]),
        ([("state", "PENDING")], ["nightly orders", "stock", "other"]),
        ([("state", "SCHEDULED")], []),
    ],
)
def test_filters_must_all_hold(door: Door, query: list[tuple[str, str]], names: list[str]) -> None:
    created(door, "nightly orders", team="shop")
    created(door, "stock", team="store")
    created(door, "other")
    assert [item["name"] for item in door.call("GET", "/pipelines", query=query).body["items"]] == names


def test_another_accounts_pipeline_is_not_found_and_not_listed(door: Door) -> None:
    pipeline = created(door, "theirs", "999988887777")
    got = door.call("GET", f"/pipelines/{pipeline}")
    assert (got.status, got.error["code"]) == (404, "PipelineNotFound")
    assert door.call("GET", "/pipelines").body == {"items": []}


def token(scope: str, groups: str = "") -> dict[str, object]:
    claims = {"token_use": "access", "username": "maria", "scope": scope, "cognito:groups": groups}
    return {"accountId": ACCOUNT, "authorizer": {"claims": claims}}


def test_a_token_holder_sees_the_pipelines_of_their_group_and_of_none(door: Door) -> None:
    created(door, "retail's", **{GROUP_TAG: "retail"})
    created(door, "bank's", **{GROUP_TAG: "bank"})
    created(door, "everybody's")
    got = door.call("GET", "/v1/pipelines", context=token("penstock/read", "readers,retail"))
    assert [item["name"] for item in got.body["items"]] == ["retail's", "everybody's"]


def test_a_token_without_the_scope_is_refused_and_a_request_without_any_identity_too(door: Door) -> None:
    got = door.call("GET", "/v1/pipelines", context=token("penstock/write", "writers"))
    assert (got.status, got.error["code"]) == (403, "Forbidden")
    got = door.call("GET", "/v1/pipelines", context={"identity": {}})
    assert (got.status, got.error["code"]) == (401, "Unauthenticated")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ([("limit", "0")], "limit"),
        ([("limit", "many")], "limit"),
        ([("limit", "1"), ("limit", "2")], "limit"),
        ([("state", "ASLEEP")], "state"),
        ([("cursor", "no cursor")], "cursor"),
        ([("colour", "red")], "colour"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_by_parameter(door: Door, query: list[tuple[str, str]], field: str) -> None:
    got = door.call("GET", "/pipelines", query=query)
    assert (got.status, got.error["code"], got.error["field"]) == (400, "InvalidRequest", field)
    assert got.error["expected"]


def test_a_cursor_belongs_to_its_filters(door: Door) -> None:
    for number in range(3):
        created(door, f"p{number}")
    cursor = door.call("GET", "/pipelines", query=[("limit", "1")]).body["nextCursor"]
    got = door.call("GET", "/pipelines", query=[("limit", "1"), ("q", "p1"), ("cursor", cursor)])
    assert (got.status, got.error["code"], got.error["field"]) == (404, "NoSuchPage", "cursor")
    assert Door(door.world, "999988887777").call("GET", "/pipelines", query=[("cursor", cursor)]).status == 404
    assert door.call("GET", "/pipelines", query=[("cursor", "AAAA")]).status == 404


def test_health_is_public_and_takes_no_body(door: Door) -> None:
    assert door.call("GET", "/v1/health", context={}).body == {"status": "ok"}
    assert door.call("GET", "/v1/health", "{}", context={}).status == 400


def test_the_document_is_public_and_says_where_it_is_served(door: Door) -> None:
    context = {"path": "/api/v1/openapi.json"}
    body = door.call("GET", "/v1/openapi.json", context=context).body
    assert body["servers"] == [{"url": "/api"}]
    assert "/v1/pipelines" in body["paths"]
