"""Sweeps over the embedded Kinesis Video: each fragment once, wherever the turn before was killed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.trigger.arrival import SWEEPS, sweep_source
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import PipelineId
from chalicelib.ports.queues import Queue
from chalicelib.ports.video import Fragment, Span, Stream
from chalicelib.service.video_sweep import begun, sweep_video
from tests.contract.video.conftest import Studio
from tests.unit.service.world import World, made_world

PIPELINE = PipelineId("df-1")
BEFORE = timedelta(seconds=5)


@pytest.fixture
def world() -> World:
    """Its clock is the stream's, since fragments are swept by when they came."""
    found = made_world()
    found.clock.time = datetime.now(UTC) - BEFORE
    return found


def arm(world: World, *streams: str, pipeline: PipelineId = PIPELINE, every: timedelta = timedelta(0)) -> None:
    """As activation does."""
    sweeps = [Subscription(pipeline, stream, SWEEPS, stream=stream, every=every) for stream in streams]
    heard = [Subscription(pipeline, stream, sweep_source(pipeline, stream)) for stream in streams]
    world.ports.store.arm(pipeline, begun([*heard, *sweeps], world.ports))


def numbers(world: World, pipeline: PipelineId = PIPELINE) -> list[str]:
    """Fragments in the backlog."""
    return [record.fields["@fragmentNumber"] for record in world.backlog(pipeline)]


def later(world: World, length: timedelta = 2 * BEFORE) -> None:
    world.clock.advance(length)


def test_a_turn_takes_in_every_fragment_since_the_sweep_began(world: World, studio: Studio) -> None:
    arm(world, studio.name)
    put = [played.number for played in studio.put(studio.clip(6))]
    later(world)
    assert sweep_video(world.ports, studio.videos) == 3
    assert sorted(numbers(world)) == put
    assert len(world.messages(Queue.CONTROL)) == 1
    record = world.backlog(PIPELINE)[0]
    assert (record.trigger, record.fields["@streamArn"]) == (studio.name, studio.arn)


def test_a_fragment_is_taken_in_once_though_turns_look_back(world: World, studio: Studio) -> None:
    arm(world, studio.name)
    put = [played.number for played in studio.put(studio.clip(4))]
    for _ in range(3):
        later(world)
        sweep_video(world.ports, studio.videos)
    put += [played.number for played in studio.put(studio.clip(2))]
    later(world)
    sweep_video(world.ports, studio.videos)
    assert sorted(numbers(world)) == put


def test_what_came_before_the_sweep_began_is_left_alone(world: World, studio: Studio) -> None:
    studio.put(studio.clip(4))
    world.clock.time = datetime.now(UTC) + timedelta(milliseconds=20)
    arm(world, studio.name)
    later(world)
    assert sweep_video(world.ports, studio.videos) == 0


def test_a_sweep_that_is_armed_again_goes_on_and_one_that_was_disarmed_begins_anew(
    world: World, studio: Studio
) -> None:
    arm(world, studio.name)
    (since,) = [item.since for item in world.ports.store.listening(SWEEPS)]
    later(world)
    arm(world, studio.name)
    assert [item.since for item in world.ports.store.listening(SWEEPS)] == [since]
    world.ports.store.arm(PIPELINE, ())
    arm(world, studio.name)
    assert [item.since for item in world.ports.store.listening(SWEEPS)] == [world.clock.now()]


def test_a_stream_is_swept_no_more_often_than_it_is_to_be(world: World, studio: Studio) -> None:
    arm(world, studio.name, every=timedelta(minutes=5))
    studio.put(studio.clip(2))
    later(world)
    assert sweep_video(world.ports, studio.videos) == 1
    later(world, timedelta(minutes=4))
    assert sweep_video(world.ports, _Nobody()) == 0


def test_a_stream_that_is_gone_keeps_no_other_from_its_turn(world: World, studio: Studio) -> None:
    other = PipelineId("df-2")
    arm(world, "nobody")
    arm(world, studio.name, pipeline=other)
    studio.put(studio.clip(2))
    later(world)
    assert sweep_video(world.ports, studio.videos) == 1
    assert (len(numbers(world)), len(numbers(world, other))) == (0, 1)


class _Nobody:
    """Streams that must not be asked for anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


class Killed(BaseException):
    """The process ends."""


class _Fuse:
    """Ends the process when the n-th call goes by."""

    def __init__(self, left: int) -> None:
        self.left = left

    def burn(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


class _Wired:
    """Anything, with a fuse before and behind each of its calls."""

    def __init__(self, inner: object, fuse: _Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        inner = getattr(self._inner, name)

        def called(*given: Any, **named: Any) -> Any:
            self._fuse.burn()
            answer = inner(*given, **named)
            self._fuse.burn()
            return answer

        return called


class _Listed:
    """A stream of an hour and a half, so that a turn has two windows; the same whenever it is asked."""

    def __init__(self, begin: datetime) -> None:
        step = timedelta(minutes=1)
        self.all = [Fragment(str(10**40 + n), 1, begin + n * step, begin + n * step, step) for n in range(90)]

    def arn(self, stream: Stream) -> str:
        return f"arn:aws:kinesisvideo:us-east-1:123456789012:stream/{stream.name}/1"

    def fragments(self, _: Stream, span: Span) -> list[Fragment]:
        return [item for item in self.all if span.first <= item.server_at < span.end]


def _deaths() -> Iterator[int]:
    yield from range(40)


def test_killed_at_any_call_each_fragment_is_taken_in_once() -> None:
    for fatal in _deaths():
        world = made_world()
        arm(world, "door")
        listed: Any = _Listed(world.clock.now())
        world.clock.advance(timedelta(minutes=95))
        fuse = _Fuse(fatal)
        ports = replace(world.ports, store=_Wired(world.ports.store, fuse), sender=_Wired(world.ports.sender, fuse))
        try:
            sweep_video(ports, _Wired(listed, fuse))
        except Killed:
            world.clock.advance(timedelta(minutes=1))
            sweep_video(world.ports, listed)
        assert sorted(numbers(world)) == [item.number for item in listed.all], fatal
        assert len(world.messages(Queue.CONTROL)) >= 1
