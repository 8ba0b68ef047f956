"""Backfills: what is ordered of the past runs as slots free up, in order, and once."""

from datetime import timedelta

import pytest

from chalicelib.domain.run.effects import LaunchResource, Placement, TerminateResource
from chalicelib.domain.run.events import BackfillOrdered, BackfillStopped, ResourceReady
from chalicelib.domain.run.ordered import count, stretch_of, window, with_stretch, without
from chalicelib.domain.run.state import Stretch, attempt_id
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import ComponentId
from tests.unit.run.world import START, World, activity, node, plan_of, resource

HOUR = timedelta(hours=1)
SOON = timedelta(seconds=1)
TEN = Schedule(START, Period(1, Unit.HOUR), occurrences=10)


def order(world: World, first: int, last: int, *names: str) -> BackfillOrdered:
    """An order for intervals `first` up to before `last`."""
    world.commands += 1
    event = BackfillOrdered(f"fill-{world.commands}", world.now, START + first * HOUR, START + last * HOUR, names)
    world.step(event)
    return event


def finish_all(world: World) -> None:
    """Let every task end well until nothing more comes within a second."""
    while True:
        assert world.state is not None
        live = [item.id for item in world.state.instances.values() if item.status is Status.WAITING_FOR_RUNNER]
        for name in live:
            world.finish(name)
        if not live and (world.wake_at is None or world.wake_at > world.now + SOON):
            return
        if not live:
            world.later(SOON)


def ran(world: World, name: str) -> list[int]:
    """Interval numbers of a component's dispatches, in order."""
    return [world.instance(task.instance).index for task in world.dispatched() if task.instance.startswith(f"@{name}_")]


@pytest.fixture
def world() -> World:
    """A node, what makes it and what reads it, five of ten hours over."""
    plan = plan_of(
        activity("Make", schedule=TEN, max_active=2),
        node("Made", "Make", schedule=TEN),
        activity("Read", "Made", schedule=TEN, max_active=2),
    )
    world = World(plan)
    world.activate()
    for _ in range(4):
        finish_all(world)
        world.later(HOUR)
    finish_all(world)
    assert ran(world, "Read") == [0, 1, 2, 3, 4]
    return world


def test_what_ran_runs_again_in_order_and_what_depends_on_it_waits_for_it(world: World) -> None:
    before = len(world.dispatched())
    order(world, 1, 4, "Make", "Made", "Read")
    finish_all(world)
    again = [task.instance for task in world.dispatched()[before:]]
    assert sorted(again) == sorted(world.name(f"{name}+{hour}h") for name in ("Make", "Read") for hour in (1, 2, 3))
    for hour in (1, 2, 3):
        assert again.index(world.name(f"Make+{hour}h")) < again.index(world.name(f"Read+{hour}h"))
    assert len(world.instance("Make+1h").attempts) == 2
    assert len(world.instance("Make+0h").attempts) == 1


def test_no_more_run_at_a_time_than_there_are_slots(world: World) -> None:
    order(world, 0, 5, "Make")
    world.later(SOON)
    assert world.state is not None
    assert [item.index for item in world.state.instances.values()] == [0, 1]
    world.finish("Make+1h")
    assert sorted(item.index for item in world.state.instances.values()) == [0, 2]


def test_a_slot_that_an_event_frees_is_taken_in_the_same_step(world: World) -> None:
    order(world, 0, 5, "Make")
    world.later(SOON)
    before = len(world.dispatched())
    world.finish("Make+0h")
    assert [task.instance for task in world.dispatched()[before:]] == [world.name("Make+2h")]


def test_an_order_repeated_is_one(world: World) -> None:
    event = order(world, 0, 3, "Make")
    finish_all(world)
    before = len(world.dispatched())
    world.step(event)
    finish_all(world)
    assert len(world.dispatched()) == before


