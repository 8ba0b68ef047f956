"""Documented payloads of topic rules, read into arrivals: every file in events/iot."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.trigger.arrival import Arrival
from chalicelib.edge.arrivals import UnknownEvent, arrivals_of

EVENTS = Path(__file__).parents[3] / "events" / "iot"


def event(name: str, **changed: Any) -> dict[str, Any]:
    return json.loads((EVENTS / f"{name}.json").read_text()) | changed


def arrival(message: dict[str, Any]) -> Arrival:
    (found,) = arrivals_of(json.dumps(message))
    return found


def test_a_whole_payload_arrives_as_it_was_published() -> None:
    found = arrival(event("whole-payload"))
    assert found.fields == {
        "@topic": "plant/7/temperature",
        "@payload": '{ "temperature" : 31.5, "note": "€" }',
        "@clientId": "sensor-7",
        "@timestamp": "1770091506123",
    }
    assert found.source == "iot#df-0123456789ABCDEFGHIJ/Sensor's Rule"
    assert found.at == datetime(2026, 2, 3, 4, 5, 6, 123000, tzinfo=UTC)


@pytest.mark.parametrize("payload", ["no JSON", "", "[1, 2"])
def test_a_payload_that_is_not_json_arrives_as_its_text(payload: str) -> None:
    encoded = base64.b64encode(payload.encode()).decode()
    assert arrival(event("whole-payload", penstockData=encoded)).fields["@payload"] == payload


def test_a_binary_payload_arrives_in_base64() -> None:
    assert arrival(event("whole-payload", penstockData="AP+A")).fields["@payload"] == "AP+A"


def test_what_was_selected_arrives_without_what_was_added() -> None:
    found = arrival(event("selected"))
    assert found.fields["@payload"] == '{"device":"7","value":31.5}'
    assert found.fields["@clientId"] == ""


def test_a_single_value_arrives_as_json() -> None:
    assert arrival(event("single-value")).fields["@payload"] == "[1,2.5,null]"


def test_a_message_with_the_users_id_is_one_event_however_often_it_is_published() -> None:
    first = event("selected", penstockTrace="one")
    again = event("selected", penstockTrace="two", penstockTime=1770091599999)
    assert arrival(first).identity == arrival(again).identity
    assert arrival(first).identity != arrival(event("selected", penstockId=4712)).identity


def test_without_an_id_the_trace_tells_messages_apart() -> None:
    first, same = event("whole-payload"), event("whole-payload")
    other = event("whole-payload", penstockTrace="another")
    assert arrival(first).identity == arrival(same).identity != arrival(other).identity


def test_without_either_equal_messages_of_different_times_are_two() -> None:
    first, later = (event("selected", penstockId=None, penstockTime=time) for time in (1, 2))
    assert arrival(first).identity != arrival(later).identity


def test_an_error_actions_report_is_no_event() -> None:
    with pytest.raises(UnknownEvent):
        arrivals_of(json.dumps(event("error-action")))


@pytest.mark.parametrize("missing", ["penstockTrigger", "penstockTopic", "penstockTime"])
def test_a_message_that_lost_a_part_cannot_be_read(missing: str) -> None:
    message = {key: value for key, value in event("whole-payload").items() if key != missing}
    with pytest.raises(KeyError):
        arrivals_of(json.dumps(message))
