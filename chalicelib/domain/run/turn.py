"""The workbench of one `advance` call: the state being changed, and what the change leads to.

Only this module changes an instance's status, always through the transition table; the rest of the engine decides.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TypeVar

from chalicelib.domain.change import changed
from chalicelib.domain.run.agenda import Agenda
from chalicelib.domain.run.dependencies import meeting_keys
from chalicelib.domain.run.effects import CancelTask, CheckResource, Effect, RunAction, TerminateResource
from chalicelib.domain.run.events import Activated
from chalicelib.domain.run.ordered import Window
from chalicelib.domain.run.plan import guard_id
from chalicelib.domain.run.spans import noted
from chalicelib.domain.run.state import (
    Attempt,
    Claim,
    ComponentState,
    Instance,
    Outgoing,
    PipelineState,
    Stretch,
    attempt_id,
)
from chalicelib.domain.run.status import Health, PipelineStatus, Status
from chalicelib.domain.run.table import Trigger, next_status
from chalicelib.domain.run.waiting import Backlog, Taken
from chalicelib.domain.values import AttemptId, ComponentId, InstanceId, UtcTime

K = TypeVar("K")
V = TypeVar("V")

FIRST_RESEND = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=30)
"""Between two questions whether a cluster is up."""
LONGEST_RESEND = timedelta(hours=1)

_HEALTH = {
    Status.FINISHED: Health.HEALTHY,
    Status.FAILED: Health.ERROR,
    Status.TIMEDOUT: Health.ERROR,
    Status.CANCELED: Health.ERROR,
}


def _copied(mapping: Mapping[K, V]) -> dict[K, V]:
    """A dict's own copy is one move in memory, where `dict(…)` enters each item anew as soon as one was taken out."""
    return mapping.copy() if isinstance(mapping, dict) else dict(mapping)


def _takes_slot(instance: Instance) -> bool:
    return instance.owner is None and not instance.rerun


