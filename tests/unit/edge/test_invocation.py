"""What an invocation leaves in the log, and what follows from it to the queues and back."""

from collections.abc import Callable
from typing import Any

import pytest
from chalice.app import Chalice, Rate, Response

from chalicelib.edge.batch import each_record
from chalicelib.edge.events import deliveries
from chalicelib.edge.invocation import invoked
from chalicelib.ports import trail
from chalicelib.ports.queues import CORRELATION, TRACE
from local.invoke import Context
from tests.log_reading import Heard, listening

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def watched(trace: str = "") -> Chalice:
    app = Chalice("penstock-test", configure_logs=False)
    app.register_middleware(lambda event, run: invoked(event, run, trace, ""), "all")
    return app


def get(app: Chalice, resource: str, path: str | None = None) -> Any:
    return app(
        {
            "headers": {},
            "path": path or resource,
            "requestContext": {
                "httpMethod": "GET",
                "resourcePath": resource,
                "path": path or resource,
                "requestId": "r-1",
            },
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "stageVariables": None,
            "body": None,
        },
        Context("api_handler"),
    )


def heard_of(view: Callable[[], object], resource: str = "/v1/things") -> tuple[Heard, Any]:
    app = watched()
    app.route(resource)(view)
    with listening() as heard:
        return heard, get(app, resource)


def test_a_request_is_answered_under_the_gateways_id_and_noted_with_what_it_was_about() -> None:
    def view() -> dict[str, str]:
        trail.note({"pipeline": "df-1"})
        return {"id": trail.current().correlation}

    heard, answer = heard_of(view)
    (line,) = heard.of("api.answered")
    assert answer["body"] == '{"id":"r-1"}'
    assert (line["correlation"], line["pipeline"], line["function"]) == ("r-1", "df-1", "api_handler")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/things", 200)
    assert (line["ApiCalls"], line["ApiFaults"]) == (1, 0)
    assert line["ApiTime"] == line["ms"] >= 0
    assert line["EstimatedCost"] > 0


def test_an_answer_that_is_a_fault_of_ours_counts_as_one() -> None:
    heard, _ = heard_of(lambda: Response({}, status_code=503))
    assert heard.of("api.answered")[0]["ApiFaults"] == 1


def test_a_view_that_raises_is_a_fault_told_without_its_text() -> None:
    def view() -> None:
        raise ValueError("hunter2")

    heard, answer = heard_of(view)
    assert answer["statusCode"] == 500
    assert heard.of("api.answered")[0]["ApiFaults"] == 1
    assert any(line.get("error") == "ValueError" for line in heard.lines)
    assert "hunter2" not in heard.text


def test_a_long_poll_says_nothing_of_how_fast_the_api_is() -> None:
    heard, _ = heard_of(lambda: {}, "/v1/pipelines/df-1/live")
    assert "ApiTime" not in heard.of("api.answered")[0]


def test_a_function_that_raises_is_told_and_counted_and_raises_still() -> None:
    app = watched(HEADER)

    @app.schedule(Rate(1, unit=Rate.MINUTES))
    def tick(_event: object) -> None:
        raise ValueError("hunter2")

    context = Context("tick")
    with listening() as heard, pytest.raises(ValueError, match="hunter2"):
        tick(
            {
                "time": "",
                "source": "",
                "account": "",
                "region": "",
                "detail": {},
                "detail-type": "",
                "version": "",
                "id": "",
                "resources": [],
            },
            context,
        )
    (line,) = heard.of("invocation.failed")
    assert (line["function"], line["InvocationsFailed"], line["error"]) == ("tick", 1, "ValueError")
    assert line["correlation"] == line["request"] == context.aws_request_id
    assert line["trace"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert "hunter2" not in heard.text


def record(name: str, **attributes: str) -> dict[str, Any]:
    told = attributes.pop("correlation", None)
    return {
        "messageId": name,
        "body": "x",
        "attributes": {"ApproximateReceiveCount": "1", **attributes},
        "messageAttributes": {CORRELATION: {"dataType": "String", "stringValue": told}} if told is not None else {},
    }


def test_a_record_is_worked_on_under_its_senders_trail() -> None:
    seen: list[tuple[str, str]] = []
    batch = {"Records": [record("m-1", correlation="c-1", **{TRACE: HEADER}), record("m-2")]}
    each_record(batch, lambda _body, _count: seen.append((trail.current().correlation, trail.current().trace)))
    assert seen == [("c-1", HEADER), ("m-2", "")]


@pytest.mark.parametrize("foreign", ["", "with space", "line\nbreak", "x" * 500])
def test_a_strangers_attribute_that_is_no_mark_is_not_believed(foreign: str) -> None:
    (delivery,) = deliveries({"Records": [record("m-1", correlation=foreign, **{TRACE: foreign})]})
    assert (delivery.correlation, delivery.trace) == ("m-1", "")


def test_a_record_that_fails_is_counted_by_function_and_told_without_its_text() -> None:
    def work(body: str, _count: int) -> None:
        raise ValueError(body + "hunter2")

    with listening() as heard, trail.along({"function": "tasks"}):
        each_record({"Records": [record("m-1", correlation="c-1")]}, work)
    (line,) = heard.of("record.failed")
    assert (line["messageId"], line["count"], line["correlation"]) == ("m-1", 1, "c-1")
    assert (line["error"], line["RecordsFailed"], line["function"]) == ("ValueError", 1, "tasks")
    assert "hunter2" not in heard.text
