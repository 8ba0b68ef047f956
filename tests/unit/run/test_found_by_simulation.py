"""Faults of the engine that the simulation found, each in its smallest form."""

from datetime import timedelta

from chalicelib.domain.run.effects import Placement, RunAction, TerminateResource
from chalicelib.domain.run.events import (
    Activated,
    Deactivated,
    EffectDone,
    ResourceCreated,
    ResourceReady,
    ResourceTerminated,
    StatusSet,
    TaskStarted,
    TaskStatus,
)
from chalicelib.domain.run.plan import Component, Style
from chalicelib.domain.run.state import attempt_id
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import ComponentId
from tests.unit.run.world import HOURLY, START, World, activity, guard, node, plan_of, resource

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOX = ComponentId("Box")
READY = ComponentId("Ready")


def bring_up(world: World) -> None:
    box = world.instance("Box")
    name = attempt_id(box.id, len(box.attempts))
    world.step(ResourceCreated(box.id, name, "i-1", world.now))
    world.step(ResourceReady(box.id, name, world.now))


def test_what_is_stuck_on_demand_is_never_late_and_so_leaves_live_state() -> None:
    late = activity("B", "A", late_after=Period(30, Unit.MINUTE), on_late=(ComponentId("Alarm"),))
    world = World(plan_of(activity("A"), late))
    world.activate()
    world.fail("A")
    assert world.state is not None
    assert not world.state.instances


def guarded_on_machine() -> World:
    on_box = guard("Ready", placement=Placement.RESOURCE, resource=BOX)
    world = World(
        plan_of(
            resource("Box"),
            activity("A", placement=Placement.RESOURCE, resource=BOX, preconditions=(READY,)),
            guards=(on_box,),
        )
    )
    world.activate()
    return world


def test_a_precondition_is_checked_as_soon_as_its_machine_is_up() -> None:
    world = guarded_on_machine()
    bring_up(world)
    assert world.status("Ready") is Status.WAITING_FOR_RUNNER


def test_a_machine_that_only_checks_a_precondition_is_ended_after_it() -> None:
    on_box = guard("Ready", placement=Placement.RESOURCE, resource=BOX)
    plan = plan_of(resource("Box"), node("In", preconditions=(READY,)), guards=(on_box,))
    plan.users[BOX] = (ComponentId("In"),)  # type: ignore[index]  # what compile_plan notes of a guard's machine
    world = World(plan)
    world.activate()
    bring_up(world)
    world.finish("Ready")
    assert world.status("In") is Status.FINISHED
    assert any(isinstance(effect, TerminateResource) for effect in world.sent)


def test_a_precondition_given_up_between_two_attempts_keeps_the_fault_of_the_first() -> None:
    timed = guard("Ready", tries=2, retry_delay=5 * MINUTE, precondition_timeout=Period(3, Unit.MINUTE))
    world = World(plan_of(activity("A", preconditions=(READY,)), guards=(timed,)))
    world.activate()
    world.finish("Ready", TaskStatus.FAILED)
    before = world.instance("Ready").attempts
    world.later(3 * MINUTE)
    assert world.status("Ready") is Status.FAILED
    assert world.instance("Ready").attempts == before


def test_a_task_that_nobody_takes_up_for_a_month_is_still_offered_every_hour() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY, max_active=1)))
    world.activate()
    for _ in range(24 * 31):
        world.later(timedelta(hours=1))
    assert len(world.dispatched()) > 24 * 30
    assert world.pipeline is PipelineStatus.SCHEDULED


def two_on_a_box(**changes: object) -> World:
    on_box = {"placement": Placement.RESOURCE, "resource": BOX}
    world = World(
        plan_of(
            resource("Box", **changes), activity("A", **on_box), activity("B", "A", **on_box), activity("C", **on_box)
        )
    )
    world.activate()
    bring_up(world)
    return world


def test_ending_a_machine_for_one_failed_task_takes_the_others_off_it() -> None:
    world = two_on_a_box(ends_when_task_fails=True)
    world.start("C")
    world.fail("A")
    assert world.status("Box") is Status.CANCELED
    assert world.status("C") is Status.FAILED
    assert world.instance("C").attempts[-1].error_id == "ResourceFailed"


def test_canceling_a_machine_takes_its_work_off_it() -> None:
    world = two_on_a_box()
    world.command(Command.TRY_CANCEL, world.name("Box"))
    assert world.status("A") is Status.FAILED
    assert world.state is not None
    assert not world.state.instances


