"""The deployed system inside this process: app.py's own handlers on DynamoDB, SQS, S3 and KMS as moto plays them.

The queues are delivered by hand, a batch at a time, so that what is counted does not depend on how fast a machine is.
"""

import io
import logging
import os
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto import mock_aws

from chalicelib import bootstrap
from chalicelib.ports.queues import Queue, Receiver
from local import foundation
from local.gateway.exchange import Incoming
from local.gateway.front import Gateway
from local.invoke import Context
from local.pump import Source, failed_ids, sqs_event
from local.sources import queue_sources

STAGE = "bench"
ACCOUNT = "123456789012"
"""Also the key of whoever calls: a key of twelve digits is its own secret."""
BUCKET = "bench-data"
VISIBILITY = timedelta(minutes=1)


@dataclass(slots=True)
class Stopwatch:
    """Processor time between a request's leaving botocore and its answer: the emulator's, not ours."""

    seconds: float = 0.0
    function: str = ""
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    _since: float = 0.0

    def watch(self, client: Any) -> None:
        """Time every request of this client from now on."""
        client.meta.events.register_first("before-send", self._sent)
        client.meta.events.register_first("response-received", self._received)

    def _sent(self, event_name: str, **_: Any) -> None:
        self.requests[self.function, event_name.split(".")[1]] += 1
        self._since = time.process_time()

    def _received(self, **_: Any) -> None:
        self.seconds += time.process_time() - self._since


@dataclass(slots=True)
class Deployed:
    """One account with the foundation of a stage and the functions that its queues feed.

    handler_seconds  processor time of this process in handlers, by function, without what moto spent on answers
    empty_receives   how often `settle` asked a queue that had nothing
    """

    receiver: Receiver
    sources: Mapping[Queue, Source]
    wire: Any = None
    handler_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    invocations: Counter[str] = field(default_factory=Counter)
    empty_receives: int = 0
    emulator: Stopwatch = field(default_factory=Stopwatch)

    def deliver(self, queue: Queue, batch: int) -> int:
        """Hand one batch to the queue's function; returns how many messages it held."""
        source = self.sources[queue]
        messages = self.receiver.receive(queue, batch, VISIBILITY, timedelta(0))
        self.empty_receives += not messages
        if messages:
            answer = self._invoked(source, sqs_event(source, messages))
            if failed_ids(answer, messages):
                raise RuntimeError(f"{source.name} failed")
            self.receiver.delete(queue, [message.receipt for message in messages])
        return len(messages)

    def _invoked(self, source: Source, event: dict[str, Any]) -> object:
        with self.timed(source.name):
            return source.handler(event, Context(source.name))

    @contextmanager
    def timed(self, function: str) -> Iterator[None]:
        """One invocation of a function, to be accounted for."""
        outside = self.emulator.seconds
        self.emulator.function = function
        before = time.process_time()
        yield
        self.handler_seconds[function] += time.process_time() - before - (self.emulator.seconds - outside)
        self.invocations[function] += 1
        self.emulator.function = ""

    @property
    def requests(self) -> Mapping[tuple[str, str], int]:
        """Requests that functions made, by function and service."""
        return self.emulator.requests

    def clear(self) -> None:
        """Account from nothing."""
        for counter in (self.handler_seconds, self.invocations, self.emulator.requests):
            counter.clear()
        self.empty_receives = 0

    def settle(self, control_batch: int) -> None:
        """Deliver until every queue is empty; control events first, `control_batch` at a time."""
        while self.deliver(Queue.CONTROL, control_batch) or self.deliver(Queue.TASKS, 1):
            pass

    def created(self, name: str, objects: list[dict[str, object]]) -> str:
        """Create a pipeline and put its definition; its id."""
        made: str = self.wire.create_pipeline(name=name, uniqueId=name)["pipelineId"]
        fields = [{"id": item["id"], "name": item["id"], "fields": _fields(item)} for item in objects]
        put = self.wire.put_pipeline_definition(pipelineId=made, pipelineObjects=fields)
        if put["errored"]:
            raise RuntimeError(put["validationErrors"])
        return made

    def state_of(self, pipeline: str) -> str:
        """`@pipelineState`."""
        (described,) = self.wire.describe_pipelines(pipelineIds=[pipeline])["pipelineDescriptionList"]
        found: str = next(item["stringValue"] for item in described["fields"] if item["key"] == "@pipelineState")
        return found


def _fields(item: dict[str, object]) -> list[dict[str, str]]:
    return [
        {"key": key, "refValue": value["ref"]} if isinstance(value, dict) else {"key": key, "stringValue": str(value)}
        for key, value in item.items()
        if key != "id"
    ]


class _Body(io.BytesIO):
    """What botocore reads a response from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _wire(gateway: Gateway, house: Deployed) -> Any:
    client = boto3.client(
        "datapipeline",
        endpoint_url="http://penstock.invalid/datapipeline",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key=ACCOUNT,
        config=Config(retries={"total_max_attempts": 1}),
    )

    def answered(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {name.lower(): _text(value) for name, value in request.headers.items()} | {"host": "penstock.invalid"}
        with house.timed("api_handler"):
            answer = gateway.answer(Incoming("POST", "/datapipeline", (), headers, _bytes(request.body)))
        return AWSResponse(request.url, answer.status, dict(answer.headers), _Body(answer.body))

    client.meta.events.register_first("before-send.data-pipeline", answered)
    return client


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else (body or "").encode()


def create_foundation(stage: str) -> Mapping[str, str]:
    """Create the stack of a stage on moto; its outputs.

    moto says at length which resources it leaves out: alarms and a bucket policy, none of which is measured.
    """
    logging.getLogger("moto").setLevel(logging.ERROR)
    keys = {"region_name": "us-east-1", "aws_access_key_id": "bench", "aws_secret_access_key": "bench"}
    with warnings.catch_warnings(action="ignore", category=UserWarning), redirect_stdout(io.StringIO()):
        return foundation.create(boto3.client("cloudformation", **keys), stage)


@contextmanager
def deployed() -> Iterator[Deployed]:
    """Make the account; nothing of it is left behind. Once a process, because the application keeps its clients."""
    os.environ.update(
        PENSTOCK_CONTROL="aws",
        PENSTOCK_STAGE=STAGE,
        AWS_ACCESS_KEY_ID=ACCOUNT,
        AWS_SECRET_ACCESS_KEY=ACCOUNT,
        AWS_DEFAULT_REGION="us-east-1",
    )
    with mock_aws():
        create_foundation(STAGE)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        from app import app  # noqa: PLC0415  the application reads its settings as it is imported

        house = Deployed(bootstrap.receiver(), {item.queue: item for item in queue_sources(app)})
        house.wire = _wire(Gateway(app), house)
        for service in ("dynamodb", "sqs", "s3", "kms"):
            house.emulator.watch(bootstrap.client(service))
        yield house
