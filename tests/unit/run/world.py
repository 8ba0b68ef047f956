"""A pipeline to drive by hand: plans built from a few words, and a state that events are folded into."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.run.advance import Advanced, advance, begin
from chalicelib.domain.run.agenda import Agenda
from chalicelib.domain.run.codec import decode_state, encode_state
from chalicelib.domain.run.effects import Dispatch, Effect, Placement
from chalicelib.domain.run.events import Activated, Event, StatusSet, TaskEnded, TaskStarted, TaskStatus, Woke
from chalicelib.domain.run.plan import Component, Kind, Plan, Style
from chalicelib.domain.run.recall import wanted
from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.run.status import Command, PipelineStatus, Status
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import ComponentId, InstanceId, PipelineId

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURLY = Schedule(START, Period(1, Unit.HOUR))
DAILY = Schedule(START, Period(1, Unit.DAY))


def activity(name: str, *needs: str, **changes: object) -> Component:
    """A serverless activity."""
    return component(name, Kind.ACTIVITY, *needs, **{"placement": Placement.SERVERLESS, **changes})


def node(name: str, *needs: str, **changes: object) -> Component:
    """A data node; `needs` are its producers."""
    return component(name, Kind.DATANODE, *needs, **changes)


def resource(name: str, **changes: object) -> Component:
    """A machine."""
    return component(name, Kind.RESOURCE, **changes)


def guard(name: str, **changes: object) -> Component:
    """A precondition."""
    return component(name, Kind.PRECONDITION, **{"placement": Placement.SERVERLESS, **changes})


def component(name: str, kind: Kind, *needs: str, **changes: object) -> Component:
    """Any component, on-demand unless `schedule` is among the changes."""
    made = Component(id=ComponentId(name), kind=kind, needs=tuple(ComponentId(need) for need in needs), tries=1)
    if "schedule" in changes:
        key = str(changes["schedule"])
        made = replace(made, style=Style.CRON, schedule_key=key)
    return replace(made, **changes)  # type: ignore[arg-type]


def plan_of(*components: Component, guards: tuple[Component, ...] = (), version: int = 1, concurrent: int = 1) -> Plan:
    """A plan with the reverse relations worked out."""
    consumers: dict[ComponentId, list[ComponentId]] = defaultdict(list)
    users: dict[ComponentId, list[ComponentId]] = defaultdict(list)
    guarded: dict[tuple[ComponentId, ComponentId], Component] = {}
    count: dict[ComponentId, int] = defaultdict(int)
    for item in components:
        for need in item.needs:
            consumers[need].append(item.id)
        if item.resource:
            users[item.resource].append(item.id)
        for precondition in item.preconditions:
            made = next(found for found in guards if found.id == precondition)
            guarded[precondition, item.id] = replace(
                made, style=item.style, schedule=item.schedule, schedule_key=item.schedule_key
            )
            count[precondition] += 1
    return Plan(
        version=version,
        components={item.id: item for item in components},
        guards=guarded,
        consumers={name: tuple(found) for name, found in consumers.items()},
        users={name: tuple(found) for name, found in users.items()},
        shared=frozenset(name for name, times in count.items() if times > 1),
        on_demand=all(item.schedule is None for item in components),
        concurrent=concurrent,
    )


class World:
    """One pipeline's state, its history and its clock; every step checks what must always hold."""

    def __init__(self, plan: Plan, now: datetime = START) -> None:
        self.plan = plan
        self.now = now
        self.history: dict[InstanceId, Instance] = {}
        self.sent: list[Effect] = []
        self.state: PipelineState | None = None
        self.wake_at: datetime | None = None
        self.commands = 0
        self.agenda: Agenda | None = None

    def activate(self, start: datetime | None = None) -> Advanced:
        """ActivatePipeline."""
        self.commands += 1
        event = Activated(f"activate-{self.commands}", self.now, self.plan.version, start)
        if self.state is None:
            self.state = begin(PipelineId("df-1"), event)
        return self.step(event)

    def step(self, *events: Event) -> Advanced:
        """Fold events in, keep history, and check the invariants."""
        assert self.state is not None
        known: dict[InstanceId, Instance] = {}
        while missing := wanted(self.state, events, self.plan, known):
            found = {name: self.history[name] for name in missing if name in self.history}
            if not found:
                break
            known.update(found)
        result = advance(self.state, events, self.now, self.plan, known, agenda=self.agenda)
        assert result == advance(self.state, events, self.now, self.plan, known), "an agenda changes no result"
        self.state, self.agenda = result.state, result.agenda
        self.history.update({item.id: item for item in result.ended})
        self.sent.extend(result.send)
        self.wake_at = result.wake_at
        self._check(result)
        return result

    def _check(self, result: Advanced) -> None:
        assert decode_state(encode_state(result.state)) == result.state
        assert all(not item.status.ended for item in result.state.instances.values())
        assert result.wake_at is None or result.wake_at > self.now

    def command(self, command: Command, *names: str) -> Advanced:
        """SetStatus."""
        self.commands += 1
        return self.step(StatusSet(f"set-{self.commands}", self.now, command, names))

    def later(self, length: timedelta) -> Advanced:
        """Let time pass, then wake."""
        self.now += length
        return self.step(Woke(self.now))

    def dispatched(self) -> list[Dispatch]:
        """Every dispatch sent so far, in order."""
        return [effect for effect in self.sent if isinstance(effect, Dispatch)]

    def start(self, name: str) -> Advanced:
        """The worker of the newest attempt of an instance reports its start."""
        task = self._task(name)
        return self.step(TaskStarted(task.attempt, task.turn, self.now))

    def finish(self, name: str, status: TaskStatus = TaskStatus.FINISHED) -> Advanced:
        """The worker of the newest attempt of an instance gives its verdict."""
        task = self._task(name)
        return self.step(
            TaskEnded(task.attempt, task.turn, self.now, status, error_id="Boom", error_message="it broke")
        )

    def fail(self, name: str) -> Advanced:
        """The worker reports FAILED."""
        return self.finish(name, TaskStatus.FAILED)

    def _task(self, name: str) -> Dispatch:
        full = self.name(name)
        return [task for task in self.dispatched() if task.instance == full][-1]

    def name(self, short: str) -> InstanceId:
        """`Copy` for the only interval at START, `Copy+2h` for later ones, or a full id."""
        if short.startswith("@"):
            return InstanceId(short)
        base, _, hours = short.partition("+")
        moment = START + timedelta(hours=int(hours.rstrip("h") or 0))
        return InstanceId(f"@{base}_{moment:%Y-%m-%dT%H:%M:%S}")

    def instance(self, short: str) -> Instance:
        """A live or past instance."""
        assert self.state is not None
        name = self.name(short)
        return self.state.instances.get(name) or self.history[name]

    def status(self, short: str) -> Status:
        """Its status."""
        return self.instance(short).status

    @property
    def pipeline(self) -> PipelineStatus:
        """The pipeline's own."""
        assert self.state is not None
        return self.state.status
