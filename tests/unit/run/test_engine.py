"""The engine, driven event by event."""

from datetime import timedelta

from chalicelib.domain.run.effects import CancelTask, Placement, RunAction
from chalicelib.domain.run.events import (
    Deactivated,
    Deleted,
    ResourceCreated,
    ResourceFailed,
    ResourceReady,
    ResourceTerminated,
    TaskEnded,
    TaskStatus,
)
from chalicelib.domain.run.plan import Style
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import ComponentId
from tests.unit.run.world import HOURLY, START, World, activity, guard, node, plan_of, resource

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def copy_chain(**changes: object) -> World:
    world = World(plan_of(node("In"), activity("Copy", "In", **changes), node("Out", "Copy"), activity("Next", "Out")))
    world.activate()
    return world


def test_an_on_demand_chain_runs_in_order_to_the_end() -> None:
    world = copy_chain()
    assert world.status("In") is Status.FINISHED
    assert world.status("Copy") is Status.WAITING_FOR_RUNNER
    assert world.status("Next") is Status.WAITING_ON_DEPENDENCIES
    assert world.instance("Next").waiting_on == (world.name("Out"),)
    world.start("Copy")
    assert world.status("Copy") is Status.RUNNING
    world.finish("Copy")
    assert world.status("Out") is Status.FINISHED
    assert world.status("Next") is Status.WAITING_FOR_RUNNER
    world.finish("Next")
    assert world.pipeline is PipelineStatus.FINISHED
    assert world.state is not None
    assert not world.state.instances
    assert not world.state.outbox
    assert world.wake_at is None


def test_each_activation_is_a_run_of_its_own_and_runs_wait_for_a_slot() -> None:
    world = copy_chain()
    world.activate()
    assert world.name("Copy+0") in {item.instance for item in world.dispatched()}
    assert len(world.dispatched()) == 1
    world.finish("Copy")
    world.finish("Next")
    second = world.dispatched()[-1].instance
    assert second == "@Copy_2026-01-01T00:00:01"
    world.finish(second)
    world.finish(world.dispatched()[-1].instance)
    assert world.pipeline is PipelineStatus.FINISHED


def test_a_second_delivery_of_an_activation_starts_no_second_run() -> None:
    world = World(plan_of(activity("Copy"), concurrent=5))
    world.activate()
    world.commands -= 1
    world.activate()
    assert len({item.instance for item in world.dispatched()}) == 1


def test_what_would_be_the_same_next_time_is_not_retried() -> None:
    world = copy_chain(tries=3)
    task = world.dispatched()[-1]
    reason = "s3://b/k, line 3: too few columns"
    world.step(TaskEnded(task.attempt, task.turn, world.now, TaskStatus.FAILED, "BadRecord", reason))
    assert world.status("Copy") is Status.FAILED
    assert len(world.dispatched()) == 1
    assert world.instance("Copy").attempts[-1].error_message == reason


def test_a_failed_attempt_is_retried_after_its_delay() -> None:
    world = copy_chain(tries=2, retry_delay=timedelta(minutes=10))
    world.fail("Copy")
    assert world.status("Copy") is Status.WAITING_FOR_RUNNER
    assert world.wake_at == START + timedelta(minutes=10)
    assert len(world.dispatched()) == 1
    world.later(timedelta(minutes=10))
    assert [item.attempt[-1] for item in world.dispatched()] == ["1", "2"]
    world.finish("Copy")
    copy = world.instance("Copy")
    assert [attempt.status for attempt in copy.attempts] == [Status.FAILED, Status.FINISHED]
    assert copy.attempts[0].error_message == "it broke"


def test_consumers_of_a_failure_get_stuck_and_come_back_when_it_is_rerun() -> None:
    world = copy_chain()
    world.fail("Copy")
    assert world.status("Copy") is Status.FAILED
    assert world.status("Next") is Status.WAITING_ON_DEPENDENCIES
    assert world.state is not None
    assert not world.state.instances
    assert world.pipeline is PipelineStatus.SCHEDULED
    world.command(Command.RERUN, world.name("Copy"))
    assert world.status("Copy") is Status.WAITING_FOR_RUNNER
    assert world.instance("Copy").attempts[-1].number == 2
    world.finish("Copy")
    world.finish("Next")
    assert world.pipeline is PipelineStatus.FINISHED


def test_a_failure_cascades_where_consumers_say_so() -> None:
    plan = plan_of(
        activity("Copy", cascade=True),
        node("Out", "Copy", cascade=True),
        activity("Next", "Out", cascade=True, on_fail=(ComponentId("Alarm"),)),
    )
    world = World(plan)
    world.activate()
    world.fail("Copy")
    assert world.status("Out") is Status.CASCADE_FAILED
    assert world.status("Next") is Status.CASCADE_FAILED
    assert world.instance("Next").cascade_failed_on == (world.name("Out"),)
    assert [effect.cause for effect in world.sent if isinstance(effect, RunAction)] == ["onFail"]
    world.command(Command.RERUN, world.name("Next"))
    assert world.status("Next") is Status.CASCADE_FAILED
    world.command(Command.RERUN, world.name("Copy"))
    world.finish("Copy")
    assert world.status("Next") is Status.WAITING_FOR_RUNNER