def test_a_rerun_that_waits_first_numbers_its_preconditions_attempts_on() -> None:
    world = World(plan_of(activity("A"), activity("B", "A", preconditions=(READY,)), guards=(guard("Ready"),)))
    world.activate()
    for name in ("A", "Ready", "B"):
        world.finish(name)
    world.command(Command.RERUN, world.name("A"), world.name("B"))
    world.finish("A")
    assert [item.number for item in world.instance("Ready").attempts] == [1, 2]


def test_reactivation_brings_back_what_was_stuck_behind_the_canceled() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY), activity("B", "A", schedule=HOURLY)))
    world.activate()
    world.command(Command.TRY_CANCEL, world.name("A"))
    assert world.status("B") is Status.WAITING_ON_DEPENDENCIES
    world.command(Command.RERUN, world.name("A"))
    world.step(Deactivated("d", world.now))
    world.activate()
    world.finish("A")
    assert world.status("B") is Status.WAITING_FOR_RUNNER


def test_deactivation_and_reactivation_in_one_batch_run_the_canceled_again() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY)))
    world.activate()
    world.start("A")
    world.step(Deactivated("d", world.now), Activated("a", world.now, 1))
    assert world.status("A") is Status.WAITING_FOR_RUNNER
    assert len(world.instance("A").attempts) == 2


def test_a_cancel_and_a_rerun_in_one_batch_are_both_carried_out() -> None:
    world = World(plan_of(activity("A")))
    world.activate()
    names = (world.name("A"),)
    world.step(StatusSet("1", world.now, Command.TRY_CANCEL, names), StatusSet("2", world.now, Command.RERUN, names))
    assert len(world.instance("A").attempts) == 2


def test_skipping_what_deactivation_canceled_keeps_its_attempts() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY)))
    world.activate()
    world.start("A")
    world.step(Deactivated("d", world.now))
    world.later(timedelta(hours=2))
    world.activate(start=world.now)
    assert world.status("A") is Status.SKIPPED
    assert len(world.instance("A").attempts) == 1


def test_a_late_report_of_a_start_still_lets_its_timeout_pass() -> None:
    world = World(plan_of(activity("A", progress_timeout=Period(10, Unit.MINUTE))))
    world.activate()
    (task,) = world.dispatched()
    began = world.now
    world.now += 11 * MINUTE
    world.step(TaskStarted(task.attempt, task.turn, began))
    assert world.status("A") is Status.FAILED


def test_deactivation_that_waits_does_not_wait_for_an_idle_machine() -> None:
    on_box = {"placement": Placement.RESOURCE, "resource": BOX, "schedule": HOURLY}
    later = activity("Later", schedule=HOURLY, style=Style.TIMESERIES)
    world = World(
        plan_of(resource("Box", schedule=HOURLY), later, activity("A", **on_box), activity("B", "Later", **on_box))
    )
    world.activate()
    bring_up(world)
    world.start("A")
    world.step(Deactivated("d", world.now, cancel_active=False))
    assert world.pipeline is PipelineStatus.DEACTIVATING
    world.finish("A")
    assert world.pipeline is PipelineStatus.INACTIVE
    assert any(isinstance(effect, TerminateResource) for effect in world.sent)


def test_a_rerun_of_a_data_node_sounds_an_alarm_of_its_own() -> None:
    world = World(plan_of(node("In", on_success=(ComponentId("Alarm"),)), activity("A", "In")))
    world.activate()
    world.now += MINUTE
    world.command(Command.RERUN, world.name("In"))
    alarms = [effect.id for effect in world.sent if isinstance(effect, RunAction)]
    assert len(set(alarms)) == 2


def test_what_is_late_from_its_creation_on_is_woken_for_it() -> None:
    late = activity("B", "A", schedule=HOURLY, late_after=Period(5, Unit.MINUTE), on_late=(ComponentId("Alarm"),))
    world = World(plan_of(activity("A", schedule=HOURLY, tries=1), late), START + timedelta(minutes=30))
    world.activate()
    assert world.wake_at == world.now + timedelta(seconds=1)
    world.later(timedelta(seconds=1))
    assert [effect.cause for effect in world.sent if isinstance(effect, RunAction)] == ["onLateAction"]


