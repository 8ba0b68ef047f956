"""Documented payloads, read into arrivals: every file in events/ that comes through the arrivals queue."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.trigger.arrival import Arrival
from chalicelib.edge.arrivals import UnknownEvent, arrivals_of
from chalicelib.edge.batch import all_arrivals

EVENTS = Path(__file__).parents[3] / "events"
KEY = "in/line 1+2/50%25 Öl.csv"


def text(name: str) -> str:
    return (EVENTS / "s3" / f"{name}.json").read_text()


def wrapped(body: str) -> str:
    """As a topic sends it to a queue."""
    envelope = {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu-central-1:1:t", "Message": body}
    return json.dumps(envelope)


@pytest.mark.parametrize(
    "body",
    [text("object-created"), text("notification"), wrapped(text("notification"))],
    ids=["bus", "bucket", "topic"],
)
def test_an_object_is_the_same_event_whoever_tells_of_it(body: str) -> None:
    (arrival,) = arrivals_of(body)
    (other,) = arrivals_of(text("object-created"))
    assert arrival.fields == other.fields
    assert (arrival.source, arrival.identity) == (other.source, other.identity) != ("", "")
    assert arrival.fields["@key"] == KEY
    assert arrival.fields["@size"] == "1204"
    assert arrival.at.replace(microsecond=0) == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_a_key_is_decoded_only_where_it_was_encoded() -> None:
    event = json.loads(text("object-created"))
    event["detail"]["object"]["key"] = "a%20b+c"
    assert arrivals_of(json.dumps(event))[0].fields["@key"] == "a%20b+c"
    notification = json.loads(text("notification"))
    notification["Records"][0]["s3"]["object"]["key"] = "a%20b+c"
    assert arrivals_of(json.dumps(notification))[0].fields["@key"] == "a b c"


@pytest.mark.parametrize(
    "body", [text("test-event"), wrapped(text("test-event")), text("object-deleted"), '{"Records":[]}']
)
def test_what_creates_no_object_is_no_event(body: str) -> None:
    assert arrivals_of(body) == ()


@pytest.mark.parametrize(
    "body",
    ["", "nonsense", "[]", "7", "{}", '{"Records":[{}]}', '{"source":"aws.s3"}', '{"Type":"SubscriptionConfirmation"}'],
)
def test_what_cannot_be_read_says_so(body: str) -> None:
    with pytest.raises((UnknownEvent, KeyError, ValueError)):
        arrivals_of(body)


def record(number: int, body: str) -> dict[str, Any]:
    return {"messageId": f"m{number}", "body": body, "attributes": {"ApproximateReceiveCount": "1"}}


def test_a_poisonous_message_fails_alone() -> None:
    taken: list[Arrival] = []
    event = {"Records": [record(1, text("object-created")), record(2, "nonsense"), record(3, text("test-event"))]}
    assert all_arrivals(event, taken.extend) == {"batchItemFailures": [{"itemIdentifier": "m2"}]}
    assert len(taken) == 1


def test_when_nothing_can_be_taken_in_everything_comes_again() -> None:
    def refuse(_: object) -> None:
        raise OSError("no store")

    event = {"Records": [record(1, text("object-created")), record(2, text("notification"))]}
    assert [item["itemIdentifier"] for item in all_arrivals(event, refuse)["batchItemFailures"]] == ["m1", "m2"]


def test_every_payload_is_said_where_it_is_from() -> None:
    listed = (EVENTS / "README.md").read_text()
    assert [path.name for path in EVENTS.rglob("*.json") if f"{path.parent.name}/{path.name}" not in listed] == []


def test_no_records_at_all_are_no_failure() -> None:
    assert all_arrivals({"Records": []}, lambda _: None) == {"batchItemFailures": []}