class Turn:
    """Mutable while one batch of events is folded in; `advance` alone creates and reads it out.

    touched   instances to look at again        refill   components that may create instances
    ended     history rows to write             send     effects to perform after the commit
    created   instances created in this step, by component
    changed   live instances that are not what they were        posted   effects decided or sent again
    refilled  components that were looked at for creation
    backlog   events that wait, if they were read     taken   runs that claimed events in this step
    window    ordered intervals that this step may begin
    arrivals  whether events may wait       batch_at    when a batch that is not full is run all the same
    lacking   how many events more may fill that batch; 0 when only a look can tell
    """

    def __init__(
        self, state: PipelineState, agenda: Agenda, now: UtcTime, recalled: Mapping[InstanceId, Instance]
    ) -> None:
        self.state = state
        self.agenda = agenda
        self.plan = agenda.plan
        self.component = agenda.plan.component_of
        self.now = now
        self.recalled = recalled
        self.status: PipelineStatus = state.status
        self.components: dict[ComponentId, ComponentState] = _copied(state.components)
        self.instances: dict[InstanceId, Instance] = _copied(state.instances)
        self.runs = list(state.runs)
        self.reruns = list(state.reruns)
        self.outbox: dict[str, Outgoing] = _copied(state.outbox)
        self.recent = list(state.recent)
        self.touched: dict[InstanceId, None] = {}
        self.refill: dict[ComponentId, None] = {}
        self.refilled: dict[ComponentId, None] = {}
        self.changed: dict[InstanceId, None] = {}
        self.posted: dict[str, None] = {}
        self.created: Counter[ComponentId] = Counter()
        self.ended: dict[InstanceId, Instance] = {}
        self.send: dict[str, Effect] = {}
        self.activated: Activated | None = None
        self.deactivated_at = state.deactivated_at
        self.backlog: Backlog | None = None
        self.arrivals = state.arrivals
        self.batch_at = state.batch_at
        self.lacking = state.lacking
        self.claims: list[Claim] = []
        self.taken: list[Taken] = []
        self.latest_start: UtcTime | None = None
        self.ordered: dict[ComponentId, tuple[Stretch, ...]] = dict(state.ordered)
        self.window = Window({})

    def past(self, name: InstanceId) -> Instance | None:
        """An instance that is not live: ended in this very step, or recalled from history."""
        return self.ended.get(name) or self.recalled.get(name)

    def progress(self, component: ComponentId) -> ComponentState:
        """How far the component has got."""
        return self.components.get(component) or ComponentState()

    def order(self, component: ComponentId, stretches: tuple[Stretch, ...]) -> None:
        """Keep what a backfill is still to begin of the component."""
        self.ordered.pop(component, None)
        if stretches:
            self.ordered[component] = stretches

    def keep(self, instance: Instance) -> None:
        """Keep the instance as it now is."""
        if instance.id not in self.instances and _takes_slot(instance):
            self.agenda.active[instance.component] += 1
        self.instances[instance.id] = instance
        self.changed[instance.id] = None

    def put(self, instance: Instance) -> Instance:
        """Keep the instance as it now is and look at it again."""
        self.keep(instance)
        self.touched[instance.id] = None
        return instance

    def move(
        self, instance: Instance, trigger: Trigger, *, attempts: tuple[Attempt, ...] | None = None, **changes: object
    ) -> Instance:
        """Follow the table; an ended status also closes the attempt and turns the instance into history."""
        status = next_status(instance.id, instance.status, trigger)
        if attempts is None:
            attempts = instance.attempts
        if not status.ended:
            return self.put(changed(instance, status=status, attempts=attempts, **changes))
        if attempts and not attempts[-1].status.ended:
            attempts = (*attempts[:-1], changed(attempts[-1], status=status, ended=self.now))
        over = {"ended": self.now, "hold_until": None, "waiting_on": ()}
        moved = changed(instance, status=status, attempts=attempts, **changes | over)
        self.leave(instance, moved)
        return moved

    def leave(self, before: Instance, instance: Instance) -> None:
        """Turn a live instance into history, ended or stuck, and let everything that watches it look again."""
        live = self.instances.pop(instance.id, None)
        if live is not None and _takes_slot(live):
            self.agenda.active[instance.component] -= 1
        self.changed[instance.id] = None
        self.touched.pop(instance.id, None)
        self.ended[instance.id] = instance
        self.drop_dispatches(before)
        self._note(instance)
        if instance.owner is None:
            self.refill[instance.component] = None
        self.touch_watchers(instance)

    def _note(self, instance: Instance) -> None:
        """Keep what a component remembers of an instance that leaves: exception, health, last completion."""
        progress = self.progress(instance.component)
        notes: dict[str, object] = {}
        if instance.owner is None:
            notes["exceptions"] = noted(progress.exceptions, instance.index, instance.status)
        health = _HEALTH.get(instance.status)
        if health is not None:
            notes |= {"health": health, "health_from": instance.id, "health_at": self.now}
        if instance.status is Status.FINISHED:
            notes["latest_completed"] = instance.start
        self.components[instance.component] = changed(progress, **notes)

    def touch_watchers(self, instance: Instance) -> None:
        """Everything whose next step may depend on the instance."""
        if instance.owner is not None:
            self.touched[instance.owner] = None
            self._touch_resource(instance)
            return
        for watcher in self.related(instance, self.plan.consumers.get(instance.component, ())):
            self.touched[watcher] = None
        for watcher in self.related(instance, self.plan.users.get(instance.component, ())):
            self.touched[watcher] = None
            self.touched.update(dict.fromkeys(self.live_guards(self.instances[watcher])))
        self.touched.update(dict.fromkeys(self.live_guards(instance)))
        self._touch_resource(instance)

    def _touch_resource(self, instance: Instance) -> None:
        """The machines that the instance, or what guards it, runs on."""
        component = self.component(instance)
        guards = [self.plan.guards[item, component.id] for item in component.preconditions]
        resources = [item.resource for item in (component, *guards) if item.resource is not None]
        for watcher in self.related(instance, tuple(dict.fromkeys(resources))):
            self.touched[watcher] = None

    def live_guards(self, owner: Instance) -> list[InstanceId]:
        """Live instances of every precondition that guard `owner`."""
        return [guard for item in self.component(owner).preconditions for guard in self.guards_of(item, owner)]

    def guards_of(self, precondition: ComponentId, owner: Instance) -> list[InstanceId]:
        """Live instances of a precondition that guard `owner`."""
        found = [
            guard_id(precondition, owner.component, owner.id, shared=False),
            guard_id(precondition, owner.component, owner.id, shared=True),
        ]
        return [item for item in found if item in self.instances and self.instances[item].owner == owner.id]

    def related(self, instance: Instance, others: tuple[ComponentId, ...]) -> Iterator[InstanceId]:
        """Live instances of `others` whose intervals meet the instance's."""
        mine = self.component(instance)
        for other in others:
            for _, found in meeting_keys(instance, mine, self.plan.components[other], early=True):
                if found in self.instances:
                    yield found

    def emit(self, effect: Effect) -> None:
        """Decide an effect, once: the same id again is the same effect."""
        if effect.id not in self.outbox:
            self.outbox[effect.id] = Outgoing(effect, self.now + _pause(effect, 0))
            self.send[effect.id] = effect
            self.posted[effect.id] = None

    def confirm(self, effect_id: str) -> None:
        """The effect is known to have happened, or no longer wanted."""
        self.outbox.pop(effect_id, None)
        self.send.pop(effect_id, None)

    def resend(self, effect_id: str) -> None:
        """Send an unconfirmed effect once more, later each time."""
        outgoing = self.outbox[effect_id]
        again_at = self.now + _pause(outgoing.effect, outgoing.sends)
        self.outbox[effect_id] = changed(outgoing, again_at=again_at, sends=outgoing.sends + 1)
        self.send[effect_id] = outgoing.effect
        self.posted[effect_id] = None

    def drop_dispatches(self, instance: Instance) -> None:
        """Withdraw what was not confirmed of the instance's newest attempt."""
        head = instance.head
        if head is not None:
            self.confirm(dispatch_id(instance.id, head))
            self.confirm(launch_id(instance.id, head))
            self.confirm(check_id(attempt_id(instance.id, head.number)))

    def check(self, instance: Instance) -> None:
        """Ask how the cluster of a resource's newest attempt is; the answer is an event."""
        if instance.head is not None and instance.resource_id is not None:
            attempt = attempt_id(instance.id, instance.head.number)
            self.emit(CheckResource(check_id(attempt), instance.id, attempt, instance.resource_id))

    def cancel_task(self, instance: Instance) -> None:
        """Tell the worker of a running attempt to stop; nothing when no worker can have it."""
        head = instance.head
        if head is None or head.status.ended or self.component(instance).placement is None:
            return
        attempt = attempt_id(instance.id, head.number)
        self.emit(CancelTask(f"{attempt}/{head.turn}/cancel", attempt, head.turn))

    def terminate(self, instance: Instance) -> None:
        """Ask for the end of the machine or cluster that a resource's newest attempt may have."""
        head = instance.head
        if head is None:
            return
        attempt = attempt_id(instance.id, head.number)
        self.emit(TerminateResource(f"{attempt}/terminate", instance.id, attempt, instance.resource_id))

    def run_actions(self, instance: Instance, actions: tuple[ComponentId, ...], cause: str) -> None:
        """Fire action objects for an instance; what it comes to again, with or without a new attempt, is told again."""
        for action in actions:
            decided = f"{len(instance.attempts)}/{self.now.timestamp():.3f}"
            self.emit(RunAction(f"{instance.id}/{cause}/{action}/{decided}", action, instance.id, cause))


def _pause(effect: Effect, sends: int) -> timedelta:
    """How long an effect that was sent `sends` times before is given to be confirmed."""
    if isinstance(effect, CheckResource):
        return LOOK_AGAIN
    return min(FIRST_RESEND * (1 << min(sends, 10)), LONGEST_RESEND)


def dispatch_id(instance: InstanceId, attempt: Attempt) -> str:
    """The id of the Dispatch of an attempt's present turn."""
    return f"{attempt_id(instance, attempt.number)}/{attempt.turn}"


def launch_id(instance: InstanceId, attempt: Attempt) -> str:
    """The id of the LaunchResource of a resource's attempt."""
    return f"{attempt_id(instance, attempt.number)}/launch"


def check_id(attempt: AttemptId) -> str:
    """The id of the CheckResource of a resource's attempt."""
    return f"{attempt}/check"
