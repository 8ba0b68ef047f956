"""A running system's gateway does what infra/stages/dev.toml says of it."""

import gzip
import json
import urllib.error
import urllib.request
from email.message import Message

from deploy.stage import load
from tests.e2e.plane import REPOSITORY, Plane

ORIGIN = "http://localhost:3000"


def asked(plane: Plane, method: str, path: str, **headers: str) -> tuple[int, Message, bytes]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(plane.endpoints["api"] + path, method=method, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_pages_of_the_stages_origins_and_no_others_are_let_in(plane: Plane) -> None:
    assert load(REPOSITORY / "infra" / "stages" / "dev.toml").cors
    status, headers, _ = asked(plane, "OPTIONS", "/v1/pipelines", origin=ORIGIN)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert asked(plane, "GET", "/v1/health", origin=ORIGIN)[1]["Access-Control-Allow-Origin"] == ORIGIN
    assert asked(plane, "GET", "/v1/health", origin="https://evil.example")[1]["Access-Control-Allow-Origin"] is None


def test_a_large_answer_comes_packed_to_those_who_like_it(plane: Plane) -> None:
    _, headers, packed = asked(plane, "GET", "/v1/openapi.json", accept_encoding="gzip")
    _, _, plain = asked(plane, "GET", "/v1/openapi.json")
    assert headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed)) == json.loads(plain)
    assert len(packed) < len(plain) / 4


def test_what_is_refused_has_the_apis_shape_and_a_line_in_the_log(plane: Plane) -> None:
    answers = [
        asked(plane, "GET", "/v1/nowhere"),
        asked(plane, "PATCH", "/v1/pipelines"),
        asked(plane, "GET", "/v1/pipelines"),
        asked(plane, "GET", "/iam/v1/pipelines"),
        asked(plane, "POST", "/v1/ingest/df-1"),
    ]
    assert [status for status, _, _ in answers] == [404, 405, 401, 403, 403]
    errors = [json.loads(body)["error"] for _, _, body in answers]
    assert all({"code", "message", "requestId"} <= error.keys() for error in errors)
    lines = [json.loads(line) for line in (plane.home / "logs" / "access.log").read_text().splitlines()]
    statuses = {line["requestId"]: line["status"] for line in lines}
    assert [statuses[error["requestId"]] for error in errors] == ["404", "405", "401", "403", "403"]
