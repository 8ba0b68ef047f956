"""Notifications of video streams as arrivals."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.edge.arrivals import arrivals_of

RECORDED = Path(__file__).parents[3] / "events" / "kinesis-video" / "notification.json"


def recorded(**changes: Any) -> str:
    envelope = json.loads(RECORDED.read_text())
    envelope["Message"] = json.dumps(json.loads(envelope["Message"]) | changes)
    return json.dumps(envelope)


def test_a_fragment_that_is_notified_of_arrives() -> None:
    (arrival,) = arrivals_of(recorded())
    assert arrival.source == "video#front_door"
    assert arrival.fields == {
        "@streamArn": "arn:aws:kinesisvideo:us-east-1:123456789012:stream/front_door/1598784211076",
        "@fragmentNumber": "91343852333181432392682062607743920146264032800",
        "@producerTimestamp": "2026-09-21T14:13:20.250+00:00",
        "@serverTimestamp": "2026-09-21T14:13:20.731+00:00",
        "@payload": '{"door": "north"}',
    }


def test_times_in_seconds_are_the_same_times() -> None:
    told = recorded(FragmentStartProducerTimestamp=1790000000.25, FragmentStartServerTimestamp=1790000000.731)
    assert arrivals_of(told) == arrivals_of(recorded())
    assert arrivals_of(told)[0].at == datetime(2026, 9, 21, 14, 13, 20, 250_000, UTC)


def test_a_fragment_without_tags_of_its_own_has_an_empty_payload() -> None:
    (arrival,) = arrivals_of(recorded(NotificationPayload=None))
    assert arrival.fields["@payload"] == "{}"


@pytest.mark.parametrize(
    "changes", [{"FragmentNumber": "x"}, {"FragmentStartProducerTimestamp": "soon"}, {"NotificationPayload": 3}]
)
def test_what_cannot_be_read_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fragment|convert"):
        arrivals_of(recorded(**changes))