def test_orders_that_overlap_run_what_they_share_once(world: World) -> None:
    before = len(world.dispatched())
    order(world, 0, 3, "Make")
    order(world, 2, 5, "Make")
    finish_all(world)
    assert sorted(ran(world, "Make")[before // 2 :]) == [0, 1, 2, 3, 4]


def test_what_is_to_come_by_itself_is_not_ordered(world: World) -> None:
    order(world, 3, 10, "Make")
    assert world.state is not None
    assert world.state.ordered[ComponentId("Make")] == (Stretch(3, 4),)


def test_intervals_from_before_the_schedule_run_without_anything_before_them(world: World) -> None:
    order(world, -3, 0, "Read")
    finish_all(world)
    assert ran(world, "Read")[5:] == [-3, -2, -1]
    order(world, -2, 0, "Make", "Made", "Read")
    finish_all(world)
    again = [task.instance for task in world.dispatched()[-4:]]
    assert again.index(world.name("Make+-1h")) < again.index(world.name("Read+-1h"))


def test_skipped_intervals_run_though_no_row_of_them_was_written() -> None:
    long = Schedule(START - 300 * HOUR, Period(1, Unit.HOUR), occurrences=400)
    world = World(plan_of(activity("Make", schedule=long, max_active=5)))
    world.activate(START)
    finish_all(world)
    assert len(world.dispatched()) == 1
    order(world, -300, -295, "Make")
    finish_all(world)
    assert ran(world, "Make")[1:] == [0, 1, 2, 3, 4]
    assert world.status(f"@Make_{START - 300 * HOUR:%Y-%m-%dT%H:%M:%S}") is Status.FINISHED


def test_three_years_of_hours_are_ordered_in_a_few_bytes() -> None:
    long = Schedule(START - 26_280 * HOUR, Period(1, Unit.HOUR), occurrences=26_281)
    world = World(plan_of(activity("Make", schedule=long, max_active=2)))
    world.activate(START)
    order(world, -26_280, 0, "Make")
    world.later(SOON)
    assert world.state is not None
    assert len(world.state.instances) <= 4
    assert count(world.state.ordered[ComponentId("Make")]) == 26_279


def test_nothing_of_it_is_late() -> None:
    late = {"late_after": Period(30, Unit.MINUTE), "terminates_when_late": True}
    world = World(plan_of(activity("Make", schedule=TEN, max_active=2, **late)))
    world.activate(START + 5 * HOUR)
    order(world, 0, 5, "Make")
    world.now += 5 * HOUR
    finish_all(world)
    assert [world.status(f"Make+{hour}h") for hour in range(5)] == [Status.FINISHED] * 5


def test_a_stopped_backfill_begins_nothing_more_and_nobody_waits_for_it(world: World) -> None:
    order(world, 0, 5, "Make", "Read")
    world.later(SOON)
    world.step(BackfillStopped("stop", world.now))
    finish_all(world)
    assert sorted(ran(world, "Make")[5:]) == [0, 1]
    assert sorted(ran(world, "Read")[5:]) == [0, 1]
    assert world.state is not None
    assert not world.state.instances


def test_a_paused_component_goes_on_when_it_is_resumed(world: World) -> None:
    world.command(Command.PAUSE, "Make")
    order(world, 0, 2, "Make", "Made", "Read")
    finish_all(world)
    assert ran(world, "Read") == [0, 1, 2, 3, 4]
    world.command(Command.RESUME, "Make")
    finish_all(world)
    assert (ran(world, "Make")[5:], ran(world, "Read")[5:]) == ([0, 1], [0, 1])


def test_a_rerun_of_what_is_ordered_and_not_begun_counts_for_it(world: World) -> None:
    order(world, 0, 5, "Make")
    world.command(Command.RERUN, world.name("Make+4h"))
    finish_all(world)
    assert sorted(ran(world, "Make")[5:]) == [0, 1, 2, 3, 4]


def test_an_activation_that_begins_later_forgets_what_lies_before(world: World) -> None:
    order(world, 0, 5, "Make")
    world.activate(START + 4 * HOUR)
    finish_all(world)
    assert sorted(ran(world, "Make")[5:]) == [4]


def test_a_pipeline_is_not_finished_while_something_is_ordered() -> None:
    two = Schedule(START, Period(1, Unit.HOUR), occurrences=2)
    world = World(plan_of(activity("Make", schedule=two, max_active=1)))
    world.activate()
    world.finish("Make")
    world.later(HOUR)
    order(world, 0, 1, "Make")
    world.finish("Make+1h")
    assert world.pipeline is PipelineStatus.SCHEDULED
    finish_all(world)
    assert world.pipeline is PipelineStatus.FINISHED


def test_one_machine_serves_all_that_is_ordered_of_its_interval() -> None:
    day = Schedule(START, Period(1, Unit.DAY), occurrences=1)
    hours = Schedule(START, Period(1, Unit.HOUR), occurrences=3)
    work = activity("Work", schedule=hours, max_active=1, placement=Placement.RESOURCE, resource="Box")
    world = World(plan_of(resource("Box", schedule=day), work))
    world.activate(START + 3 * HOUR)
    world.now += 3 * HOUR
    order(world, 0, 3, "Work")
    world.later(SOON)
    box = world.name("Box")
    world.step(ResourceReady(box, attempt_id(box, 1), world.now))
    finish_all(world)
    assert ran(world, "Work") == [0, 1, 2]
    assert len([effect for effect in world.sent if isinstance(effect, LaunchResource)]) == 1
    assert len([effect for effect in world.sent if isinstance(effect, TerminateResource)]) == 1


def test_stretches_are_merged_and_cut() -> None:
    parts = with_stretch(with_stretch((), Stretch(5, 9)), Stretch(1, 2))
    assert parts == (Stretch(1, 2), Stretch(5, 9))
    assert with_stretch(parts, Stretch(3, 4)) == (Stretch(1, 9),)
    assert without(parts, 2, 6) == (Stretch(1, 1), Stretch(7, 9))
    assert count(parts) == 7


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 3, (0, 2)), (0.5, 3, (1, 2)), (0, 2.5, (0, 2)), (-2, 1, (-2, 0)), (3, 9, (3, 4)), (3, 3, None), (6, 9, None)],
)
def test_a_stretch_is_what_begins_in_the_time_given(low: float, high: float, wanted: tuple[int, int] | None) -> None:
    found = stretch_of(TEN, START + low * HOUR, START + high * HOUR, 5)
    assert found == (Stretch(*wanted) if wanted else None)


def test_rows_are_asked_for_only_while_a_backfill_goes_on(world: World) -> None:
    assert world.state is not None
    assert not window(world.state, (), world.plan).indexes


@pytest.mark.parametrize("schedule", [TEN, Schedule(START, Period(1, Unit.HOUR), end=START + 10 * HOUR)])
def test_nothing_after_the_schedules_end_is_ordered_however_far_an_activation_skipped(schedule: Schedule) -> None:
    assert stretch_of(schedule, START + 8 * HOUR, START + 20 * HOUR, reached=15) == Stretch(8, 9)
    assert stretch_of(schedule, START + 10 * HOUR, START + 20 * HOUR, reached=15) is None
