"""One trace from a request through the queues to the work that was done because of it."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from chalice.app import Chalice, SQSEvent
from moto import mock_aws

from chalicelib.adapters.xray import XRayDaemon
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.events import Activated
from chalicelib.edge.batch import Failures, each_pipeline, each_record
from chalicelib.edge.invocation import invoked
from chalicelib.ports import trail
from chalicelib.ports.queues import Queue
from chalicelib.service.advance import Engine
from chalicelib.service.control import publish
from local.invoke import Context
from local.pump import Source, sqs_event
from tests.log_reading import listening
from tests.unit.service.test_chronicle import PIPELINE, copies
from tests.unit.service.world import World, made_world

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
GATEWAY = "53995c3f42cd8ad8"


class Daemon:
    """What listens where Lambda has X-Ray's daemon."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def heard(self) -> list[str]:
        """Documents that came so far."""
        self.socket.setblocking(False)
        found: list[str] = []
        while True:
            try:
                head, _, document = self.socket.recv(65536).decode().partition("\n")
            except BlockingIOError:
                return found
            assert json.loads(head) == {"format": "json", "version": 1}
            found.append(document)


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    made = Daemon()
    yield made
    made.socket.close()


class Plant:
    """An application of one route and two queues' functions, traced or not."""

    def __init__(self, sampled: int, address: str) -> None:
        self.world: World = made_world()
        self.world.ports.store.put_definition(PIPELINE, 1, from_file({"objects": copies("A")}))
        self.worked: list[str] = []
        tracer, header = XRayDaemon(address), f"Root={ROOT};Parent={GATEWAY};Sampled={sampled}"
        app = Chalice("penstock-test", configure_logs=False)

        def watch(event: Any, run: Any) -> Any:
            return invoked(event, run, "" if isinstance(event, SQSEvent) else header, "", tracer)

        app.register_middleware(watch, "all")
        app.route("/activate", methods=["POST"])(self._activate)
        self.app = app

        @app.on_sqs_message(queue="control")
        def control(event: SQSEvent) -> Failures:
            return each_pipeline(event.to_dict(), Engine(self.world.ports).process)

        @app.on_sqs_message(queue="tasks")
        def tasks(event: SQSEvent) -> Failures:
            return each_record(event.to_dict(), lambda _body, _count: self.worked.append(trail.current().trace))

        self.functions = {Queue.CONTROL: control, Queue.TASKS: tasks}

    def _activate(self) -> dict[str, str]:
        publish(self.world.queues, PIPELINE, [("a", Activated("a", self.world.clock.now(), 1))])
        trail.note({"pipeline": PIPELINE})
        return {}

    def request(self) -> None:
        """What the gateway asks."""
        context = {"httpMethod": "POST", "resourcePath": "/activate", "path": "/activate", "requestId": "r-1"}
        event = {"headers": {}, "path": "/activate", "requestContext": context, "body": None}
        empty = {"multiValueQueryStringParameters": None, "pathParameters": None, "stageVariables": None}
        self.app({**event, **empty}, Context("api_handler"))

    def pump(self, queue: Queue) -> None:
        """What Lambda does with what lies in the queue."""
        messages = self.world.queues.receive(queue, 10, timedelta(minutes=6), timedelta(0))
        source = Source(queue, queue.value, self.functions[queue], 10, 1)
        assert messages
        assert self.functions[queue](sqs_event(source, messages), Context(queue.value)) == {"batchItemFailures": []}


def through(plant: Plant) -> None:
    plant.request()
    plant.pump(Queue.CONTROL)
    plant.pump(Queue.TASKS)


def test_one_trace_leads_from_the_request_over_the_control_queue_to_the_work(daemon: Daemon) -> None:
    plant = Plant(1, daemon.address)
    with listening() as heard:
        through(plant)
    api, control, tasks = (json.loads(document) for document in daemon.heard())
    assert [part["name"] for part in (api, control, tasks)] == [
        "penstock-api_handler",
        "penstock-control",
        "penstock-tasks",
    ]
    assert {part["trace_id"] for part in (api, control, tasks)} == {ROOT}
    assert [part["parent_id"] for part in (api, control, tasks)] == [GATEWAY, api["id"], control["id"]]
    assert (api["type"], "type" in control, "type" in tasks) == ("subsegment", False, False)
    assert all(part["end_time"] >= part["start_time"] for part in (api, control, tasks))
    assert {part["annotations"]["correlation"] for part in (api, control, tasks)} == {"r-1"}
    assert (api["annotations"]["pipeline"], control["annotations"]["pipeline"]) == (PIPELINE, PIPELINE)
    assert plant.worked == [f"Root={ROOT};Parent={tasks['id']};Sampled=1"]
    assert {line["trace"] for line in (*heard.of("api.answered"), *heard.of("pipeline.advanced"))} == {ROOT}


def test_x_ray_puts_the_segments_together(daemon: Daemon) -> None:
    through(Plant(1, daemon.address))
    with mock_aws():
        xray = boto3.client("xray", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        assert xray.put_trace_segments(TraceSegmentDocuments=daemon.heard())["UnprocessedTraceSegments"] == []
        (found,) = xray.batch_get_traces(TraceIds=[ROOT])["Traces"]
    assert len(found["Segments"]) == 3


def test_what_is_not_sampled_tells_nothing(daemon: Daemon) -> None:
    plant = Plant(0, daemon.address)
    through(plant)
    assert daemon.heard() == []
    assert plant.worked == [f"Root={ROOT};Parent={GATEWAY};Sampled=0"]


def test_a_record_whose_work_failed_is_a_fault_of_the_trace(daemon: Daemon) -> None:
    header = f"Root={ROOT};Parent={GATEWAY};Sampled=1"
    record = {"messageId": "m", "body": "x", "attributes": {"ApproximateReceiveCount": "1", "AWSTraceHeader": header}}

    def fail(_body: str, _count: int) -> None:
        raise ValueError("hunter2")

    with trail.along({"function": "tasks"}, tracer=XRayDaemon(daemon.address)):
        each_record({"Records": [record]}, fail)
    (document,) = daemon.heard()
    assert json.loads(document)["fault"] is True
    assert "hunter2" not in document
