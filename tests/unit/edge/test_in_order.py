"""Records of a shard: taken in order, poison set aside, and the first that has to come again named."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chalicelib.adapters.aws.clock import RandomIds
from chalicelib.domain.trigger.arrival import Arrival
from chalicelib.edge.batch import all_arrivals, in_order
from chalicelib.ports.queues import Queue
from chalicelib.service.intake import LARGEST_FIELDS_BYTES, set_aside
from tests.unit.service.world import made_world

RECORD = (Path(__file__).parents[3] / "events" / "rekognition" / "face-search-record.json").read_bytes()
EVENT = json.loads((Path(__file__).parents[3] / "events" / "kinesis" / "face-search-records.json").read_text())


def event(*contents: bytes) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventID": f"shardId-000000000000:{number}",
                "eventSource": "aws:kinesis",
                "kinesis": {"sequenceNumber": str(number), "data": base64.b64encode(content).decode()},
            }
            for number, content in enumerate(contents, 1)
        ]
    }


class Desk:
    """What was taken in, and what was set aside; either may fail."""

    def __init__(self, *, taking: bool = True, setting_aside: bool = True) -> None:
        self.taken: list[Arrival] = []
        self.aside: list[str] = []
        self._taking = taking
        self._setting_aside = setting_aside

    def take(self, arrivals: Sequence[Arrival]) -> None:
        if not self._taking:
            raise TimeoutError
        self.taken += arrivals

    def set_aside(self, body: str) -> None:
        if not self._setting_aside:
            raise TimeoutError
        self.aside.append(body)

    def failed(self, given: dict[str, Any]) -> list[str]:
        answer = in_order(given, self.take, self.set_aside)
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def test_a_documented_batch_is_taken_in() -> None:
    desk = Desk()
    assert desk.failed(EVENT) == []
    assert [arrival.source for arrival in desk.taken] == ["faces#front_door"]


def test_a_poison_record_is_set_aside_and_those_behind_it_are_taken_in() -> None:
    desk = Desk()
    assert desk.failed(event(RECORD, b"\xff no JSON", RECORD)) == []
    assert (len(desk.taken), len(desk.aside)) == (2, 1)


def test_a_failing_store_brings_the_batch_again_from_its_first_record() -> None:
    assert Desk(taking=False).failed(event(RECORD, RECORD)) == ["1"]


def test_what_cannot_be_set_aside_comes_again_and_what_is_before_it_is_taken_in() -> None:
    desk = Desk(setting_aside=False)
    assert desk.failed(event(RECORD, b"poison", RECORD)) == ["2"]
    assert len(desk.taken) == 1


def test_an_empty_batch_is_none() -> None:
    assert Desk().failed({"Records": []}) == []


def test_what_is_set_aside_fails_alone_on_the_arrivals_queue_however_large_it_is() -> None:
    world = made_world()
    for content in (b"poison", b"x" * 2 * LARGEST_FIELDS_BYTES):
        in_order(event(content), lambda _: None, lambda body: set_aside(body, world.ports))
    bodies = [item.body for item in world.messages(Queue.ARRIVALS)]
    records = [{"messageId": RandomIds().fresh(), "body": body, "attributes": {}} for body in bodies]
    answer = all_arrivals({"Records": records}, lambda _: None)
    assert len(bodies) == 2
    assert len(answer["batchItemFailures"]) == 2
