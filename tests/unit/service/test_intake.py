"""Taking events in, over a real store and real queues in memory."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.run.codec import decode_event
from chalicelib.domain.run.events import EventsArrived
from chalicelib.domain.trigger.arrival import (
    IotMessage,
    S3Object,
    http_call,
    iot_message,
    s3_object,
    s3_source,
    video_fragment,
    video_source,
)
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.ports.events import Standing
from chalicelib.ports.queues import Queue
from chalicelib.service.intake import LARGEST_FIELDS_BYTES, take
from tests.unit.service.world import World, made_world

PIPELINE = PipelineId("df-1")
AT = datetime(2026, 1, 1, tzinfo=UTC)
DROPPED = S3Object("landing", "in/a b+c%20é.csv", 10, "e1", sequencer="0055AED6DCD90281E5")


@pytest.fixture
def world() -> World:
    return made_world()


def listen(world: World, **rules: object) -> None:
    subscription = Subscription(PIPELINE, "Dropped", s3_source("landing"))
    world.ports.store.arm(PIPELINE, [replace(subscription, **rules)])  # type: ignore[arg-type]


def told(world: World) -> int:
    """How many control messages there are."""
    return len(world.messages(Queue.CONTROL))


def test_an_event_is_recorded_and_its_pipeline_told(world: World) -> None:
    listen(world)
    taken = take([s3_object(DROPPED, AT)], world.ports)
    (record,) = world.backlog(PIPELINE)
    assert taken.pending == ((PIPELINE, record.key),)
    assert record.fields["@key"] == DROPPED.key
    (message,) = world.messages(Queue.CONTROL)
    assert (message.group, decode_event(message.body)) == (PIPELINE, EventsArrived(world.clock.now(), 1))


def test_events_of_one_call_are_told_at_once(world: World) -> None:
    listen(world)
    take([s3_object(replace(DROPPED, key=f"{number}"), AT) for number in range(10)], world.ports)
    assert len(world.ports.store.pending_events(PIPELINE, 100)) == 10
    assert told(world) == 1


def test_an_event_that_waits_is_told_again_and_one_with_a_run_is_not(world: World) -> None:
    listen(world)
    first = take([s3_object(DROPPED, AT)], world.ports)
    assert take([s3_object(DROPPED, AT), s3_object(DROPPED, AT)], world.ports) == first
    (record,) = world.ports.store.pending_events(PIPELINE, 10)
    world.ports.store.mark_events(PIPELINE, [record.key], Standing.TAKEN, "run1")
    before = told(world)
    assert take([s3_object(DROPPED, AT)], world.ports).known == 1
    assert told(world) == before


def test_what_nobody_asked_for_leaves_no_trace(world: World) -> None:
    assert take([s3_object(DROPPED, AT)], world.ports).unwanted == 1
    assert told(world) == 0


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ({"prefix": "in/"}, True),
        ({"prefix": "out/"}, False),
        ({"suffix": "é.csv"}, True),
        ({"suffix": ".CSV"}, False),
        ({"least_bytes": 10, "most_bytes": 10}, True),
        ({"least_bytes": 11}, False),
        ({"most_bytes": 9}, False),
    ],
)
def test_rules_choose_objects(world: World, rules: dict[str, object], wanted: bool) -> None:
    listen(world, **rules)
    assert bool(take([s3_object(DROPPED, AT)], world.ports).pending) == wanted


@pytest.mark.parametrize(("earlier", "starts"), [("newest", False), ("any", True)])
def test_an_object_that_is_told_after_a_newer_one_starts_a_run_only_if_asked(
    world: World, earlier: str, starts: bool
) -> None:
    listen(world, newest_only=earlier == "newest")
    take([s3_object(replace(DROPPED, etag="new", sequencer="0055AED6DCD90281F0"), AT)], world.ports)
    assert bool(take([s3_object(DROPPED, AT)], world.ports).pending) == starts


def test_sequencers_of_different_lengths_compare_as_if_filled_with_zeros(world: World) -> None:
    listen(world, newest_only=True)
    take([s3_object(replace(DROPPED, etag="new", sequencer="0055aed6dcd90281f0"), AT)], world.ports)
    assert not take([s3_object(replace(DROPPED, sequencer="0055AED6"), AT)], world.ports).pending


def test_the_largest_mqtt_payload_is_kept_in_any_script(world: World) -> None:
    world.ports.store.arm(PIPELINE, [Subscription(PIPELINE, "Called", f"http#{PIPELINE}")])
    payload = "温" * (128 * 1024 // 3)
    assert take([http_call(PIPELINE, payload, {}, "r1", AT)], world.ports).pending
    (record,) = world.ports.store.events(PIPELINE, [key for key in world.keys(PIPELINE)]).values()
    assert record.fields["@payload"] == payload


def test_what_no_store_could_keep_is_dead_and_says_why(world: World) -> None:
    world.ports.store.arm(PIPELINE, [Subscription(PIPELINE, "Called", f"http#{PIPELINE}")])
    taken = take([http_call(PIPELINE, "x" * LARGEST_FIELDS_BYTES, {}, "r1", AT)], world.ports)
    assert taken.pending == ()
    (record,) = world.ports.store.events(PIPELINE, [key for key in world.keys(PIPELINE)]).values()
    assert record.standing is Standing.DEAD
    assert str(LARGEST_FIELDS_BYTES) in record.error
    assert "@payload" not in record.fields


def test_every_source_tells_its_events_apart(world: World) -> None:
    where = (PIPELINE, "Hot")
    arn = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/door/1530000000000"
    arrivals = [
        iot_message(where, IotMessage("plant/1", "{}"), AT),
        iot_message(where, IotMessage("plant/1", '{"a":1}'), AT),
        iot_message(where, IotMessage("plant/1", "{}", message_id="m1"), AT),
        video_fragment(arn, "9134", AT, AT, {"door": "open"}),
        video_fragment(arn, "9135", AT, AT, {"door": "open"}),
        http_call(PIPELINE, "{}", {}, "r1", AT),
        http_call(PIPELINE, "{}", {}, "r2", AT),
    ]
    sources = {arrival.source for arrival in arrivals}
    assert video_source("door") in sources
    world.ports.store.arm(PIPELINE, [Subscription(PIPELINE, "T", source) for source in sources])
    assert len(take(arrivals * 2, world.ports).pending) == len(arrivals)
