"""Dead letters, redrive and replay."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import InvalidRequest, PipelineNotFound
from chalicelib.domain.trigger.arrival import http_call, http_source
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.ports.events import Standing
from chalicelib.ports.queues import Queue
from chalicelib.service.access import Caller
from chalicelib.service.intake import take
from chalicelib.service.letters import LISTED_AT_ONCE, ListEvents, Redrive, Replay, list_events, redrive, replay
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from tests.unit.service.world import World, made_world

CALLER = Caller("123456789012", "alice")
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return made_world()


@pytest.fixture
def pipeline(world: World) -> PipelineId:
    made = create_pipeline(CreatePipeline("n", "u"), CALLER, world.ports)
    world.ports.store.arm(made, [Subscription(made, "Called", http_source(made))])
    return made


def heard(world: World, pipeline: PipelineId, count: int) -> list[str]:
    now = world.clock.now()
    taken = take([http_call(pipeline, "x", {}, f"r{number}", now) for number in range(count)], world.ports)
    return [key for _, key in taken.pending]


def listing(world: World, pipeline: PipelineId, standing: Standing | None = None) -> ListEvents:
    return ListEvents(pipeline, world.clock.now() - DAY, world.clock.now() + DAY, standing)


def test_dead_events_are_listed_with_their_error_and_run_again_when_redriven(
    world: World, pipeline: PipelineId
) -> None:
    dead, taken, waiting = heard(world, pipeline, 3)
    world.ports.store.mark_events(pipeline, [dead], Standing.DEAD, "run1", "it broke")
    world.ports.store.mark_events(pipeline, [taken], Standing.TAKEN, "run2")
    page = list_events(listing(world, pipeline, Standing.DEAD), CALLER, world.ports)
    assert [(event.key, event.error) for event in page.items] == [(dead, "it broke")]
    before = len(world.messages(Queue.CONTROL))
    world.clock.advance(timedelta(seconds=1))
    assert redrive(Redrive(pipeline, (dead, taken, "nobody")), CALLER, world.ports) == [dead]
    assert {event.key for event in world.ports.store.pending_events(pipeline, 10)} == {dead, waiting}
    assert len(world.messages(Queue.CONTROL)) == before + 1


def test_a_replay_runs_every_event_of_a_time_once_more_however_often_it_is_asked_for(
    world: World, pipeline: PipelineId
) -> None:
    keys = heard(world, pipeline, LISTED_AT_ONCE + 5)
    world.ports.store.mark_events(pipeline, keys, Standing.TAKEN, "run1")
    low, high = world.clock.now(), world.clock.now() + timedelta(seconds=1)
    world.clock.advance(DAY)
    for _ in range(2):
        marker, total = None, 0
        while True:
            answer = replay(Replay(pipeline, low, high, "monday", marker), CALLER, world.ports)
            total, marker = total + answer.events, answer.marker
            if marker is None:
                break
        assert total == len(keys)
    copies = world.ports.store.pending_events(pipeline, 1000)
    assert len(copies) == len(keys)
    assert not {copy.key for copy in copies} & set(keys)
    replay(Replay(pipeline, low, high, "tuesday"), CALLER, world.ports)
    assert len(world.ports.store.pending_events(pipeline, 1000)) == len(keys) + LISTED_AT_ONCE


def test_a_replay_does_not_replay_replays(world: World, pipeline: PipelineId) -> None:
    heard(world, pipeline, 2)
    now = world.clock.now()
    replay(Replay(pipeline, now - DAY, now + DAY, "once"), CALLER, world.ports)
    assert replay(Replay(pipeline, now - DAY, now + DAY, "twice"), CALLER, world.ports).events == 2


def test_events_are_their_owners_business(world: World, pipeline: PipelineId) -> None:
    stranger = Caller("999999999999", "bob")
    with pytest.raises(PipelineNotFound):
        list_events(listing(world, pipeline), stranger, world.ports)
    with pytest.raises(PipelineNotFound):
        redrive(Redrive(pipeline, ("k",)), stranger, world.ports)


def test_a_marker_of_another_listing_is_refused_by_name(world: World, pipeline: PipelineId) -> None:
    request = ListEvents(pipeline, world.clock.now(), world.clock.now(), marker="zzzz")
    with pytest.raises(InvalidRequest, match="marker"):
        list_events(request, CALLER, world.ports)
