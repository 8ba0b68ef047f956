"""The embedded gateway enforces the stage's settings. The clock stands still unless a test moves it."""

import gzip
import json
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalice.app import Chalice, CognitoUserPoolAuthorizer, Response

from deploy.methods import Auth, Method
from deploy.stage import parse
from local.gateway.authorize import Admission, Guard
from local.gateway.exchange import Answer, Incoming
from local.gateway.front import Gateway
from local.gateway.rules import rules_of

BODY = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
METHODS = (
    Method("getThing", "GET", "/v1/things/{name}", Auth.TOKEN, query={"version": False}),
    Method("listThings", "GET", "/v1/things", Auth.ANYONE, query={"from": True}),
    Method("createThing", "POST", "/v1/things", Auth.ANYONE, query={}, body=BODY),
    Method("ingest", "POST", "/v1/ingest/{pipeline}", Auth.ANYONE, key_required=True),
    Method("large", "POST", "/v1/large", Auth.ANYONE),
)


class Anyone(Guard):
    """Lets everybody in: who they are is not what is tested here."""

    def admitted(self, route: Any, request: Incoming) -> Admission:
        return Admission()


def things() -> Chalice:
    app, calls = Chalice("things"), iter(range(1_000_000))
    people = CognitoUserPoolAuthorizer("people", provider_arns=["arn:aws:cognito-idp:us-east-1:1:userpool/x"])

    @app.route("/v1/things/{name}", authorizer=people)
    def thing(name: str) -> dict[str, Any]:
        return {"name": name, "call": next(calls)}

    @app.route("/v1/things")
    def listed() -> dict[str, Any]:
        return {"items": ["x" * 2000]}

    @app.route("/v1/things", methods=["POST"], content_types=["*/*"])
    def created() -> Response:
        body = app.current_request.raw_body
        return Response(body if isinstance(body, str) else body.decode(), {"Content-Type": "application/json"}, 201)

    @app.route("/v1/ingest/{pipeline}", methods=["POST"], content_types=["*/*"], api_key_required=True)
    def ingest(pipeline: str) -> dict[str, str]:
        return {"pipeline": pipeline}

    @app.route("/v1/large", methods=["POST"], content_types=["*/*"])
    def large() -> Response:
        return Response("x" * int(app.current_request.raw_body), {"Content-Type": "text/plain"})

    return app


