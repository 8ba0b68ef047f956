"""The embedded AWS: moto's server on loopback, with Data Pipeline answered by our own API, the
Redshift Data API by PostgreSQL, DynamoDB's exports carried out, models, video, and MQTT.

A program that has only AWS_ENDPOINT_URL so reaches everything. Run as `python -m local.aws_server PORT WIRE_URL HOME`;
prints the port in use and ends when its standard input closes.
"""

import http.client
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.datastructures import EnvironHeaders
from werkzeug.serving import make_server

from local.clusters import StepRunner, cancel_request
from local.deployment.api_documents import with_api_documents
from local.environment import BROKER_PORT, OBJECT_EVENTS, program_environment
from local.iot.api import with_iot
from local.iot.publisher import Publisher
from local.keys.issued import with_keys
from local.leash import end_with_parent
from local.measures import with_measures
from local.models.mount import with_models
from local.object_events import Courier, announce_objects
from local.patient_queues import make_queues_wait
from local.redshift.api import with_redshift_data
from local.redshift.start import redshift_on_demand
from local.state_changes import Tell, nobody
from local.tables.api import TableExports, with_table_exports
from local.turns import one_at_a_time
from local.video.api import VideoApi, with_video
from local.video.notices import Notices

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

LONG_POLL_SECONDS = 120
NOT_PASSED_ON = ("connection", "accept-encoding", "transfer-encoding")
PASSED_BACK = ("content-type", "x-amzn-requestid", "x-amzn-errortype", "retry-after")


def with_data_pipeline(inner: Application, wire: str) -> Application:
    """`inner`, except that Data Pipeline's operations are answered by the API at `wire`.

    They go there as they came, with their path and Host, which their signatures cover.
    """

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not str(environ.get("HTTP_X_AMZ_TARGET", "")).startswith("DataPipeline"):
            return inner(environ, start_response)
        return _forward(environ, start_response, wire)

    return application


def with_cancellation(inner: Application, runner: StepRunner) -> Application:
    """`inner`, except that steps of clusters can be cancelled, which moto cannot do."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_X_AMZ_TARGET") != "ElasticMapReduce.CancelSteps":
            return inner(environ, start_response)
        content = cancel_request(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)), runner)
        length = ("Content-Length", str(len(content)))
        start_response("200 OK", [("Content-Type", "application/x-amz-json-1.1"), length])
        return [content]

    return application


def _forward(environ: Environ, start_response: StartResponse, wire: str) -> Iterable[bytes]:
    address = urlsplit(wire)
    connection = http.client.HTTPConnection(address.netloc, timeout=LONG_POLL_SECONDS)
    headers = {name: value for name, value in EnvironHeaders(environ).items() if name.lower() not in NOT_PASSED_ON}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    connection.request(environ["REQUEST_METHOD"], environ["RAW_URI"], body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    kept = [(name, value) for name, value in answer.getheaders() if name.lower() in PASSED_BACK]
    start_response(f"{answer.status} {answer.reason}", [*kept, ("Content-Length", str(len(content)))])
    return [content]


def _clients(addresses: Sequence[str]) -> Callable[[str], Any]:
    """Clients of the server at the first of `addresses`."""
    return cache(lambda name: boto3.client(name, endpoint_url=addresses[0]))


def _teller(url: str | None) -> Tell:
    """What tells `url`, if there is one, as EventBridge would."""
    if url is None:
        return nobody
    courier = Courier(url)
    courier.start()
    return courier.tell


def main(port: int, wire: str, directory: Path) -> None:
    """Serve until the parent ends."""
    make_queues_wait()
    tell = _teller(os.environ.get(OBJECT_EVENTS))
    runner = StepRunner(directory, tell)
    addresses: list[str] = []  # of this very server, once it has one
    clients = _clients(addresses)
    inner = with_cancellation(with_api_documents(DomainDispatcherApplication(create_backend_app)), runner)
    answering = one_at_a_time(with_table_exports(inner, TableExports(clients)))
    application = with_data_pipeline(answering, wire)
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)
    addresses.append(f"http://127.0.0.1:{server.server_port}")
    environment = program_environment(addresses[0], wire)
    application = with_redshift_data(application, redshift_on_demand(clients, tell))
    application = with_models(application, clients, environment, directory, tell)
    video = VideoApi(addresses[0], directory.parent / "video", Notices(clients).kept)
    application = with_video(application, video)
    application = with_keys(application)
    application = with_measures(application, directory.parent / "logs" / "app.log")
    server.app = with_iot(application, Publisher(int(os.environ.get(BROKER_PORT, "0"))))
    end_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that what was started ends, too
    announce_objects(tell)
    runner.start(environment)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