def test_marking_a_failure_finished_lets_its_consumers_go_on() -> None:
    world = copy_chain()
    world.fail("Copy")
    world.command(Command.MARK_FINISHED, world.name("Copy"))
    assert world.status("Copy") is Status.FINISHED
    assert world.status("Next") is Status.WAITING_FOR_RUNNER


def test_a_canceled_activity_tells_its_worker_and_blocks_its_consumers() -> None:
    world = copy_chain()
    world.start("Copy")
    world.command(Command.TRY_CANCEL, world.name("Copy"))
    assert world.status("Copy") is Status.CANCELED
    assert [type(effect) for effect in world.sent if not hasattr(effect, "placement")] == [CancelTask]
    world.finish("Copy")
    assert world.status("Copy") is Status.CANCELED


def test_cron_is_due_at_the_start_and_timeseries_at_the_end() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY), activity("B", schedule=HOURLY, style=Style.TIMESERIES)))
    world.activate()
    assert [item.instance for item in world.dispatched()] == ["@A_2026-01-01T00:00:00"]
    assert world.wake_at == START + timedelta(minutes=2)
    world.start("A")
    world.later(HOUR)
    assert {item.instance for item in world.dispatched()} == {
        "@A_2026-01-01T00:00:00",
        "@A_2026-01-01T01:00:00",
        "@B_2026-01-01T00:00:00",
    }


def test_a_backfill_creates_instances_as_slots_free_up() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY, max_active=2)), START + 100 * HOUR)
    world.activate()
    for hour in range(50):
        assert world.state is not None
        assert len(world.state.instances) == 2
        world.finish(f"A+{hour}h")
    assert len(world.dispatched()) == 52


def test_a_daily_activity_waits_for_every_hourly_data_node() -> None:
    day = Schedule(START, Period(1, Unit.DAY), occurrences=1)
    world = World(
        plan_of(
            activity("Hourly", schedule=HOURLY, max_active=50),
            node("Files", "Hourly", schedule=HOURLY, max_active=50),
            activity("Daily", "Files", schedule=day),
        ),
        START + 24 * HOUR,
    )
    world.activate()
    for hour in range(24):
        assert world.status("Daily") is Status.WAITING_ON_DEPENDENCIES
        world.finish(f"Hourly+{hour}h")
    assert world.status("Daily") is Status.WAITING_FOR_RUNNER


def test_a_precondition_is_checked_again_until_it_is_met() -> None:
    world = World(
        plan_of(node("In", preconditions=(ComponentId("Ready"),)), guards=(guard("Ready", retry_delay=MINUTE),))
    )
    world.activate()
    world.finish("Ready", TaskStatus.FALSE)
    assert world.status("Ready") is Status.RUNNING
    assert world.status("In") is Status.WAITING_ON_DEPENDENCIES
    world.later(MINUTE)
    assert [task.turn for task in world.dispatched()] == [1, 2]
    world.finish("Ready")
    assert world.status("In") is Status.FINISHED
    assert dict(world.instance("Ready").attempts[-1].fields)["currentRetryCount"] == "1"


def test_a_precondition_that_times_out_fails_what_it_guards() -> None:
    timed = guard("Ready", retry_delay=MINUTE, precondition_timeout=Period(3, Unit.MINUTE))
    world = World(plan_of(activity("A", preconditions=(ComponentId("Ready"),)), guards=(timed,)))
    world.activate()
    for _ in range(3):
        world.finish("Ready", TaskStatus.FALSE)
        world.later(MINUTE)
    assert world.status("Ready") is Status.FAILED
    assert world.status("A") is Status.FAILED


def test_a_stalled_attempt_is_given_up_and_retried() -> None:
    world = copy_chain(tries=2)
    world.start("Copy")
    world.later(timedelta(minutes=15))
    assert world.instance("Copy").attempts[0].error_id == "ProgressTimeout"
    assert len(world.instance("Copy").attempts) == 2


def test_lateness_fires_once_and_can_terminate() -> None:
    world = World(
        plan_of(
            activity("A", schedule=HOURLY, max_active=1),
            activity(
                "B",
                "A",
                schedule=HOURLY,
                max_active=1,
                late_after=Period(5, Unit.MINUTE),
                on_late=(ComponentId("Alarm"),),
                terminates_when_late=True,
            ),
        )
    )
    world.activate()
    world.start("A")
    world.later(timedelta(minutes=5))
    assert world.status("B") is Status.CANCELED
    assert [effect.cause for effect in world.sent if isinstance(effect, RunAction)] == ["onLateAction"]


def on_machine(**changes: object) -> World:
    world = World(
        plan_of(
            resource("Box", **changes),
            activity("A", placement=Placement.RESOURCE, resource=ComponentId("Box"), tries=2),
            activity("B", "A", placement=Placement.RESOURCE, resource=ComponentId("Box")),
        )
    )
    world.activate()
    return world


def launches(world: World) -> list[str]:
    return [f"{type(effect).__name__}" for effect in world.sent if "Resource" in type(effect).__name__]


