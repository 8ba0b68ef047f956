"""What the wire answers when the caller is unknown, or something behind it fails."""

import json
from typing import Any

import pytest
from chalice.app import Chalice, Response

from chalicelib.adapters.aws.clock import RandomIds, SystemClock
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.edge import rpc
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Unavailable
from chalicelib.ports.store import ANY_NUMBER, PipelineRecord
from tests.log_reading import listening
from tests.unit.service.nobody import Nobody

KNOWN = {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:user/me"}


class BrokenStore(SqliteStore):
    """A store whose pipelines cannot be reached, or whose code is wrong."""

    failure: Exception = Unavailable("PutItem", "quote of hunter2")

    def create_pipeline(self, record: PipelineRecord, most: int = ANY_NUMBER) -> PipelineRecord:
        raise self.failure


def ports(store: type[SqliteStore]) -> Ports:
    database, clock = open_database(":memory:"), SystemClock()
    queues = SqliteQueues(database, clock)
    return Ports(store(database, clock), queues, clock, RandomIds(), KeySealer(b"k" * 32), Nobody(), Nobody(), Limits())


def call(found: Ports, identity: dict[str, str]) -> tuple[int, dict[str, Any]]:
    app = Chalice("penstock-test", configure_logs=False)

    @app.route("/", methods=["POST"], content_types=["*/*"])
    def index() -> Response:
        return rpc.answer(app, found)

    answer = app(
        {
            "headers": {"content-type": rpc.CONTENT_TYPE, "x-amz-target": "DataPipeline.CreatePipeline"},
            "requestContext": {"httpMethod": "POST", "resourcePath": "/", "identity": identity},
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "stageVariables": None,
            "body": json.dumps({"name": "hunter2", "uniqueId": "u"}),
        },
        None,
    )
    return answer["statusCode"], json.loads(answer["body"])


def test_a_request_without_a_caller_is_denied() -> None:
    status, reply = call(ports(SqliteStore), {})
    assert (status, reply["__type"]) == (403, "AccessDeniedException")


def test_a_known_caller_is_served() -> None:
    assert call(ports(SqliteStore), KNOWN)[0] == 200


@pytest.mark.parametrize("failure", [Unavailable("PutItem", "quote of hunter2"), KeyError("hunter2")])
def test_a_failure_behind_the_wire_is_internal_and_logged_without_the_payload(
    failure: Exception,
) -> None:
    found = ports(BrokenStore)
    BrokenStore.failure = failure
    with listening() as heard:
        status, reply = call(found, KNOWN)
    assert (status, reply["__type"]) == (500, "InternalServiceError")
    assert "request" in reply["message"]
    (line,) = heard.of("rpc.failed")
    assert line["error"] == type(failure).__name__
    assert any("create_pipeline" in place for place in line["places"])
    assert "hunter2" not in heard.text + reply["message"]
