"""One seed from activation to its end: the real control plane, store and queues on the simulated timeline."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from datetime import timedelta
from random import Random
from typing import Any

from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.codec import decode_event, decode_state
from chalicelib.domain.run.events import Event
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.trigger.armed import subscriptions_of
from chalicelib.domain.trigger.arrival import Arrival, event_key
from chalicelib.domain.values import PipelineId, UtcTime, WorkerGroup
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import PortError
from chalicelib.ports.events import EventRecord, Standing
from chalicelib.ports.queues import Message, Queue, Received
from chalicelib.ports.store import PipelineRecord, StoredState, WorkerTask
from chalicelib.service.access import scoped_group
from chalicelib.service.advance import Engine
from chalicelib.service.backlog import claimed_keys
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.control import publish
from chalicelib.service.intake import take
from chalicelib.service.tick import tick, wake
from tests.simulation.machines import MINUTE, Machines, NoSecrets, Topics
from tests.simulation.peril import RISKED, Killed, Peril, Perilous
from tests.simulation.scenario import Scenario
from tests.simulation.story import Story
from tests.simulation.teller import Staged, Teller
from tests.simulation.timeline import Timeline
from tests.simulation.user import User
from tests.simulation.watch import Broken, Watch, false_alarms, unfinished
from tests.simulation.workers import HAND_OUT, TASK_VISIBILITY, Workers

PIPELINE = PipelineId("df-SIM")
OWNER = "111122223333"
VISIBILITY = timedelta(minutes=6)
STEPS = 15_000
LONGEST = timedelta(days=4)
_SECOND = timedelta(seconds=1)
_UNHAPPY = (Status.FAILED, Status.TIMEDOUT, Status.CASCADE_FAILED, Status.CANCELED)


class House:
    """Everything wired. `run` goes to the end and checks it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.rng = Random(f"run {scenario.seed}")
        self.timeline = Timeline(scenario.begin)
        self.story = Story(self.timeline)
        database = open_database(":memory:")
        self.queues = SqliteQueues(database, self.timeline)
        self.store = SqliteStore(database, self.timeline)
        self.peril = Peril(self.rng, scenario.peril, self.story.tell)
        clumsy = scenario.clumsy
        self.machines = Machines(self.timeline, self.rng, clumsy, self.publish)
        self.machines.came_up = lambda group: self._poll_soon(scoped_group(OWNER, group))
        self.topics = Topics()
        self.workers = Workers(self.timeline, self.rng, clumsy, self.publish, self.story.tell)
        self.watch = Watch(self.workers.verdicts)
        newest = 1 if scenario.edited is None else 2
        self.user = User(self.timeline, self.rng, self.publish, self.watch, newest, backfills=scenario.backfills)
        self.ports = Ports(
            store=self._perilous(self.store),
            sender=self._perilous(self.queues),
            clock=self.timeline,
            ids=self.timeline,
            sealer=NoSecrets(),
            notifier=self._perilous(self.topics),
            compute=self._perilous(self.machines),
            limits=Limits(),
            staging=self._perilous(Staged()),
        )
        self.taken_in: set[str] = set()  # told of while somebody listened
        self.teller = Teller(self.timeline, Random(f"tellings {scenario.seed}"), self._tell)
        self.engines = (Engine(self.ports), Engine(self.ports))
        self._pumps: dict[Queue, UtcTime] = dict.fromkeys(Queue, scenario.begin - MINUTE)
        self._ticks: set[UtcTime] = set()
        self._writing: list[Sequence[Event]] = []
        self.steps = 0

    def _perilous(self, port: object) -> Any:
        return Perilous(port, self.peril, self._heard)

    def publish(self, key: str, event: Event) -> None:
        """A fact from outside; its sender repeats until it is stored."""
        publish(self.queues, PIPELINE, [(key, event)])
        self._pump_soon(Queue.CONTROL)

    def register(self) -> None:
        """CreatePipeline."""
        record = PipelineRecord(PIPELINE, OWNER, "somebody", "simulated", "once", "", self.timeline.now(), {})
        self.store.create_pipeline(record)

    def run(self) -> None:
        """From the first activation until nothing is under way any more. Raises Broken."""
        self.register()
        self.store.put_definition(PIPELINE, 1, from_file(self.scenario.document))
        if self.scenario.edited is not None:
            self.store.put_definition(PIPELINE, 2, from_file(self.scenario.edited))
        self.store.arm(PIPELINE, subscriptions_of(PIPELINE, from_file(self.scenario.document)))
        self.teller.plan(self.scenario.events)
        self.user.activate(1)
        self.user.plan(self.scenario.commands)
        while self.timeline.step():
            self.steps += 1
            if self.steps > STEPS or self.timeline.since > LONGEST:
                raise Broken(f"still going after {self.steps} steps and {self.timeline.since}")
        self._check_end()

    # What the ports report

    def _heard(self, call: str, values: tuple[Any, ...], answer: object) -> None:
        hear = getattr(self, f"_heard_{call}", None)
        if hear is not None:
            hear(*values)

    def _heard_save_state(self, _: PipelineId, stored: StoredState, wake_at: UtcTime | None) -> None:
        state = decode_state(stored.payload)
        with self.peril.sheltered():
            plan = blueprint_of(PIPELINE, state.definition_version, state.first_activation, self.ports).plan
        now = self.timeline.now()
        self.story.tell(f"  commit {stored.version}, wake at {wake_at}")
        self.story.changes(self.watch.committed(state, len(stored.payload), wake_at, self._writing[-1], plan, now))
        if wake_at is not None:
            self._tick_by(max(now, wake_at - MINUTE))

    def _heard_send(self, queue: Queue, messages: Sequence[Message]) -> None:
        for message in messages:
            if queue is not Queue.CONTROL:
                self.story.tell(f"  send {queue.value} {message.id}")
            self._pump_at(queue, self.timeline.now() + message.delay + self.rng.random() * _SECOND)

    def _heard_offer_task(self, task: WorkerTask) -> None:
        self.story.tell(f"  offer {task.id} to {task.worker_group}")
        self._poll_soon(task.worker_group)

    def _heard_publish(self, _topic: str, subject: str, message: str, _role: str | None) -> None:
        self.story.tell(f"  said {subject} {message}")

    def _heard_terminate(self, resource_id: str) -> None:
        self.story.tell(f"  end machine {resource_id}")

    def _heard_launch(self, request: Any) -> None:
        self.story.tell(f"  launch {request.token}")

    def _tell(self, arrivals: Sequence[Arrival]) -> bool:
        """What the arrivals handler does; whether its messages are acknowledged."""
        self.story.tell(f"told of {', '.join(arrival.fields['@key'] for arrival in arrivals)}")
        done = self._survives("intake", lambda: take(arrivals, self.ports))
        if done is not None and not done.unwanted:
            self.taken_in.update(event_key(arrival.identity) for arrival in arrivals)
        return done is not None and not self._unlucky()

    # Who is invoked when

    def _pump_soon(self, queue: Queue) -> None:
        self._pump_at(queue, self.timeline.now() + self.rng.random() * _SECOND)

    def _pump_at(self, queue: Queue, moment: UtcTime) -> None:
        """Have the queue looked at then; a look planned for the second after is soon enough."""
        if not moment <= self._pumps[queue] <= moment + _SECOND:
            self._pumps[queue] = moment
            self.timeline.at(moment, lambda: self._pump(queue))

    def _pump(self, queue: Queue) -> None:
        serve = {Queue.CONTROL: self._advance, Queue.TIMERS: self._wake, Queue.TASKS: self._work}[queue]
        if serve():
            self._pump_soon(queue)

    def _tick_by(self, moment: UtcTime) -> None:
        """The tick runs every minute; one that would find nothing is left out."""
        minute = moment.replace(second=0, microsecond=0)
        minute += MINUTE if minute < moment else timedelta(0)
        if minute not in self._ticks:
            self._ticks.add(minute)
            self.timeline.at(minute, lambda: self._tick(minute))

    def _tick(self, minute: UtcTime) -> None:
        self._ticks.discard(minute)
        found = self._survives("tick", lambda: tick(self.ports))
        if found != 0:
            self._tick_by(self.timeline.now() + _SECOND)

    def _survives(self, who: str, action: Callable[[], int | None], *, at_risk: bool = True) -> int | None:
        """Run it; None when it was killed or failed."""
        risk: AbstractContextManager[None] = self.peril.exposed(None) if at_risk else nullcontext()
        try:
            with risk:
                return action() or 0
        except (Killed, PortError) as error:
            self.story.tell(f"  {who} ends: {error}")
            return None

    def _wake(self) -> bool:
        batch = self.queues.receive(Queue.TIMERS, 10, VISIBILITY, timedelta(0))
        for message in batch:
            name, at_risk = PipelineId(message.body), message.count <= RISKED
            done = self._survives("wake", lambda name=name: wake(name, self.ports), at_risk=at_risk)
            if done is None or (at_risk and self._unlucky()):
                self._pump_at(Queue.TIMERS, self.timeline.now() + VISIBILITY)
            else:
                self.queues.delete(Queue.TIMERS, [message.receipt])
        return bool(batch)

    def _work(self) -> bool:
        found = self.workers.serve_queue(self.queues)
        if found:
            self.timeline.after(TASK_VISIBILITY, lambda: self._pump_soon(Queue.TASKS))
        return found

    def _poll_soon(self, group: WorkerGroup) -> None:
        self.timeline.after(self.rng.random() * 5 * _SECOND, lambda: self._poll(group))

    def _poll(self, group: WorkerGroup) -> None:
        name = group.partition("/")[2]
        if name not in ("red", "blue") and not self.machines.serves(name):
            return
        if self.workers.poll(group, self.store, lambda: name in ("red", "blue") or self.machines.serves(name)):
            self._poll_soon(group)
            self.timeline.after(HAND_OUT, lambda: self._poll(group))

    def _unlucky(self) -> bool:
        return self.rng.random() < self.scenario.peril

    # The engine

    def _advance(self) -> bool:
        batch = self.queues.receive(Queue.CONTROL, self.rng.choice((1, 3, 10, 10)), VISIBILITY, timedelta(0))
        if batch:
            self._process(batch, self.engines[0], self._overtake)
        return bool(batch)

    def _overtake(self) -> None:
        self.timeline.skip(VISIBILITY + _SECOND)
        batch = self.queues.receive(Queue.CONTROL, 10, VISIBILITY, timedelta(0))
        if batch:
            with self.peril.sheltered():
                self._process(batch, self.engines[1], None)

    def _process(self, batch: Sequence[Received], engine: Engine, overtake: Callable[[], None] | None) -> None:
        events = [decode_event(item.body) for item in batch]
        self.story.events(events)
        at_risk = max(item.count for item in batch) <= RISKED
        self._writing.append(events)
        try:
            with self.peril.exposed(overtake) if at_risk else nullcontext():
                engine.process(PIPELINE, events)
        except Killed:
            self._pump_at(Queue.CONTROL, self.timeline.now() + VISIBILITY)
        except PortError as error:
            self.story.tell(f"  batch fails: {error}")
            self.queues.release(Queue.CONTROL, [item.receipt for item in batch], _SECOND)
            self._pump_at(Queue.CONTROL, self.timeline.now() + 2 * _SECOND)
        else:
            self._acknowledge(batch, at_risk)
        finally:
            self._writing.pop()

    def _acknowledge(self, batch: Sequence[Received], at_risk: bool) -> None:
        if at_risk and self._unlucky():
            self.story.tell("! acknowledgement lost")
            self._pump_at(Queue.CONTROL, self.timeline.now() + VISIBILITY)
        else:
            self.queues.delete(Queue.CONTROL, [item.receipt for item in batch])

    # The end

    def _check_end(self) -> None:
        left = [f"{machine.id} of {machine.attempt} still runs" for machine in self.machines.left_running()]
        left += [
            f"{self.queues.dead(queue)} dead messages in {queue.value}" for queue in Queue if self.queues.dead(queue)
        ]
        left += false_alarms(self.watch, self.topics.said, calm=self.scenario.peril == 0)
        left += self._left_of_deleted() if self.user.deleted else self._left_undone()
        if left:
            raise Broken("; ".join(left))

    def _left_of_deleted(self) -> list[str]:
        left = ["its live state is still there"] if self.store.load_state(PIPELINE) is not None else []
        return left + [
            f"history of {name} is still there" for name in self.store.history(PIPELINE, [*self.watch.instances])
        ]

    def _left_undone(self) -> list[str]:
        state = self.watch.state
        assert state is not None
        source = blueprint_of(PIPELINE, state.definition_version, state.first_activation, self.ports)
        waits = state.status is not PipelineStatus.SCHEDULED
        return unfinished(self.watch, source.plan) + self._false_history() + self._astray(waits=waits)

    def _astray(self, *, waits: bool) -> list[str]:
        """Events that have not exactly one run: none is allowed only to those that wait for an activation."""
        claims = {(item.events, item.start) for item in self.watch.instances.values() if item.events}
        runs = Counter(key for events, _ in claims for key in claimed_keys(PIPELINE, events, self.ports))
        records = self.store.events(PIPELINE, self.teller.told)
        left = [f"event {key} has no record" for key in sorted(self.taken_in) if key not in records]
        for key, record in records.items():
            due = 0 if record.standing is Standing.PENDING and waits else 1
            if runs[key] != due or (record.standing is Standing.PENDING) != (due == 0):
                left.append(f"event {key} is {record.standing.value} and has {runs[key]} runs")
        return left + self._misplaced(records)

    def _misplaced(self, records: Mapping[str, EventRecord]) -> list[str]:
        """Events that are dead though their run came to a good end, or the other way round."""
        bad: set[str] = set()
        for item in self.watch.instances.values():
            if item.events and item.owner is None and item.status in _UNHAPPY:
                bad.update(claimed_keys(PIPELINE, item.events, self.ports))
        return [
            f"event {key} is {record.standing.value}, its run is {'bad' if key in bad else 'good'}"
            for key, record in records.items()
            if record.run and (record.standing is Standing.DEAD) != (key in bad)
        ]

    def _false_history(self) -> list[str]:
        """History must say what was committed."""
        truth = {name: item for name, item in self.watch.instances.items()}
        rows = self.store.history(PIPELINE, list(truth))
        return [
            f"history of {name} is wrong: {_difference(rows.get(name), item)}"
            for name, item in truth.items()
            if rows.get(name) != item
        ]


def _difference(row: Instance | None, truth: Instance) -> str:
    """The fields in which a history row departs from what was committed."""
    if row is None:
        return "there is none"
    pairs = [(item.name, getattr(row, item.name), getattr(truth, item.name)) for item in fields(Instance)]
    return ", ".join(f"{name} {said!r} for {true!r}" for name, said, true in pairs if said != true)