def test_deactivation_and_activation_in_one_batch_number_preconditions_on() -> None:
    guarded = activity("A", schedule=HOURLY, max_active=1, preconditions=(READY,))
    world = World(plan_of(guarded, guards=(guard("Ready"),)))
    world.activate()
    world.finish("Ready")
    world.start("A")
    world.step(Deactivated("off", world.now), Activated("on", world.now, 1))
    assert [attempt.number for attempt in world.instance("Ready").attempts] == [1, 2]


def test_deactivation_that_waits_does_not_wait_for_a_retry_of_a_paused_component() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY, tries=2, retry_delay=MINUTE)))
    world.activate()
    world.start("A")
    world.command(Command.PAUSE, "A")
    world.step(Deactivated("off", world.now, cancel_active=False))
    assert world.pipeline is PipelineStatus.DEACTIVATING
    world.fail("A")
    assert world.pipeline is PipelineStatus.INACTIVE
    assert world.status("A") is Status.CANCELED
    world.later(MINUTE)
    world.command(Command.RESUME, "A")
    world.activate()
    assert world.status("A") is Status.WAITING_FOR_RUNNER
    assert [attempt.number for attempt in world.instance("A").attempts] == [1, 2]


def test_pausing_what_a_deactivation_waits_for_between_two_attempts_lets_it_end() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY, tries=2, retry_delay=HOUR)))
    world.activate()
    world.fail("A")
    world.step(Deactivated("off", world.now, cancel_active=False))
    assert world.pipeline is PipelineStatus.DEACTIVATING
    world.command(Command.PAUSE, "A")
    assert world.pipeline is PipelineStatus.INACTIVE


def test_a_machine_that_comes_up_after_its_attempt_is_ended() -> None:
    world = World(plan_of(resource("Box"), activity("A", placement=Placement.RESOURCE, resource=BOX)))
    world.activate()
    box = world.instance("Box")
    launched = attempt_id(box.id, 1)
    world.command(Command.TRY_CANCEL, box.id)
    world.step(ResourceTerminated(box.id, launched, world.now))
    world.sent.clear()
    world.step(ResourceReady(box.id, launched, world.now))
    assert world.sent == [TerminateResource(f"{launched}/terminate", box.id, launched, None)]


def canceled_and_stuck_behind_it(*, behind: Component) -> World:
    """A's first interval is live and its second canceled, with an instance of `behind` stuck behind that."""
    world = World(plan_of(activity("A", schedule=HOURLY), behind), START + HOUR)
    world.activate()
    world.command(Command.TRY_CANCEL, world.name("A+1h"))
    world.step(Deactivated("off", world.now))
    return world


def test_skipping_the_canceled_skips_what_was_stuck_behind_them() -> None:
    world = canceled_and_stuck_behind_it(behind=activity("B", "A", schedule=HOURLY))
    assert world.status("B+1h") is Status.WAITING_ON_DEPENDENCIES
    world.activate(start=world.now + HOUR)
    assert [world.status(name) for name in ("A", "A+1h", "B", "B+1h")] == [Status.SKIPPED] * 4


def test_what_begins_later_goes_on_when_what_it_was_stuck_behind_is_skipped() -> None:
    half = Schedule(START + HOUR + 30 * MINUTE, Period(1, Unit.HOUR))
    world = World(plan_of(activity("A", schedule=HOURLY), activity("B", "A", schedule=half)), START + HOUR)
    world.activate()
    world.command(Command.TRY_CANCEL, world.name("A+1h"))
    world.later(HOUR)
    world.finish("A+2h")
    world.step(Deactivated("off", world.now))
    world.activate(start=START + HOUR + MINUTE)
    assert world.status("A+1h") is Status.SKIPPED
    assert world.status("@B_2026-01-01T01:30:00") is Status.WAITING_FOR_RUNNER


def test_what_fails_twice_without_another_attempt_sounds_two_alarms() -> None:
    alarmed = activity("B", "A", cascade=True, on_fail=(ComponentId("Alarm"),))
    world = World(plan_of(activity("A"), alarmed))
    world.activate()
    world.finish("A")
    world.fail("B")
    for alarm in [effect for effect in world.sent if isinstance(effect, RunAction)]:
        world.step(EffectDone(alarm.id, world.now))
    world.now += MINUTE
    world.command(Command.RERUN, world.name("A"), world.name("B"))
    world.fail("A")
    assert world.status("B") is Status.CASCADE_FAILED
    assert len({effect.id for effect in world.sent if isinstance(effect, RunAction)}) == 2
