"""A real boto3 client whose requests go to the app in process: botocore's before-send hook instead of a socket."""

import io
import itertools
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

os.environ.setdefault("PENSTOCK_CONTROL", "sqlite")
os.environ["PENSTOCK_DATABASE"] = ":memory:"
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from app import app
from chalicelib import bootstrap
from chalicelib.domain.values import render_time
from chalicelib.ports.bundle import Ports
from local.gateway.exchange import Answer, Incoming
from local.gateway.front import Gateway
from tests.contract.wire.runs import Run
from tests.contract.wire.samples import PARAMETER, VALUE, once, put
from tests.signing import signed, text

# Everybody who shares this app counts here: two counts that meet would see each other's pipelines.
ACCOUNTS = itertools.count(100_000_000_000)
GATEWAY = Gateway(app)
Call = Callable[..., Answer]


class Body(io.BytesIO):
    """What botocore reads a response from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def in_process(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    """Answer a signed request by calling the app, as API Gateway would."""
    headers = {name.lower(): text(value) for name, value in request.headers.items()} | {"host": "penstock.invalid"}
    body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    answer = GATEWAY.answer(Incoming("POST", "/datapipeline", (), headers, body))
    return AWSResponse(request.url, answer.status, dict(answer.headers), Body(answer.body))


def client_of(account: str) -> Any:
    """A client whose access key names its account."""
    client = boto3.client(
        "datapipeline",
        region_name="us-east-1",
        endpoint_url="http://penstock.invalid/datapipeline",
        aws_access_key_id=account,
        aws_secret_access_key=account,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )
    client.meta.events.register("before-send.data-pipeline", in_process)
    return client


def raw_call(headers: dict[str, str], body: bytes, path: str = "/datapipeline") -> Answer:
    """A request as bytes."""
    return GATEWAY.answer(signed("POST", path, body, headers))


@pytest.fixture
def account() -> str:
    return str(next(ACCOUNTS))


@pytest.fixture
def client(account: str) -> Any:
    return client_of(account)


@pytest.fixture
def stranger() -> Any:
    return client_of(str(next(ACCOUNTS)))


@pytest.fixture
def ports() -> Ports:
    return bootstrap.ports()


@pytest.fixture
def pipeline(client: Any) -> str:
    created: str = client.create_pipeline(name="n", uniqueId="u")["pipelineId"]
    return created


@pytest.fixture
def run(client: Any, pipeline: str) -> Run:
    """A pipeline of one shell command for worker group `g`, activated and waiting for its runner."""
    put(client, pipeline)
    client.activate_pipeline(pipelineId=pipeline)
    started = Run(pipeline)
    started.settle()
    return started


@pytest.fixture
def finished(client: Any, pipeline: str, ports: Ports) -> Run:
    """A scheduled pipeline whose only interval has run."""
    start = render_time(ports.clock.now() - timedelta(hours=1))
    client.put_pipeline_definition(
        pipelineId=pipeline, pipelineObjects=once(start), parameterObjects=[PARAMETER], parameterValues=[VALUE]
    )
    client.activate_pipeline(pipelineId=pipeline)
    started = Run(pipeline)
    started.settle()
    task = client.poll_for_task(workerGroup="g")["taskObject"]
    client.set_task_status(taskId=task["taskId"], taskStatus="FINISHED")
    started.settle()
    return started