@dataclass
class Place:
    """A gateway with a clock that tests move."""

    text: str = ""
    app: Chalice = field(default_factory=things)
    at: datetime = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    lines: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 29

    def __post_init__(self) -> None:
        stage = parse(self.text, "test")
        rules = rules_of(self.app, stage, METHODS, lambda: self.at, lambda line: self.lines.append(json.loads(line)))
        self.gateway = Gateway(self.app, Anyone(), rules, self.seconds)

    def call(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        path, _, query = target.partition("?")
        pairs = tuple((name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part))
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.gateway.answer(Incoming(method, path, pairs, sent, body))

    def ingest(self, key: str) -> Answer:
        return self.call("POST", "/v1/ingest/df-1", x_api_key=key)

    def later(self, **passed: float) -> None:
        self.at += timedelta(**passed)


def code(answer: Answer) -> str:
    found: str = json.loads(answer.body)["error"]["code"]
    return found


def header(answer: Answer, name: str) -> str | None:
    return {key.lower(): value for key, value in answer.headers}.get(name.lower())


def test_a_method_takes_its_burst_at_once_and_then_its_rate() -> None:
    place = Place("[throttle]\nrate = 2\nburst = 3")
    assert [place.call("GET", "/v1/things?from=a").status for _ in range(4)] == [200, 200, 200, 429]
    place.later(seconds=0.5)
    assert [place.call("GET", "/v1/things?from=a").status for _ in range(2)] == [200, 429]
    place.later(hours=1)
    assert [place.call("GET", "/v1/things?from=a").status for _ in range(4)] == [200, 200, 200, 429]


def test_a_throttled_request_is_told_in_the_apis_error_shape_and_not_when_to_retry() -> None:
    place = Place("[throttle]\nrate = 1\nburst = 1")
    place.call("GET", "/v1/things?from=a")
    answer = place.call("GET", "/v1/things?from=a")
    assert (answer.status, code(answer)) == (429, "TooManyRequests")
    assert header(answer, "Retry-After") is None
    assert header(answer, "x-amzn-ErrorType") == "TooManyRequestsException"
    assert json.loads(answer.body)["error"]["requestId"] == header(answer, "x-amzn-RequestId")


def test_each_method_has_a_bucket_of_its_own_and_an_operation_may_have_its_own_rate() -> None:
    place = Place("[throttle]\nrate = 1\nburst = 1\noperations = { createThing = { rate = 1, burst = 2 } }")
    assert [place.call("GET", "/v1/things?from=a").status for _ in range(2)] == [200, 429]
    assert [place.call("POST", "/v1/things", b'{"name": "a"}').status for _ in range(3)] == [201, 201, 429]


PLANS = """
[usage_plans.some]
rate = 1
burst = 2
quota = 3
keys = ["one", "two"]
"""


def test_a_key_is_asked_for_and_must_be_one_of_the_plans() -> None:
    place = Place(PLANS)
    assert [code(place.ingest(key)) for key in ("", "penstock-three")] == ["InvalidApiKey", "InvalidApiKey"]
    assert place.ingest("penstock-one").status == 200


def test_keys_of_a_plan_have_rates_of_their_own() -> None:
    place = Place(PLANS)
    assert [place.ingest("penstock-one").status for _ in range(3)] == [200, 200, 429]
    assert place.ingest("penstock-two").status == 200


def test_a_quota_counts_over_its_period_and_leaves_out_what_was_throttled() -> None:
    place = Place(PLANS)
    statuses = []
    for _ in range(4):
        statuses.append([place.ingest("penstock-one").status for _ in range(2)])
        place.later(seconds=1)
    assert statuses == [[200, 200], [200, 429], [429, 429], [429, 429]]
    place.later(seconds=10)
    assert code(place.ingest("penstock-one")) == "QuotaExceeded"
    place.later(hours=16)
    assert place.ingest("penstock-one").status == 200


@pytest.mark.parametrize(("period", "days"), [("DAY", 1), ("WEEK", 1), ("MONTH", 10)])
def test_periods_begin_at_midnight_on_sundays_and_on_the_first(period: str, days: int) -> None:
    # the clock begins on Saturday, 21 November
    place = Place(f"[usage_plans.a]\nrate = 9\nburst = 9\nquota = 1\nperiod = '{period}'\nkeys = ['one']")
    assert [place.ingest("penstock-one").status for _ in range(2)] == [200, 429]
    place.at = place.at.replace(hour=23, minute=59) + timedelta(days=days - 1)
    assert place.ingest("penstock-one").status == 429
    place.later(minutes=1)
    assert place.ingest("penstock-one").status == 200


CACHE = "[cache]\n{}\n[cache.operations]\ngetThing = 60"


def test_an_answer_is_kept_for_its_time() -> None:
    place = Place(CACHE.format(""))
    first = place.call("GET", "/v1/things/a", authorization="me")
    place.later(seconds=59)
    assert place.call("GET", "/v1/things/a", authorization="me").body == first.body
    place.later(seconds=1)
    assert place.call("GET", "/v1/things/a", authorization="me").body != first.body


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/v1/things/a", {"authorization": "you"}),
        ("/v1/things/b", {"authorization": "me"}),
        ("/v1/things/a?version=2", {"authorization": "me"}),
        ("/v1/things/a", {"authorization": "me", "if_none_match": '"1"'}),
        ("/v1/things/a", {"authorization": "me", "origin": "https://a.example.org"}),
    ],
)
def test_nobody_gets_an_answer_that_was_kept_for_another_caller_path_query_or_header(
    target: str, headers: dict[str, str]
) -> None:
    place = Place(CACHE.format(""))
    first = place.call("GET", "/v1/things/a", authorization="me")
    assert place.call("GET", target, **headers).body != first.body


