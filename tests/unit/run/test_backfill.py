"""Backfills: a long past costs neither memory nor one long step."""

from datetime import timedelta

from chalicelib.domain.run.create import AT_ONCE, SOON
from chalicelib.domain.run.plan import Style
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Schedule
from tests.unit.run.world import START, World, activity, node, plan_of

YEAR = Schedule(START - timedelta(days=365), Period(1, Unit.HOUR), occurrences=24 * 365)


def test_a_source_stays_within_reach_of_the_activity_that_reads_it() -> None:
    world = World(plan_of(node("In", schedule=YEAR), activity("Copy", "In", schedule=YEAR, max_active=3)))
    world.activate()
    assert len(world.history) == 6
    world.finish(world.dispatched()[0].instance)
    assert len([row for row in world.history.values() if row.component == "In"]) == 7


def test_a_source_follows_the_furthest_of_its_readers() -> None:
    plan = plan_of(
        node("In", schedule=YEAR),
        activity("Slow", "In", schedule=YEAR, max_active=1),
        activity("Fast", "In", schedule=YEAR, max_active=4),
    )
    world = World(plan)
    world.activate()
    for _ in range(6):
        fast = next(item for item in world.state.instances.values() if item.component == "Fast")  # type: ignore[union-attr]
        world.finish(fast.id)
    assert len([row for row in world.history.values() if row.component == "In"]) == 14


def test_a_source_of_a_slower_schedule_is_there_for_it() -> None:
    days = Schedule(YEAR.start, Period(1, Unit.DAY))
    world = World(plan_of(node("In", schedule=YEAR), activity("Daily", "In", schedule=days, style=Style.TIMESERIES)))
    world.activate()
    while len(world.history) < 240:
        world.later(SOON)
    assert world.dispatched()[0].instance.startswith("@Daily_2025-01-01")


def test_a_step_creates_a_bounded_number_and_the_next_goes_on_soon() -> None:
    world = World(plan_of(node("Alone", schedule=YEAR)))
    world.activate()
    assert len(world.history) == AT_ONCE
    assert world.wake_at == world.now + SOON
    while world.pipeline is PipelineStatus.SCHEDULED:
        world.later(SOON)
    assert len(world.history) == 24 * 365
    assert all(row.status is Status.FINISHED for row in world.history.values())
