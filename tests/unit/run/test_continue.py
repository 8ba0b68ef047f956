"""Components that ran elsewhere before: what they pass over, and what they run of it."""

from datetime import timedelta

from chalicelib.domain.run.dependencies import Standing, standing
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Schedule
from tests.unit.run.world import DAILY, HOURLY, START, World, activity, node, plan_of, resource


def at(hours: int):
    return START + timedelta(hours=hours)


def live(world: World) -> list[str]:
    return sorted(world.state.instances)


def test_a_component_begins_with_the_interval_it_continues_from():
    world = World(plan_of(activity("Copy", schedule=HOURLY, continues_from=(at(3),))), at(4))
    world.activate()
    assert live(world) == [world.name("Copy+3h"), world.name("Copy+4h")]
    assert [world.status(f"Copy+{hour}h") for hour in range(3)] == [Status.SKIPPED] * 3


def test_each_component_continues_from_its_own_interval():
    day = activity("Sum", "Copy", schedule=DAILY, schedule_key="daily")
    world = World(plan_of(activity("Copy", schedule=HOURLY, continues_from=(at(23),)), day), at(23))
    world.activate()
    assert live(world) == [world.name("Copy+23h"), world.name("Sum")]
    world.finish("Copy+23h")
    assert world.status("Sum") is Status.WAITING_FOR_RUNNER


def test_single_intervals_before_it_run_in_the_same_step():
    world = World(plan_of(activity("Copy", schedule=HOURLY, continues_from=(at(1), at(4)))), at(4))
    world.activate()
    assert live(world) == [world.name("Copy+1h"), world.name("Copy+4h")]
    world.finish("Copy+1h")
    world.finish("Copy+4h")
    assert {hour: world.status(f"Copy+{hour}h") for hour in range(5)} == {
        0: Status.SKIPPED,
        1: Status.FINISHED,
        2: Status.SKIPPED,
        3: Status.SKIPPED,
        4: Status.FINISHED,
    }


def test_a_single_interval_keeps_a_schedule_that_is_over_from_being_finished():
    ended = Schedule(START, Period(1, Unit.HOUR), occurrences=3)
    world = World(plan_of(activity("Copy", schedule=ended, continues_from=(at(0), at(3)))), at(9))
    world.activate()
    assert (live(world), world.pipeline) == ([world.name("Copy")], PipelineStatus.SCHEDULED)
    world.finish("Copy")
    assert world.pipeline is PipelineStatus.FINISHED


def test_a_single_interval_brings_its_machine_along_however_long_ago_it_was():
    user = activity("Run", schedule=HOURLY, placement=Placement.RESOURCE, resource="Machine")
    machine = resource("Machine", schedule=HOURLY, continues_from=(at(300),))
    runner = plan_of(machine, activity("Run", **_with(user, (at(0), at(300)))))
    world = World(runner, at(300))
    world.activate()
    assert world.name("Machine") in world.state.instances
    assert world.status("Machine") is Status.CREATING


def test_a_time_that_begins_no_interval_is_passed_over():
    world = World(
        plan_of(activity("Copy", schedule=HOURLY, continues_from=(at(1) + timedelta(minutes=5), at(3)))), at(3)
    )
    world.activate()
    assert live(world) == [world.name("Copy+3h")]


def test_dependencies_passed_over_count_as_met():
    source = node("In", schedule=HOURLY, continues_from=(at(5),))
    world = World(plan_of(source, activity("Copy", "In", schedule=HOURLY, continues_from=(at(2), at(4)))), at(5))
    world.activate()
    key = (2, world.name("In+2h"))
    assert standing(key, source, world.state.instances, world.state.components["In"]) is Standing.MET
    assert world.status("Copy+2h") is Status.WAITING_FOR_RUNNER


def test_activating_again_passes_over_nothing_more():
    world = World(plan_of(activity("Copy", schedule=HOURLY, continues_from=(at(1), at(4)))), at(4))
    world.activate()
    world.finish("Copy+1h")
    world.fail("Copy+4h")
    world.command(Command.RERUN, world.name("Copy+1h"))
    world.activate()
    world.later(timedelta(hours=1))
    assert live(world) == [world.name("Copy+1h"), world.name("Copy+5h")]


def test_what_was_passed_over_can_be_run_again():
    world = World(plan_of(activity("Copy", schedule=HOURLY, continues_from=(at(4),))), at(4))
    world.activate()
    world.command(Command.RERUN, world.name("Copy+2h"))
    assert world.status("Copy+2h") is Status.WAITING_FOR_RUNNER


def _with(item, starts):
    return {"schedule": item.schedule, "placement": item.placement, "resource": item.resource, "continues_from": starts}