def test_a_query_parameter_that_nobody_declared_does_not_tell_answers_apart() -> None:
    place = Place(CACHE.format(""))
    first = place.call("GET", "/v1/things/a", authorization="me")
    assert place.call("GET", "/v1/things/a?x=1", authorization="me").body == first.body


@pytest.mark.parametrize(
    ("setting", "status", "fresh", "warned"),
    [
        ("fresh_needs_permission = false", 200, True, False),
        ("unauthorised = 'FAIL_WITH_403'", 403, False, False),
        ("unauthorised = 'SUCCEED_WITH_RESPONSE_HEADER'", 200, False, True),
        ("unauthorised = 'SUCCEED_WITHOUT_RESPONSE_HEADER'", 200, False, False),
    ],
)
def test_a_fresh_answer_is_given_to_those_who_may_have_one(
    setting: str, status: int, fresh: bool, warned: bool
) -> None:
    place = Place(CACHE.format(setting))
    first = place.call("GET", "/v1/things/a", authorization="me")
    second = place.call("GET", "/v1/things/a", authorization="me", cache_control="max-age=0")
    third = place.call("GET", "/v1/things/a", authorization="me")
    assert second.status == status
    assert (third.body != first.body) is fresh
    assert (header(second, "Warning") is not None) is warned


CORS = "[cors]\norigins = ['https://a.example.org', 'https://b.example.org']\nmax_age_seconds = 60"


def test_a_preflight_is_answered_for_the_origins_of_the_stage() -> None:
    place = Place(CORS)
    answer = place.call("OPTIONS", "/v1/things", origin="https://b.example.org")
    assert (answer.status, header(answer, "Access-Control-Allow-Origin")) == (200, "https://b.example.org")
    assert header(answer, "Access-Control-Allow-Methods") == "GET,POST,OPTIONS"
    assert "If-Match" in (header(answer, "Access-Control-Allow-Headers") or "")
    assert (
        header(place.call("OPTIONS", "/v1/things", origin="https://evil.example"), "Access-Control-Allow-Origin")
        is None
    )


def test_without_cors_there_is_no_preflight() -> None:
    answer = Place().call("OPTIONS", "/v1/things", origin="https://a.example.org")
    assert (answer.status, header(answer, "Allow")) == (405, "GET, POST")


def test_pages_can_read_what_the_gateway_itself_refuses() -> None:
    refused = Place(CORS).ingest("nobody's")
    assert header(refused, "Access-Control-Allow-Origin") == "*"


def test_a_method_that_a_path_has_not_is_answered_with_those_it_has() -> None:
    answer = Place().call("DELETE", "/v1/things")
    assert (answer.status, header(answer, "Allow"), code(answer)) == (405, "GET, POST", "MethodNotAllowed")


@pytest.mark.parametrize(("coding", "unpack"), [("gzip", gzip.decompress), ("deflate", zlib.decompress)])
def test_a_large_answer_is_packed_as_the_caller_likes(coding: str, unpack: Any) -> None:
    place = Place("minimum_compression_bytes = 1000")
    plain = place.call("GET", "/v1/things?from=a")
    packed = place.call("GET", "/v1/things?from=a", accept_encoding=f"br;q=0.1, {coding}")
    assert (header(plain, "Content-Encoding"), header(packed, "Content-Encoding")) == (None, coding)
    assert unpack(packed.body) == plain.body


@pytest.mark.parametrize("accepted", ["", "*", "br", "br, gzip;q=0.5", "gzip;q=0", "identity, gzip;q=0.9"])
def test_an_answer_stays_as_it_is_when_the_caller_likes_nothing_better(accepted: str) -> None:
    answer = Place("minimum_compression_bytes = 0").call("GET", "/v1/things?from=a", accept_encoding=accepted)
    assert header(answer, "Content-Encoding") is None


def test_a_small_answer_stays_as_it_is() -> None:
    place = Place("minimum_compression_bytes = 1000")
    assert (
        header(place.call("POST", "/v1/things", b'{"name": "a"}', accept_encoding="gzip"), "Content-Encoding") is None
    )


