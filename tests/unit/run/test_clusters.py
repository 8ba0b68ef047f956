"""Clusters in the engine: asked how they are, their work handed to a function."""

from datetime import timedelta

from chalicelib.domain.run.effects import CheckResource, Placement
from chalicelib.domain.run.events import ResourceCreated, ResourceFailed, ResourceReady, TaskProgressed
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import AttemptId, ComponentId
from tests.unit.run.world import World, activity, plan_of, resource

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def launched(**changes: object) -> World:
    work = {"placement": Placement.RESOURCE, "resource": ComponentId("Box"), "tries": 2}
    world = World(plan_of(resource("Box", polled=True, **changes), activity("A", **work)))
    world.activate()
    world.step(ResourceCreated(world.name("Box"), attempt(world), "j-1", world.now))
    return world


def attempt(world: World, number: int = 1) -> AttemptId:
    return AttemptId(f"{world.name('Box')}_Attempt={number}")


def ready(world: World) -> None:
    world.step(ResourceReady(world.name("Box"), attempt(world), world.now))


def checks(world: World) -> list[CheckResource]:
    assert world.state is not None
    return [item.effect for item in world.state.outbox.values() if isinstance(item.effect, CheckResource)]


def test_a_cluster_that_starts_is_asked_every_half_minute_until_it_is_up() -> None:
    world = launched()
    assert [check.resource_id for check in checks(world)] == ["j-1"]
    for _ in range(5):
        assert world.wake_at == world.now + 30 * SECOND
        assert [type(effect) for effect in world.later(30 * SECOND).send] == [CheckResource]
    ready(world)
    assert world.status("Box") is Status.RUNNING
    assert not checks(world)


def test_work_on_a_cluster_waits_for_it_and_then_goes_to_a_function() -> None:
    world = launched()
    assert world.status("A") is Status.WAITING_ON_DEPENDENCIES
    ready(world)
    assert [(item.placement, item.worker_group) for item in world.dispatched()] == [(Placement.SERVERLESS, None)]


def test_a_cluster_that_is_up_is_asked_every_ten_minutes_and_stays_while_it_answers() -> None:
    world = launched()
    ready(world)
    world.start("A")
    for _ in range(12):
        world.later(10 * MINUTE)
        assert len(checks(world)) == 1
        ready(world)
        world.step(TaskProgressed(world.dispatched()[-1].attempt, 1, world.now))
    assert world.status("Box") is Status.RUNNING


def test_a_cluster_that_went_away_fails_the_work_on_it_and_both_try_again() -> None:
    world = launched(tries=2)
    ready(world)
    world.start("A")
    world.later(10 * MINUTE)
    world.step(ResourceFailed(world.name("Box"), attempt(world), world.now, "j-1 is GONE: BOOTSTRAP_FAILURE"))
    assert not checks(world)
    assert "BOOTSTRAP_FAILURE" in str(world.instance("A").attempts[0].error_message)
    assert len(world.instance("Box").attempts) == 2


def test_a_cluster_whose_state_cannot_be_learned_is_given_up_in_the_end() -> None:
    world = launched()
    ready(world)
    world.later(10 * MINUTE)
    world.later(35 * MINUTE)
    assert world.instance("Box").attempts[-1].error_message == "how it is could not be learned"
