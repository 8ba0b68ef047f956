"""The ingest endpoint: a call becomes an event, or the caller is told what to change."""

import json
from typing import Any

import pytest
from chalice.app import Chalice, Response

from chalicelib.domain.trigger.arrival import http_source
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.edge.ingest import LARGEST_BODY_BYTES, LONGEST_KEY, ingest
from chalicelib.service.access import GROUP_TAG, Caller
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from tests.unit.service.world import World, made_world

ACCOUNT = "123456789012"


def listening(world: World, *keys: str, account: str = ACCOUNT, group: str = "") -> PipelineId:
    """A pipeline whose HttpTrigger names these keys."""
    tags = ((GROUP_TAG, group),) if group else ()
    made = create_pipeline(CreatePipeline("called", "called", tags=tags), Caller(account, "maker"), world.ports)
    world.ports.store.arm(made, [Subscription(made, "Called", http_source(made), keys=keys)])
    return made


@pytest.fixture
def world() -> World:
    return made_world()


@pytest.fixture
def pipeline(world: World) -> PipelineId:
    return listening(world)


def call(world: World, body: str, pipeline: str, key_id: str = "line-1", **headers: str) -> tuple[int, dict[str, Any]]:
    app = Chalice("penstock-test", configure_logs=False)

    @app.route("/v1/ingest/{pipeline}", methods=["POST"], content_types=["*/*"])
    def route(pipeline: str) -> Response:
        return ingest(app, pipeline, world.ports)

    answer = app(
        {
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "requestContext": {
                "httpMethod": "POST",
                "resourcePath": "/v1/ingest/{pipeline}",
                "requestId": "r1",
                "accountId": ACCOUNT,
                "identity": {"apiKeyId": key_id},
            },
            "multiValueQueryStringParameters": None,
            "pathParameters": {"pipeline": pipeline},
            "stageVariables": None,
            "body": body,
        },
        None,
    )
    return answer["statusCode"], json.loads(answer["body"])


def test_a_call_is_taken_in_with_its_headers_but_no_secret(world: World, pipeline: PipelineId) -> None:
    status, answer = call(world, '{"a":1}', pipeline, content_type="application/json", x_api_key="secret", x_plant="7")
    (record,) = world.backlog(pipeline)
    assert (status, answer) == (202, {"event": record.key, "duplicate": False})
    assert record.fields["@payload"] == '{"a":1}'
    assert json.loads(record.fields["@headers"]) == {"content-type": "application/json", "x-plant": "7"}


def test_the_same_key_is_the_same_event(world: World, pipeline: PipelineId) -> None:
    answers = [call(world, body, pipeline, idempotency_key="k1") for body in ("1", "2")]
    assert answers[0][1]["event"] == answers[1][1]["event"]
    assert len(world.ports.store.pending_events(pipeline, 10)) == 1
    assert call(world, "1", pipeline, idempotency_key="k2")[1]["event"] != answers[0][1]["event"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "field"),
    [
        ("{", {"content_type": "application/json"}, 400, "body"),
        ("x" * (LARGEST_BODY_BYTES + 1), {}, 413, "body"),
        ("\x01" * LARGEST_BODY_BYTES, {}, 413, "body"),
        ("x", {"idempotency_key": "k" * (LONGEST_KEY + 1)}, 400, "Idempotency-Key"),
        ("x", {"idempotency_key": "\x07"}, 400, "Idempotency-Key"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_by_field(
    world: World, pipeline: PipelineId, body: str, headers: dict[str, str], status: int, field: str
) -> None:
    found, answer = call(world, body, pipeline, **headers)
    assert (found, answer["error"]["field"], answer["error"]["requestId"]) == (status, field, "r1")
    assert "Expected" in answer["error"]["message"]
    assert list(world.ports.store.pending_events(pipeline, 10)) == []


def test_a_pipeline_that_does_not_listen_is_not_found(world: World) -> None:
    assert call(world, "x", "df-2")[0] == 404


@pytest.mark.parametrize(
    ("keys", "account", "group", "status"),
    [
        ((), ACCOUNT, "", 202),
        ((), ACCOUNT, "reds", 404),
        ((), "999999999999", "", 404),
        (("line-1", "line-2"), ACCOUNT, "", 202),
        (("line-1",), ACCOUNT, "reds", 202),
        (("line-1",), "999999999999", "", 202),
        (("line-2",), ACCOUNT, "", 404),
        (("line-2",), ACCOUNT, "reds", 404),
    ],
)
def test_a_key_starts_what_names_it_and_what_names_none_of_its_own_account_without_a_group(
    world: World, keys: tuple[str, ...], account: str, group: str, status: int
) -> None:
    made = listening(world, *keys, account=account, group=group)
    found, answer = call(world, "x", made)
    assert found == status
    assert len(world.ports.store.pending_events(made, 10)) == (status == 202)
    assert status == 202 or answer["error"] == call(world, "x", "df-unknown")[1]["error"]
