"""However the intervals of a pipeline are split between source and target, each is run exactly once.

Both sides are the engine itself: what the migration is told of the source is what its instances show.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.effects import LaunchResource, TerminateResource
from chalicelib.domain.run.events import (
    Deactivated,
    ResourceCreated,
    ResourceReady,
    ResourceTerminated,
    TaskEnded,
    TaskStarted,
    TaskStatus,
    Woke,
)
from chalicelib.domain.run.plan import Kind, Plan
from chalicelib.domain.run.state import Instance, attempt_id
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.values import InstanceId, UtcTime, render_time
from penstock_migrate.continuation import continuation_of, continued
from penstock_migrate.observe import Seen, observed
from penstock_migrate.progress import Stop, progress_of, standing_of
from tests.unit.run.world import START, World

PERIODS = ("1 hour", "2 hours", "6 hours", "1 day")
MONTHLY = "1 month"
BEGUN = START + timedelta(hours=2, microseconds=7)


class Side(World):
    """An account: machines come and go by themselves, work waits for its verdict."""

    def __init__(self, plan: Plan, now: UtcTime) -> None:
        super().__init__(plan, now)
        self.ended: set[tuple[InstanceId, str]] = set()
        self.runs: Counter[InstanceId] = Counter()
        self.turns = self.heard = 0

    def settle(self) -> None:
        """Let machines do what they were told."""
        while self.heard < len(self.sent):
            effect = self.sent[self.heard]
            self.heard += 1
            if isinstance(effect, LaunchResource) and (effect.id, "up") not in self.ended:
                self.ended.add((effect.id, "up"))
                self.step(ResourceCreated(effect.instance, effect.attempt, "i-1", self.now))
                self.step(ResourceReady(effect.instance, effect.attempt, self.now))
            elif isinstance(effect, TerminateResource) and (effect.id, "down") not in self.ended:
                self.ended.add((effect.id, "down"))
                self.step(ResourceTerminated(effect.instance, effect.attempt, self.now))

    def waiting(self) -> list[TaskStarted]:
        """Tasks without a verdict, as if they began now."""
        return [
            TaskStarted(attempt_id(item.id, item.head.number), item.head.turn, self.now)
            for item in self.state.instances.values()
            if item.head is not None and not item.head.status.ended and self.plan.component_of(item).placement
        ]

    def judge(self, task: TaskStarted, verdict: TaskStatus) -> None:
        """A worker begins and ends."""
        name = InstanceId(task.attempt.rpartition("_Attempt=")[0])
        self.runs[name] += verdict is TaskStatus.FINISHED
        assert self.runs[name] < 5, name
        self.step(task)
        self.step(TaskEnded(task.attempt, task.turn, self.now, verdict, "E", "no"))
        self.settle()

    def finish_all(self) -> None:
        """Let all work that waits succeed, and what follows from it."""
        self.settle()
        while tasks := self.waiting():
            self.judge(tasks[0], TaskStatus.FINISHED)

    def pass_time(self, until: UtcTime) -> None:
        """Machines that are up say so; then it is `until`."""
        self.turns += 1
        assert self.turns < 1500, "time alone brings no end"
        self.now = until
        up = [item for item in self.state.instances.values() if item.resource_id and item.status is Status.RUNNING]
        beats = [ResourceReady(item.id, attempt_id(item.id, item.head.number), self.now) for item in up]
        self.step(*beats, Woke(self.now))
        self.settle()

    def all(self) -> Mapping[InstanceId, Instance]:
        """Every instance there ever was."""
        return {**self.history, **self.state.instances}


@st.composite
def documents(draw) -> Mapping[str, object]:
    """Pipelines of activities, data nodes and a machine on one or two schedules."""
    periods = draw(st.lists(st.sampled_from((*PERIODS, MONTHLY)), min_size=1, max_size=2))
    start = draw(st.sampled_from((START, START + timedelta(days=30), START + timedelta(minutes=20))))
    ends = ({"occurrences": "6"}, {"endDateTime": render_time(START + timedelta(hours=18))})
    end = ends[0] if start > BEGUN else draw(st.sampled_from(ends))
    schedules = [
        {
            "id": f"S{number}",
            "type": "Schedule",
            "period": period,
            **(
                {"startAt": "FIRST_ACTIVATION_DATE_TIME"}
                if draw(st.booleans())
                else {"startDateTime": render_time(start)}
            ),
            **({"occurrences": "4"} if period == MONTHLY else end),
        }
        for number, period in enumerate(periods)
    ]
    names = [item["id"] for item in schedules]
    styles = st.sampled_from(("cron", "timeseries"))
    default = {
        "id": "Default",
        "schedule": {"ref": "S0"},
        "scheduleType": draw(styles),
        "failureAndRerunMode": draw(st.sampled_from(("none", "cascade"))),
        "maximumRetries": "0",
        "role": "r",
        "resourceRole": "r",
    }
    home = draw(st.sampled_from(schedules))
    machine = {"id": "Box", "type": "Ec2Resource", "schedule": {"ref": home["id"]}}
    covers = "startDateTime" in home and "endDateTime" in end
    objects: list[dict[str, object]] = [default, machine, *schedules]
    activities: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        own = {"schedule": {"ref": draw(st.sampled_from(names))}, "scheduleType": draw(styles)}
        node = {"id": f"In{number}", "type": "S3DataNode", "directoryPath": f"s3://b/{number}", **own}
        made = {"id": f"A{number}", "type": "ShellCommandActivity", "command": "x", **own}
        boxed = draw(st.booleans()) and MONTHLY not in periods and (covers or own["schedule"] == machine["schedule"])
        made |= {"runsOn": {"ref": "Box"}} if boxed else {"workerGroup": "g"}
        made |= {"dependsOn": {"ref": draw(st.sampled_from(activities))}} if activities and draw(st.booleans()) else {}
        made |= {"input": {"ref": node["id"]}} if draw(st.booleans()) else {"output": {"ref": node["id"]}}
        objects += [node, made]
        activities.append(f"A{number}")
    return {"objects": objects}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("time", "time", "finish", "finish", "finish", "fail", "cancel", "skip")), st.integers(0, 99)
    ),
    max_size=30,
)


def live_through(side: Side, steps: list[tuple[str, int]]) -> None:
    """What happens to a pipeline before somebody moves it."""
    side.settle()
    for what, number in steps:
        tasks = side.waiting()
        if what == "time":
            side.pass_time(side.now + timedelta(minutes=20 * (number + 1)))
        elif what == "skip" and number < 5:
            side.pass_time(side.now + timedelta(days=number * 9))
        elif what == "cancel" and side.state.instances and number < 30:
            names = sorted(side.state.instances)
            side.command(Command.TRY_CANCEL, names[number % len(names)])
        elif tasks and what in ("finish", "fail"):
            side.judge(tasks[number % len(tasks)], TaskStatus.FINISHED if what == "finish" else TaskStatus.FAILED)
        side.settle()


def stopped(side: Side, *, cancel: bool, late: int) -> Stop:
    """Deactivate, wait for what runs (some of it ends well, some does not), and see what was alive."""
    side.now += timedelta(seconds=1)
    alive = frozenset(side.state.instances)
    side.step(Deactivated("stop", side.now, cancel))
    side.settle()
    while side.state.status not in (PipelineStatus.INACTIVE, PipelineStatus.FINISHED):
        tasks = side.waiting()
        if not tasks:
            side.pass_time(side.now + timedelta(minutes=1))
            continue
        side.judge(tasks[0], TaskStatus.FAILED if late % 7 == 3 else TaskStatus.FINISHED)
        late += 1
    return Stop(side.now.replace(microsecond=0), alive)


def seen_of(side: Side) -> list[Seen]:
    return [
        Seen(item.id, item.component, item.start, item.status.value, item.ended, tuple(item.waiting_on))
        for item in side.all().values()
        if item.status not in (Status.FINISHED, Status.SKIPPED) and item.owner is None
    ]


def run_out(side: Side) -> None:
    """Let everything that is still to come happen, and succeed."""
    side.finish_all()
    while side.wake_at is not None and side.state.status is not PipelineStatus.FINISHED:
        side.pass_time(max(side.now, side.wake_at))
        side.finish_all()


@settings(max_examples=50, deadline=None, phases=[Phase.reuse, Phase.generate])  # shrinking one takes minutes
@given(documents(), STEPS, st.booleans(), st.integers(0, 9), st.integers(0, 400), st.booleans())
def test_every_interval_runs_exactly_once(document, steps, cancel, late, gap, rerun):
    definition: Definition = from_file(document)
    begun = BEGUN
    source = Side(compile_plan(definition, Limits(), begun.replace(microsecond=0), 1), begun)
    source.activate()
    live_through(source, steps)
    stop = stopped(source, cancel=cancel, late=late)
    observation = observed(list(source.all()), seen_of(source))
    progress = progress_of(source.plan, observation, stop)
    assert not standing_of(source.plan, observation, stop).running
    continuation = continuation_of(source.plan, progress, rerun=rerun)
    event("over" if continuation.over else "each for itself" if continuation.components else "one start for all")
    now = source.now + timedelta(minutes=gap)
    moved = continued(definition, continuation, source.state.first_activation)
    target = Side(compile_plan(moved, Limits(), now, 1), now)
    if not continuation.over:
        target.activate(continuation.start)
        run_out(target)
    for component in source.plan.components.values():
        if component.kind is Kind.ACTIVITY:
            _once(component, source, target, progress[component.id].failed, rerun=rerun)


def _once(component, source: Side, target: Side, failed: tuple[int, ...], *, rerun: bool) -> None:
    index = 0
    while component.schedule.has(index):
        name = InstanceId(f"@{component.id}_{render_time(component.schedule.interval(index).start)}")
        runs = source.runs[name] + target.runs[name]
        assert runs == (0 if index in failed and not rerun else 1), (name, source.runs[name], target.runs[name])
        index += 1
