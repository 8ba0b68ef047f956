"""Pages of the stage's origins may read the REST API's answers, and no others."""

from chalice.app import Chalice, Response
from chalice.test import Client

from chalicelib.edge import cors

HOME = "https://a.example.org"


def asked(origins: list[str], origin: str, path: str = "/v1/things") -> dict[str, str]:
    app = Chalice("pages")
    app.register_middleware(cors.allowing(origins), "http")

    @app.route("/v1/things")
    def things() -> Response:
        return Response({})

    @app.route("/iam/v1/things")
    def signed_things() -> Response:
        return Response({})

    with Client(app) as client:
        found: dict[str, str] = client.http.get(path, headers={"Origin": origin}).headers
    return found


def test_an_origin_of_the_stage_is_named_in_the_answer() -> None:
    found = asked([HOME, "https://b.example.org"], HOME)
    assert found["Access-Control-Allow-Origin"] == HOME
    assert "ETag" in found["Access-Control-Expose-Headers"]
    assert found["Vary"] == "Origin"


def test_another_origin_is_not_named() -> None:
    assert "Access-Control-Allow-Origin" not in asked([HOME], "https://evil.example.org")


def test_every_origin_may_read_where_the_stage_says_so() -> None:
    assert asked(["*"], "https://evil.example.org")["Access-Control-Allow-Origin"] == "*"


def test_what_takes_aws_credentials_is_for_no_page() -> None:
    assert "Access-Control-Allow-Origin" not in asked([HOME], HOME, "/iam/v1/things")


def test_a_stage_without_origins_adds_nothing() -> None:
    assert not {"Vary", "Access-Control-Allow-Origin"} & set(asked([], HOME))