def test_a_packed_body_is_unpacked_for_the_application() -> None:
    answer = Place().call("POST", "/v1/things", gzip.compress(b'{"name": "a"}'), content_encoding="gzip")
    assert (answer.status, json.loads(answer.body)) == (201, {"name": "a"})


@pytest.mark.parametrize(
    ("coding", "body"), [("br", b"x"), ("gzip", b"not gzip"), ("gzip", gzip.compress(b"x" * 99, mtime=0)[:-12])]
)
def test_a_body_that_is_not_what_its_encoding_says_is_refused(coding: str, body: bytes) -> None:
    answer = Place().call("POST", "/v1/things", body, content_encoding=coding)
    assert (answer.status, code(answer)) == (415, "UnsupportedMediaType")


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused() -> None:
    answer = Place().call("POST", "/v1/things", gzip.compress(b" " * (11 * 1024 * 1024)), content_encoding="gzip")
    assert (answer.status, code(answer)) == (413, "TooLarge")


def test_a_body_larger_than_a_functions_payload_is_refused() -> None:
    assert Place().call("POST", "/v1/things", b'"' + b"x" * (6 * 1024 * 1024) + b'"').status == 413


def test_an_answer_larger_than_a_functions_payload_is_no_answer() -> None:
    answer = Place().call("POST", "/v1/large", str(6 * 1024 * 1024 + 1).encode())
    assert (answer.status, code(answer)) == (502, "Unavailable")


@pytest.mark.parametrize("query", ["", "?from=", "?from=%20".replace("%20", " ")])
def test_a_required_parameter_must_be_there_and_say_something(query: str) -> None:
    answer = Place().call("GET", f"/v1/things{query}")
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (
        400,
        "Missing required request parameters: [from]",
    )


@pytest.mark.parametrize(
    ("validation", "body", "content_type", "status"),
    [
        ("all", b'{"name": 1}', "application/json", 400),
        ("all", b"{", "application/json", 400),
        ("all", b"", "application/json", 400),
        ("all", b'{"name": 1}', "text/plain", 201),
        ("all", b'{"name": "a"}', "application/json; charset=utf-8", 201),
        ("parameters", b'{"name": 1}', "application/json", 201),
        ("none", b'{"name": 1}', "application/json", 201),
    ],
)
def test_bodies_are_compared_with_their_model_where_the_stage_says_so(
    validation: str, body: bytes, content_type: str, status: int
) -> None:
    answer = Place(f"validation = '{validation}'").call("POST", "/v1/things", body, content_type=content_type)
    assert answer.status == status
    assert status == 201 or code(answer) == "InvalidRequest"


def test_without_validation_the_application_is_asked_even_without_a_required_parameter() -> None:
    assert Place("validation = 'none'").call("GET", "/v1/things").status == 200


@pytest.fixture
def never() -> Iterator[tuple[Chalice, threading.Event]]:
    app, release = Chalice("never"), threading.Event()

    @app.route("/v1/things")
    def listed() -> dict[str, str]:
        release.wait(60)
        return {}

    yield app, release
    release.set()


def test_a_function_that_takes_too_long_is_given_up(never: tuple[Chalice, threading.Event]) -> None:
    answer = Place(app=never[0], seconds=0.05).call("GET", "/v1/things?from=a")
    assert (answer.status, code(answer)) == (504, "Timeout")


def test_each_request_has_a_line_in_the_access_log() -> None:
    place = Place("[throttle]\nrate = 1\nburst = 1")
    place.call("GET", "/v1/things/a?version=secret", authorization="secret", user_agent="me")
    place.call("GET", "/v1/things/a")
    place.call("GET", "/nowhere")
    assert [(line["resource"], line["status"], line["refusal"]) for line in place.lines] == [
        ("/v1/things/{name}", "200", "-"),
        ("/v1/things/{name}", "429", "THROTTLED"),
        ("/{unknown+}", "404", "-"),
    ]
    assert place.lines[0]["agent"] == "me"
    assert "secret" not in json.dumps(place.lines)


def test_a_stage_without_an_access_log_writes_none() -> None:
    place = Place("[logs]\naccess = false")
    place.call("GET", "/v1/things/a")
    assert place.lines == []
