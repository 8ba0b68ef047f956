"""A secret of a definition never reaches the log, wherever it stands and whatever fails."""

import json
import string
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from chalicelib.domain.definition.encoding import from_file, to_api
from chalicelib.domain.run.codec import decode_event
from chalicelib.domain.values import PipelineId
from chalicelib.edge import rpc
from chalicelib.edge.invocation import invoked
from chalicelib.ports.queues import Queue
from local.invoke import Context
from tests.log_reading import listening
from tests.s3_on_moto import s3_client
from tests.unit.service.test_perform import CONTROL_EVENTS, House

CALLER = {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:user/me"}
SECRETS = st.text(string.ascii_letters + string.digits + "#{}'\"\\ é", min_size=3, max_size=20).map("hunter2{}".format)
FIELDS = st.sampled_from(["*password", "*myToken", "*scriptArgument", "*username", "*connectionString", "*script"])


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


def definition(places: dict[str, str]) -> dict[str, Any]:
    url = "jdbc:postgresql://127.0.0.1:1/db"
    database = {"id": "Db", "type": "JdbcDatabase", "connectionString": url, "username": "me", "*password": "hunter2"}
    database["jdbcDriverClass"] = "org.postgresql.Driver"
    work = {
        "id": "Copy",
        "type": "SqlActivity",
        "script": "SELECT 1",
        "database": {"ref": "Db"},
        "maximumRetries": "0",
        "placement": "serverless",
    }
    for key, secret in places.items():
        (database if key in ("*password", "*username", "*connectionString") else work)[key] = secret
        for item in (database, work):
            item.pop(key.removeprefix("*"), None) if key in item else None
    return {"objects": [{"id": "Default", "scheduleType": "ondemand", "role": "worker"}, database, work]}


def advance(house: House) -> None:
    """Deliver control messages until there are none, to whichever pipeline they are for."""
    while batch := house.queues.receive(Queue.CONTROL, 10, CONTROL_EVENTS, timedelta(0)):
        for message in batch:
            house.engine.process(PipelineId(message.group or ""), [decode_event(message.body)])
        house.queues.delete(Queue.CONTROL, [message.receipt for message in batch])


def application(house: House) -> Chalice:
    app = Chalice("penstock-test", configure_logs=False)
    app.register_middleware(lambda event, run: invoked(event, run, "", ""), "all")

    @app.route("/", methods=["POST"], content_types=["*/*"])
    def index() -> Response:
        return rpc.answer(app, house.ports)

    return app


def called(app: Chalice, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = app(
        {
            "headers": {"content-type": rpc.CONTENT_TYPE, "x-amz-target": f"DataPipeline.{operation}"},
            "requestContext": {"httpMethod": "POST", "resourcePath": "/", "identity": CALLER, "requestId": "r"},
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "stageVariables": None,
            "body": json.dumps(body),
        },
        Context("api_handler"),
    )
    found: dict[str, Any] = json.loads(answer["body"])
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(FIELDS, SECRETS, min_size=1, max_size=4))
def test_no_secret_of_a_definition_reaches_a_line_of_the_log(s3: Any, tmp_path: Path, places: dict[str, str]) -> None:
    house = House(s3, tmp_path)
    app = application(house)
    content = to_api(from_file(definition(places)))
    with listening() as heard:
        made = called(app, "CreatePipeline", {"name": "n", "uniqueId": "u"})["pipelineId"]
        body = {"pipelineId": made, **content}
        called(app, "PutPipelineDefinition", body)
        called(app, "PutPipelineDefinition", {**body, "parameterValues": places})
        called(app, "ActivatePipeline", {"pipelineId": made})
        advance(house)
        house.perform_tasks()
        advance(house)
    assert len(heard.of("api.answered")) == 4
    assert "hunter2" not in heard.text


def test_what_is_looked_for_would_be_found(s3: Any, tmp_path: Path) -> None:
    house = House(s3, tmp_path)
    app = application(house)
    content = to_api(from_file(definition({"*password": "hunter2"})))
    with listening() as heard:
        made = called(app, "CreatePipeline", {"name": "n", "uniqueId": "u"})["pipelineId"]
        body = {"pipelineId": made, **content}
        assert not called(app, "PutPipelineDefinition", body)["errored"]
        called(app, "ActivatePipeline", {"pipelineId": made})
        advance(house)
        house.perform_tasks()
        advance(house)
    (line,) = heard.of("task.done")
    assert (line["outcome"], line["pipeline"]) == ("Failed", made)
