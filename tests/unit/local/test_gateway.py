"""The gateway turns HTTP into what API Gateway sends, and answers by itself what API Gateway does."""

import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from chalice import IAMAuthorizer
from chalice.app import Chalice, Response

from local.gateway.exchange import Answer, Incoming
from local.gateway.front import Gateway
from local.gateway.routes import match_route
from local.gateway.server import HttpServer
from tests.signing import signed

WIRE = {"Content-Type": "application/x-amz-json-1.1"}


def echo_app() -> Chalice:
    app = Chalice("echo")

    @app.route("/wire", methods=["POST"], content_types=["application/x-amz-json-1.1"], authorizer=IAMAuthorizer())
    def wire() -> Response:
        request = app.current_request
        identity = request.context["identity"]
        return Response({"account": identity["accountId"], "body": json.loads(request.raw_body)}, {"X-Echo": "yes"})

    @app.route("/things/{name}")
    def thing(name: str) -> dict[str, Any]:
        return {"name": name, "query": dict(app.current_request.query_params or {})}

    return app


def post(path: str, body: bytes) -> Incoming:
    return signed("POST", path, body, WIRE, key="111122223333")


def shown(answer: Answer) -> Any:
    return json.loads(answer.body)


def test_a_signed_request_reaches_the_application_with_its_account() -> None:
    answer = Gateway(echo_app()).answer(post("/wire", b'{"a": 1}'))
    assert (answer.status, shown(answer)) == (200, {"account": "111122223333", "body": {"a": 1}})
    assert ("X-Echo", "yes") in answer.headers


def test_an_unsigned_request_to_a_signed_route_is_refused_by_the_gateway() -> None:
    answer = Gateway(echo_app()).answer(Incoming("POST", "/wire", (), {}, b"{}"))
    assert (answer.status, shown(answer)["error"]["code"]) == (403, "MissingCredentials")
    assert ("x-amzn-ErrorType", "MissingAuthenticationTokenException") in answer.headers


def test_a_request_that_was_changed_under_way_is_refused_by_the_gateway() -> None:
    answer = Gateway(echo_app()).answer(replace(post("/wire", b"{}"), body=b'{"a": 1}'))
    assert answer.status == 403
    assert ("x-amzn-ErrorType", "InvalidSignatureException") in answer.headers


def test_a_route_without_an_authorizer_does_not_look_at_signatures() -> None:
    bad = {"authorization": "AWS4-HMAC-SHA256 Credential=me"}
    assert Gateway(echo_app()).answer(Incoming("GET", "/things/a", (), bad, b"")).status == 200


@pytest.mark.parametrize("path", ["/", "/nowhere", "/wire/more"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    assert Gateway(echo_app()).answer(post(path, b"{}")).status == 404


def test_a_body_above_ten_megabytes_is_refused() -> None:
    assert Gateway(echo_app()).answer(post("/wire", b" " * (10 * 1024 * 1024 + 1))).status == 413


def test_path_parameters_are_passed_on_as_sent_and_the_query_decoded() -> None:
    asked = Incoming("GET", "/things/a/%41 b", (("q", "1"), ("q", "2")), {}, b"", "/things/a%2F%2541%20b?q=1&q=2")
    assert shown(Gateway(echo_app()).answer(asked)) == {"name": "a%2F%2541%20b", "query": {"q": "2"}}


def test_literal_segments_win_over_parameters() -> None:
    route = match_route(("/v1/{name}", "/v1/health"), "/v1/health")
    assert route is not None
    assert route.resource == "/v1/health"


@pytest.fixture
def slow_server() -> Iterator[tuple[str, threading.Event]]:
    app, release = Chalice("slow"), threading.Event()

    @app.route("/poll")
    def poll() -> dict[str, bool]:
        return {"released": release.wait(10)}

    @app.route("/quick")
    def quick() -> dict[str, bool]:
        return {"ok": True}

    server = HttpServer(0)
    server.serve(Gateway(app))
    yield server.url, release
    release.set()
    server.shutdown()
    server.server_close()


def test_a_long_poll_holds_up_nobody(slow_server: tuple[str, threading.Event]) -> None:
    url, release = slow_server
    poll = threading.Thread(target=lambda: urllib.request.urlopen(f"{url}/poll", timeout=20).read())
    poll.start()
    assert json.loads(urllib.request.urlopen(f"{url}/quick", timeout=5).read()) == {"ok": True}
    release.set()
    poll.join(5)
    assert not poll.is_alive()


def raw(address: str, request: bytes) -> bytes:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def echo_server() -> Iterator[str]:
    server = HttpServer(0)
    server.serve(Gateway(echo_app()))
    yield server.url
    server.shutdown()
    server.server_close()


def test_a_body_that_comes_in_chunks_is_put_together(echo_server: str) -> None:
    head = b"POST /things/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    second = b"GET /things/b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    found = raw(echo_server, head + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n" + second)
    assert [found.count(b"HTTP/1.1 " + status) for status in (b"405", b"200")] == [1, 1]


@pytest.mark.parametrize("header", [b"Content-Length: many", b"Content-Length: -1"])
def test_a_body_of_no_known_length_is_refused(echo_server: str, header: bytes) -> None:
    found = raw(echo_server, b"POST /things/a HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 400")


def test_a_method_that_hardly_anybody_uses_is_answered_too(echo_server: str) -> None:
    found = raw(echo_server, b"TRACE /things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 405")


def test_a_body_that_is_announced_as_too_large_is_refused_before_it_came(echo_server: str) -> None:
    host, _, port = echo_server.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"GET /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nbegin")
        found = b"".join(iter(lambda: connection.recv(65536), b""))
    assert found.startswith(b"HTTP/1.1 413")


def test_who_sends_a_large_body_nevertheless_reads_why_it_was_refused(echo_server: str) -> None:
    head = b"GET /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 12000000\r\n\r\n"
    assert raw(echo_server, head + b"x" * 12_000_000).startswith(b"HTTP/1.1 413")
    chunk = b"b71b00\r\n" + b"x" * 12_000_000 + b"\r\n0\r\n\r\n"
    head = b"GET /things/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert raw(echo_server, head + chunk).startswith(b"HTTP/1.1 413")