def bring_up(world: World) -> None:
    box = world.instance("Box")
    assert box.head is not None
    attempt = f"{box.id}_Attempt={box.head.number}"
    world.step(ResourceCreated(box.id, attempt, "i-1", world.now))  # type: ignore[arg-type]
    world.step(ResourceReady(box.id, attempt, world.now))  # type: ignore[arg-type]


def test_a_machine_starts_when_needed_serves_all_and_is_ended() -> None:
    world = on_machine()
    assert launches(world) == ["LaunchResource"]
    assert world.status("Box") is Status.CREATING
    bring_up(world)
    assert world.status("Box") is Status.RUNNING
    assert world.dispatched()[-1].worker_group == "df-1:@Box_2026-01-01T00:00:00:1"
    world.finish("A")
    world.finish("B")
    assert world.status("Box") is Status.SHUTTING_DOWN
    assert launches(world) == ["LaunchResource", "TerminateResource"]
    world.step(ResourceTerminated(world.name("Box"), f"{world.name('Box')}_Attempt=1", world.now))  # type: ignore[arg-type]
    assert world.status("Box") is Status.FINISHED
    assert world.pipeline is PipelineStatus.FINISHED


def test_a_machine_that_fails_is_replaced_and_its_work_tried_again() -> None:
    world = on_machine(tries=2)
    bring_up(world)
    world.start("A")
    box = world.name("Box")
    world.step(ResourceFailed(box, f"{box}_Attempt=1", world.now, "gone"))  # type: ignore[arg-type]
    assert launches(world) == ["LaunchResource", "TerminateResource", "LaunchResource"]
    bring_up(world)
    assert world.dispatched()[-1].worker_group == f"df-1:{box}:2"
    assert world.dispatched()[-1].attempt == f"{world.name('A')}_Attempt=2"


def test_terminate_after_times_the_machine_out() -> None:
    world = on_machine(terminate_after=Period(2, Unit.HOUR))
    bring_up(world)
    world.later(timedelta(minutes=40))
    bring_up_again(world)
    world.now = START + timedelta(hours=2)
    world.later(timedelta(0))
    assert world.status("Box") is Status.TIMEDOUT
    assert launches(world)[-1] == "TerminateResource"


def bring_up_again(world: World) -> None:
    box = world.name("Box")
    for _ in range(3):
        world.step(ResourceReady(box, f"{box}_Attempt=1", world.now))  # type: ignore[arg-type]
        world.later(timedelta(minutes=20))


def test_deactivation_cancels_and_reactivation_runs_that_again() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY)))
    world.activate()
    world.step(Deactivated("d", world.now))
    assert world.status("A") is Status.CANCELED
    assert world.pipeline is PipelineStatus.INACTIVE
    world.later(3 * HOUR)
    world.activate()
    assert world.status("A") is Status.WAITING_FOR_RUNNER
    assert len({task.instance for task in world.dispatched()}) == 4


def test_deactivation_can_wait_for_what_runs() -> None:
    world = copy_chain()
    world.start("Copy")
    world.step(Deactivated("d", world.now, cancel_active=False))
    assert world.pipeline is PipelineStatus.DEACTIVATING
    world.finish("Copy")
    world.finish("Next")
    assert world.pipeline is PipelineStatus.INACTIVE


def test_reactivation_at_a_later_time_skips_what_lies_between() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY, max_active=50)))
    world.activate()
    world.finish("A")
    world.step(Deactivated("d", world.now))
    world.later(10 * HOUR)
    world.activate(start=START + 8 * HOUR)
    assert world.status("A+3h") is Status.SKIPPED
    assert {task.instance[-8:] for task in world.dispatched()} == {"00:00:00", "08:00:00", "09:00:00", "10:00:00"}


def test_a_paused_component_starts_nothing_until_it_resumes() -> None:
    world = World(plan_of(activity("A", schedule=HOURLY)))
    world.activate()
    world.command(Command.PAUSE, "A")
    world.finish("A")
    world.later(2 * HOUR)
    assert len(world.dispatched()) == 1
    world.command(Command.RESUME, "A")
    assert len(world.dispatched()) == 3


def test_deletion_cancels_everything() -> None:
    world = on_machine()
    bring_up(world)
    world.step(Deleted("x", world.now))
    assert world.status("A") is Status.CANCELED
    assert launches(world)[-1] == "TerminateResource"
    assert world.pipeline is PipelineStatus.DELETING


def test_a_scheduled_pipeline_finishes_after_its_last_interval() -> None:
    world = World(plan_of(activity("A", schedule=Schedule(START, Period(1, Unit.HOUR), occurrences=2))))
    world.activate()
    world.finish("A")
    assert world.pipeline is PipelineStatus.SCHEDULED
    world.later(HOUR)
    world.finish("A+1h")
    assert world.pipeline is PipelineStatus.FINISHED


def test_an_effect_nobody_confirmed_is_sent_again_with_its_id() -> None:
    world = copy_chain()
    world.later(timedelta(minutes=2))
    assert [task.id for task in world.dispatched()] == [f"{world.name('Copy')}_Attempt=1/1"] * 2
