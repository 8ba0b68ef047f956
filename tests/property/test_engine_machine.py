"""The engine under arbitrary orders of events: random definitions, honest and late workers, users, time."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.advance import advance
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.deadlines import deadlines
from chalicelib.domain.run.effects import LaunchResource, TerminateResource
from chalicelib.domain.run.events import (
    Deactivated,
    EffectDone,
    Event,
    ResourceCreated,
    ResourceFailed,
    ResourceReady,
    ResourceTerminated,
    TaskEnded,
    TaskStarted,
    TaskStatus,
)
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Command
from chalicelib.domain.values import InstanceId
from tests.simulation.scenario import BEGIN, scenario
from tests.unit.run.world import World

PLACE = st.integers(0, 1_000_000)
COMMANDS = (Command.TRY_CANCEL, Command.RERUN, Command.MARK_FINISHED)


class EngineMachine(RuleBasedStateMachine):
    """One pipeline; whoever acts next is chosen by Hypothesis."""

    world: World

    @initialize(seed=st.integers(0, 300))
    def begin(self, seed: int) -> None:
        definition = from_file(scenario(seed).document)
        now = BEGIN + timedelta(hours=3)
        self.world = World(compile_plan(definition, Limits(), now, 1), now)
        self.attempts: dict[InstanceId, Instance] = {}
        self.world.activate()

    def _step(self, *events: Event) -> None:
        self.world.step(*events)

    @precondition(lambda self: self.world.dispatched())
    @rule(place=PLACE, verdict=st.sampled_from(TaskStatus))
    def report_an_end(self, place: int, verdict: TaskStatus) -> None:
        tasks = self.world.dispatched()
        task = tasks[place % len(tasks)]
        self._step(TaskEnded(task.attempt, task.turn, self.world.now, verdict, "E", "no"))

    @precondition(lambda self: self.world.dispatched())
    @rule(place=PLACE)
    def report_a_start(self, place: int) -> None:
        tasks = self.world.dispatched()
        task = tasks[place % len(tasks)]
        self._step(TaskStarted(task.attempt, task.turn, self.world.now))

    @rule(place=PLACE, what=st.sampled_from((ResourceCreated, ResourceReady, ResourceFailed, ResourceTerminated)))
    def report_a_machine(self, place: int, what: type) -> None:
        effects = [item for item in self.world.sent if isinstance(item, LaunchResource | TerminateResource)]
        if effects:
            effect = effects[place % len(effects)]
            more = {ResourceCreated: {"resource_id": "i-1"}, ResourceFailed: {"reason": "gone"}}.get(what, {})
            self._step(what(instance=effect.instance, attempt=effect.attempt, at=self.world.now, **more))

    @rule(place=PLACE)
    def confirm(self, place: int) -> None:
        if self.world.sent:
            self._step(EffectDone(self.world.sent[place % len(self.world.sent)].id, self.world.now))

    @rule(minutes=st.integers(0, 90))
    def let_time_pass(self, minutes: int) -> None:
        self.world.later(timedelta(minutes=minutes))

    @rule(place=PLACE, command=st.sampled_from(COMMANDS))
    def command(self, place: int, command: Command) -> None:
        assert self.world.state is not None
        known = sorted(self.world.history.keys() | self.world.state.instances.keys())
        if known:
            self.world.command(command, known[place % len(known)])

    @rule(cancel=st.booleans())
    def stop_and_start(self, cancel: bool) -> None:
        self.world.commands += 1
        self._step(Deactivated(f"stop-{self.world.commands}", self.world.now, cancel))
        if cancel:
            self.world.activate()

    @invariant()
    def at_most_the_newest_attempt_is_live(self) -> None:
        assert self.world.state is not None
        for item in self.world.state.instances.values():
            assert all(attempt.status.ended for attempt in item.attempts[:-1])

    @invariant()
    def attempts_that_ended_never_change(self) -> None:
        assert self.world.state is not None
        for name, item in {**self.world.history, **self.world.state.instances}.items():
            before = self.attempts.get(name)
            for old, new in zip(before.attempts if before else (), item.attempts, strict=False):
                assert old == new or not old.status.ended
            self.attempts[name] = item

    @invariant()
    def looking_again_changes_nothing(self) -> None:
        """Unless something was late from its creation on: its time passes with the next step."""
        assert self.world.state is not None
        live = self.world.state.instances.values()
        component = self.world.plan.component_of
        if any(at <= self.world.now for item in live for at in deadlines(item, component(item))):
            return
        again = advance(self.world.state, (), self.world.now, self.world.plan)
        assert again.state.instances == self.world.state.instances
        assert not again.send


TestEngineMachine = EngineMachine.TestCase
TestEngineMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
