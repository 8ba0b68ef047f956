"""The workbench of one `advance` call: the state being changed, and what the change leads to.

Only this module changes an instance's status, always through the transition table; the rest of the engine decides.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.run.dependencies import meeting_keys
from chalicelib.domain.run.effects import CancelTask, Effect, RunAction, TerminateResource
from chalicelib.domain.run.events import Activated
from chalicelib.domain.run.plan import Component, Plan
from chalicelib.domain.run.spans import noted
from chalicelib.domain.run.state import (
    Attempt,
    ComponentState,
    Instance,
    Outgoing,
    PipelineState,
    attempt_id,
)
from chalicelib.domain.run.status import Health, PipelineStatus, Status
from chalicelib.domain.run.table import Trigger, next_status
from chalicelib.domain.values import ComponentId, InstanceId, UtcTime

FIRST_RESEND = timedelta(minutes=2)
LONGEST_RESEND = timedelta(hours=1)

_HEALTH = {
    Status.FINISHED: Health.HEALTHY,
    Status.FAILED: Health.ERROR,
    Status.TIMEDOUT: Health.ERROR,
    Status.CANCELED: Health.ERROR,
}


class Turn:
    """Mutable while one batch of events is folded in; `advance` alone creates and reads it out.

    touched   instances to look at again        refill   components that may create instances
    ended     history rows to write             send     effects to perform after the commit
    created   instances created in this step, by component
    """

    def __init__(self, state: PipelineState, plan: Plan, now: UtcTime, recalled: Mapping[InstanceId, Instance]) -> None:
        self.state = state
        self.plan = plan
        self.now = now
        self.recalled = recalled
        self.status: PipelineStatus = state.status
        self.components: dict[ComponentId, ComponentState] = dict(state.components)
        self.instances: dict[InstanceId, Instance] = dict(state.instances)
        self.runs = list(state.runs)
        self.outbox: dict[str, Outgoing] = dict(state.outbox)
        self.recent = list(state.recent)
        self.touched: dict[InstanceId, None] = {}
        self.refill: dict[ComponentId, None] = {}
        self.created: Counter[ComponentId] = Counter()
        self.ended: dict[InstanceId, Instance] = {}
        self.send: dict[str, Effect] = {}
        self.activated: Activated | None = None
        self.deactivated_at = state.deactivated_at

    def component(self, instance: Instance) -> Component:
        """The plan's component of an instance; a precondition's depends on whom it guards."""
        if instance.owner is None:
            return self.plan.components[instance.component]
        return self.plan.guards[instance.component, owner_component(instance.owner)]

    def progress(self, component: ComponentId) -> ComponentState:
        """How far the component has got."""
        return self.components.get(component) or ComponentState()

    def put(self, instance: Instance) -> Instance:
        """Keep the instance as it now is and look at it again."""
        self.instances[instance.id] = instance
        self.touched[instance.id] = None
        return instance

    def move(self, instance: Instance, trigger: Trigger, **changes: object) -> Instance:
        """Follow the table; an ended status also closes the attempt and turns the instance into history."""
        status = next_status(instance.id, instance.status, trigger)
        moved = replace(instance, status=status, **changes)  # type: ignore[arg-type]  # field names are checked at run time
        if not status.ended:
            return self.put(moved)
        return self._retire(instance, replace(moved, ended=self.now, hold_until=None, waiting_on=()))

    def _retire(self, before: Instance, instance: Instance) -> Instance:
        head = instance.head
        if head is not None and not head.status.ended:
            closed = replace(head, status=instance.status, ended=self.now)
            instance = replace(instance, attempts=(*instance.attempts[:-1], closed))
        self.leave(before, instance)
        self._note_health(instance)
        return instance

    def leave(self, before: Instance, instance: Instance) -> None:
        """Turn a live instance into history, ended or stuck, and let everything that watches it look again."""
        self.instances.pop(instance.id, None)
        self.touched.pop(instance.id, None)
        self.ended[instance.id] = instance
        self.drop_dispatches(before)
        if instance.owner is None:
            progress = self.progress(instance.component)
            spans = noted(progress.exceptions, instance.index, instance.status)
            self.components[instance.component] = replace(progress, exceptions=spans)
            self.refill[instance.component] = None
        self.touch_watchers(instance)

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
            InstanceId(f"@{precondition}_{owner.id[-19:]}"),
            InstanceId(f"@{precondition}@{owner.component}_{owner.id[-19:]}"),
        ]
        return [item for item in found if item in self.instances and self.instances[item].owner == owner.id]

    def related(self, instance: Instance, others: tuple[ComponentId, ...]) -> Iterator[InstanceId]:
        """Live instances of `others` whose intervals meet the instance's."""
        mine = self.component(instance)
        for other in others:
            for _, found in meeting_keys(instance, mine, self.plan.components[other]):
                if found in self.instances:
                    yield found

    def _note_health(self, instance: Instance) -> None:
        health = _HEALTH.get(instance.status)
        progress = self.progress(instance.component)
        if health is not None:
            progress = replace(progress, health=health, health_from=instance.id, health_at=self.now)
        if instance.status is Status.FINISHED:
            progress = replace(progress, latest_completed=instance.start)
        self.components[instance.component] = progress

    def emit(self, effect: Effect) -> None:
        """Decide an effect, once: the same id again is the same effect."""
        if effect.id not in self.outbox:
            self.outbox[effect.id] = Outgoing(effect, self.now + FIRST_RESEND)
            self.send[effect.id] = effect

    def confirm(self, effect_id: str) -> None:
        """The effect is known to have happened, or no longer wanted."""
        self.outbox.pop(effect_id, None)
        self.send.pop(effect_id, None)

    def resend(self, effect_id: str) -> None:
        """Send an unconfirmed effect once more, later each time."""
        outgoing = self.outbox[effect_id]
        pause = min(FIRST_RESEND * 2 ** min(outgoing.sends, 10), LONGEST_RESEND)
        self.outbox[effect_id] = replace(outgoing, again_at=self.now + pause, sends=outgoing.sends + 1)
        self.send[effect_id] = outgoing.effect

    def drop_dispatches(self, instance: Instance) -> None:
        """Withdraw what was not confirmed of the instance's newest attempt."""
        head = instance.head
        if head is not None:
            self.confirm(dispatch_id(instance.id, head))
            self.confirm(launch_id(instance.id, head))

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
        """Fire action objects for an instance; a rerun's have ids of their own."""
        for action in actions:
            number = len(instance.attempts)
            self.emit(RunAction(f"{instance.id}/{cause}/{action}/{number}", action, instance.id, cause))


def owner_component(owner: InstanceId) -> ComponentId:
    """The component part of an instance id of an activity, data node or resource."""
    return ComponentId(owner[1:-20])


def dispatch_id(instance: InstanceId, attempt: Attempt) -> str:
    """The id of the Dispatch of an attempt's present turn."""
    return f"{attempt_id(instance, attempt.number)}/{attempt.turn}"


def launch_id(instance: InstanceId, attempt: Attempt) -> str:
    """The id of the LaunchResource of a resource's attempt."""
    return f"{attempt_id(instance, attempt.number)}/launch"
