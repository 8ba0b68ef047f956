"""What a runner is made of, and what its tasks get to see of it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.stub import Stubber
from urllib3 import HTTPResponse

from chalicelib.domain.values import Ref
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import Place
from taskrunner.__main__ import make_runner
from taskrunner.options import parse
from taskrunner.runner import Runner
from taskrunner.wire import Wire


def made(tmp_path: Path, **environment: str) -> Runner:
    options = parse(
        [
            *("--workerGroup=g", "--accessId=AKIA", "--secretKey=hidden", f"--output={tmp_path}", "--taskrunnerId=me"),
            "--logUri=s3://logs/here",
        ]
    )
    session = boto3.Session(aws_access_key_id="AKIA", aws_secret_access_key="hidden", region_name="us-east-1")
    return make_runner(options, session, environment)


def test_commands_inherit_the_environment_without_the_runners_own(tmp_path: Path) -> None:
    runner = made(tmp_path, AWS_ENDPOINT_URL="http://x", PATH="/bin", PENSTOCK_DATABASE="d", TASKRUNNER_SECRET="s")
    assert runner.place.environment == {"AWS_ENDPOINT_URL": "http://x", "PATH": "/bin"}


def test_a_poll_may_be_held_for_ninety_seconds(tmp_path: Path) -> None:
    assert made(tmp_path).wire.client.meta.config.read_timeout >= 95


def test_requests_are_signed_as_api_gateway_wants_them(tmp_path: Path) -> None:
    client, seen = made(tmp_path).wire.client, []

    def answered(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        seen.append(bytes(request.headers["Authorization"]).decode())
        return AWSResponse(request.url, 200, {}, HTTPResponse(BytesIO(b"{}"), preload_content=False))

    client.meta.events.register("before-send.data-pipeline", answered)
    client.report_task_runner_heartbeat(taskrunnerId="me")
    assert "/us-east-1/execute-api/aws4_request" in seen[0]


def test_logs_of_several_runners_do_not_meet(tmp_path: Path) -> None:
    assert made(tmp_path).logs._place == Place("logs", "here/me/")


class Spoken:
    """A wire whose service answers as told."""

    def __init__(self) -> None:
        client: Any = boto3.client(
            "datapipeline", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        self.stub = Stubber(client)
        self.stub.activate()
        self.wire = Wire(client, "g", "me", "here")


@pytest.fixture
def spoken() -> Spoken:
    return Spoken()


def test_an_empty_poll_is_no_task(spoken: Spoken) -> None:
    spoken.stub.add_response("poll_for_task", {}, {"workerGroup": "g", "hostname": "here"})
    assert spoken.wire.poll() is None


def test_a_task_keeps_its_references(spoken: Spoken) -> None:
    fields = [{"key": "command", "stringValue": "ls"}, {"key": "input", "refValue": "In"}]
    found = {
        "taskId": "t",
        "pipelineId": "df-1",
        "attemptId": "@A_Attempt=1",
        "objects": {"@A_Attempt=1": {"id": "@A_Attempt=1", "name": "A", "fields": fields}},
    }
    spoken.stub.add_response("poll_for_task", {"taskObject": found})
    claimed = spoken.wire.poll()
    assert claimed is not None
    assert claimed.task.subject.text("command") == "ls"
    assert claimed.task.subject.values("input") == (Ref("In"),)


def test_a_task_without_its_attempt_is_refused(spoken: Spoken) -> None:
    spoken.stub.add_response("poll_for_task", {"taskObject": {"taskId": "t"}})
    with pytest.raises(Rejected, match="attemptId"):
        spoken.wire.poll()


def test_a_task_given_to_another_runner_is_missing(spoken: Spoken) -> None:
    spoken.stub.add_client_error("report_task_progress", "TaskNotFoundException", "gone", 400)
    with pytest.raises(Missing):
        spoken.wire.report("t", ())
