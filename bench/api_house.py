"""The REST API on SQLite in a file, called as Lambda calls it, and over HTTP through the local gateway."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from chalice.app import Chalice

from bench.engine import Nowhere
from chalicelib.adapters.aws.clock import RandomIds, SystemClock
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.codec import decode_event
from chalicelib.domain.values import PipelineId
from chalicelib.edge import authorizers, rest
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Queue
from chalicelib.service.advance import Engine
from local.gateway.authorize import Admission
from local.gateway.exchange import Incoming
from local.gateway.front import Gateway
from local.gateway.proxy import proxy_event
from local.gateway.routes import match_route
from local.gateway.server import HttpServer

ACCOUNT = "123456789012"
"""Also the key of whoever calls: a key of twelve digits is its own secret."""
POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_bench"
PREFIX = "/iam/v1"
IDENTITY = {"accountId": ACCOUNT, "userArn": f"arn:aws:iam::{ACCOUNT}:user/bench"}


def signed(method: str, url: str, body: bytes) -> dict[str, str]:
    """Headers of a request that API Gateway lets in, names in lower case."""
    headers = {"content-type": "application/json"} if body else {}
    request = AWSRequest(method, url, headers, body)
    SigV4Auth(Credentials(ACCOUNT, ACCOUNT), "execute-api", "us-east-1").add_auth(request)
    return {name.lower(): str(value) for name, value in request.headers.items()} | {"host": urlsplit(url).netloc}


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, ready to go."""

    method: str
    path: str
    body: bytes

    @classmethod
    def of(cls, method: str, path: str, body: object) -> "Sent":
        """With its body as JSON."""
        return cls(method, PREFIX + path, b"" if body is None else json.dumps(body).encode())


class ApiHouse:
    """The API with a store of its own."""

    def __init__(self, path: Path) -> None:
        clock, database, nowhere = SystemClock(), open_database(str(path)), Nowhere()
        self._queues = SqliteQueues(database, clock)
        self.ports = Ports(
            store=SqliteStore(database, clock),
            sender=self._queues,
            clock=clock,
            ids=RandomIds(),
            sealer=KeySealer(b"b" * 32),
            notifier=nowhere,
            compute=nowhere,
            limits=Limits(),
        )
        self._engine = Engine(self.ports)
        self._app = Chalice("bench", configure_logs=False)
        rest.register(self._app, lambda: self.ports, authorizers.tokens(POOL), authorizers.signed())
        self.gateway = Gateway(self._app)

    def in_process(self, sent: Sent) -> tuple[float, dict[str, Any]]:
        """Seconds of the application's handler for the event that API Gateway makes of it, and the answer's body."""
        address = urlsplit(sent.path)
        headers = {"content-type": "application/json"}
        incoming = Incoming(sent.method, address.path, tuple(parse_qsl(address.query)), headers, sent.body)
        route = match_route(tuple(self._app.routes), address.path)
        if route is None:
            raise RuntimeError(sent.path)
        event = proxy_event(incoming, route, Admission(IDENTITY), binary=False, request_id="bench")
        before = time.perf_counter()
        answer = self._app(event, None)
        seconds = time.perf_counter() - before
        return seconds, _checked(sent, int(answer["statusCode"]), answer["body"])

    def settle(self) -> None:
        """Let the engine do what it was told."""
        while batch := self._queues.receive(Queue.CONTROL, 1, timedelta(minutes=1), timedelta(0)):
            self._engine.process(PipelineId(batch[0].group or ""), [decode_event(item.body) for item in batch])
            self._queues.delete(Queue.CONTROL, [item.receipt for item in batch])

    @contextmanager
    def served(self) -> Iterator["Line"]:
        """The same application behind the local gateway, and one connection to it."""
        server = HttpServer(0)
        server.serve(self.gateway)
        line = Line(server.url)
        try:
            yield line
        finally:
            line.close()
            server.shutdown()
            server.server_close()


class Line:
    """One connection that is kept alive."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def call(self, sent: Sent) -> tuple[float, dict[str, Any]]:
        """Seconds from sending a signed request to the last byte of its answer, and the answer's body."""
        headers = signed(sent.method, self._url + sent.path, sent.body)
        before = time.perf_counter()
        self._connection.request(sent.method, sent.path, sent.body or None, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        seconds = time.perf_counter() - before
        return seconds, _checked(sent, answer.status, text)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _checked(sent: Sent, status: int, text: str) -> dict[str, Any]:
    if status >= 300:
        raise RuntimeError(f"{sent.method} {sent.path}: {status} {text[:500]}")
    found: dict[str, Any] = json.loads(text) if text else {}
    return found
