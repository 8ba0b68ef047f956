"""What must hold whatever goes wrong, checked at every commit, from what was committed alone.

Rules
 1. Attempts are only added; one that ended never changes again; only the newest of an instance may be live.
 2. A status never goes backwards: except by a retry, by losing its machine, by a user's command, or because a backfill
    ordered it; what came back with what was ordered went backwards for it.
 3. Work begins only when everything it needs has ended FINISHED or SKIPPED, and its preconditions FINISHED. What no
    schedule had and nobody ordered is not needed: intervals from before the start, run by a backfill of other objects.
 4. No more instances are live than maxActiveInstances allows, reruns apart.
 5. Whatever waits for a time is woken by then.
 6. A machine is asked to end only when nothing live was dispatched to it; nothing is dispatched to one that is not up.
 7. An attempt ends FINISHED only when its worker said so, or a user.
 8. Live state stays small, and nothing leaves it without becoming history.
 9. Outside, an alarm sounds for every decision to sound it and for nothing else; where nothing goes wrong, once.
10. An instance has one FINISHED attempt at most, unless a user runs it again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.domain.run.effects import Dispatch, Placement, RunAction, TerminateResource
from chalicelib.domain.run.events import (
    Activated,
    BackfillOrdered,
    BackfillStopped,
    Deactivated,
    Deleted,
    Event,
    StatusSet,
    TaskStatus,
)
from chalicelib.domain.run.ordered import is_ordered
from chalicelib.domain.run.plan import Component, Kind, Plan, Style, moment_of, owner_component
from chalicelib.domain.run.state import Attempt, Instance, PipelineState, attempt_id
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.values import AttemptId, ComponentId, InstanceId, UtcTime

STATE_BYTES = 12_000
LONG_BEFORE = 100
"""Intervals before a schedule's start that a backfill may reach."""
_RANK = {
    Status.WAITING_ON_DEPENDENCIES: 0,
    Status.WAITING_FOR_RUNNER: 1,
    Status.CREATING: 1,
    Status.RUNNING: 2,
    Status.SHUTTING_DOWN: 3,
}
_MET = (Status.FINISHED, Status.SKIPPED)
_COMMANDS = (StatusSet, Activated, Deactivated, Deleted, BackfillOrdered, BackfillStopped)


class Broken(AssertionError):
    """A rule does not hold."""


def demand(holds: bool, rule: int, what: str) -> None:
    """Raise Broken, naming the rule, unless it holds."""
    if not holds:
        raise Broken(f"rule {rule}: {what}")


class Watch:
    """The ledger of everything committed so far.

    instances  newest committed form of every instance, live, stuck or ended
    groups     the worker group that each attempt was dispatched to
    """

    def __init__(self, verdicts: Mapping[tuple[AttemptId, int], set[TaskStatus]]) -> None:
        self._verdicts = verdicts
        self.instances: dict[InstanceId, Instance] = {}
        self.groups: dict[AttemptId, str] = {}
        self.state: PipelineState | None = None
        self.wake_at: UtcTime | None = None
        self.alarms: dict[str, InstanceId] = {}

    def committed(
        self,
        state: PipelineState,
        payload: int,
        wake_at: UtcTime | None,
        events: Sequence[Event],
        plan: Plan,
        now: datetime,
    ) -> list[tuple[Instance | None, Instance]]:
        """Check one commit and note it; return what changed, as (before, after)."""
        by_user = any(isinstance(event, _COMMANDS) for event in events)
        changed = self._changes(state)
        self._decisions(state)
        self.instances.update({after.id: after for _, after in changed})
        for old, new in changed:
            _attempts_only_grow(old, new)
            _goes_forward(old, new, by_user, self._begins_ordered(state))
            self._began_in_time(old, new, plan, state)
            self._was_told(old, new, by_user)
        demand(payload <= STATE_BYTES, 8, f"live state has grown to {payload} bytes")
        self._machines(state, plan)
        _within_slots(state, plan)
        _is_woken(state, plan, wake_at, now)
        self.state, self.wake_at = state, wake_at
        return changed

    def _begins_ordered(self, state: PipelineState) -> bool:
        """Whether the commit began something that a backfill had ordered."""
        return self.state is not None and self.state.ordered != state.ordered

    def _decisions(self, state: PipelineState) -> None:
        for outgoing in state.outbox.values():
            match outgoing.effect:
                case Dispatch(attempt=attempt, worker_group=str(group)):
                    self.groups[attempt] = group
                case RunAction(id=name, instance=instance):
                    self.alarms[name] = instance
                case _:
                    pass

    def _changes(self, state: PipelineState) -> list[tuple[Instance | None, Instance]]:
        newest = {item.id: item for item in state.ended} | dict(state.instances)
        gone = {
            name
            for name, item in (self.state.instances if self.state else {}).items()
            if name not in newest and item.status is not Status.SKIPPED
        }
        demand(not gone, 8, f"{sorted(gone)} left live state without a history row")
        return [(self.instances.get(name), item) for name, item in newest.items() if item != self.instances.get(name)]

    def _began_in_time(self, old: Instance | None, new: Instance, plan: Plan, state: PipelineState) -> None:
        began = new.attempts and (old is None or len(new.attempts) > len(old.attempts))
        if new.owner is not None or new.component not in plan.components or not began:
            return
        if old is not None and old.status is not Status.WAITING_ON_DEPENDENCIES and not old.status.ended:
            return
        for need in needed(new, plan):
            known = self.instances.get(need)
            nobody_ordered = known is None and new.index < 0
            met = nobody_ordered or (known is not None and known.status in _MET)
            demand(met, 3, f"{new.id} began though {need} is {_shown(known)}")
            coming = known is not None and is_ordered(state.ordered.get(known.component, ()), known.index)
            demand(not coming, 3, f"{new.id} began though {need} is ordered and did not begin")
        for guard in self._guards(new, plan):
            demand(guard.status is Status.FINISHED, 3, f"{new.id} began though {guard.id} is {_shown(guard)}")

    def _guards(self, owner: Instance, plan: Plan) -> list[Instance]:
        """The newest check of each precondition; an edit may give it another id."""
        checks = [item for item in self.instances.values() if item.owner == owner.id]
        newest = {item.component: item for item in sorted(checks, key=lambda item: item.created)}
        return [newest[name] for name in plan.components[owner.component].preconditions if name in newest]

    def _was_told(self, old: Instance | None, new: Instance, by_user: bool) -> None:
        head = new.head
        if head is None or new.status is not Status.FINISHED or (old is not None and old.status.ended):
            return
        if old is not None and old.head is not None and old.head.number == head.number and old.head.status.ended:
            return  # a rerun resource that nothing needed: its attempt is of the run before
        name = attempt_id(new.id, head.number)
        said = self._verdicts.get((name, head.turn), set())
        is_resource = old is not None and old.resource_id is not None
        if head.status is Status.FINISHED and not is_resource and old is not None and old.status is not Status.CREATING:
            honest = TaskStatus.FINISHED in said or by_user or old.status is Status.SHUTTING_DOWN
            demand(honest, 7, f"{name} is FINISHED though its worker said {said}")

    def _machines(self, state: PipelineState, plan: Plan) -> None:
        used = {
            self.groups.get(attempt_id(item.id, item.head.number)): item
            for item in state.instances.values()
            if item.head is not None and not item.head.status.ended and _on_machine(item, plan)
        }
        up = {
            f"{state.pipeline_id}:{item.id}:{item.head.number}"
            for item in state.instances.values()
            if item.head is not None and item.status is Status.RUNNING and _kind(item, plan) is Kind.RESOURCE
        }
        for group, item in used.items():
            demand(group in up, 6, f"{item.id} is {item.status.value} on {group}, which is not up")
        for outgoing in state.outbox.values():
            if isinstance(outgoing.effect, TerminateResource):
                number = outgoing.effect.attempt.rpartition("=")[2]
                ending = f"{state.pipeline_id}:{outgoing.effect.instance}:{number}"
                demand(ending not in used, 6, f"{outgoing.effect.attempt} is ended while in use")


def _shown(instance: Instance | None) -> str:
    return "unknown" if instance is None else instance.status.value


def component_of(instance: Instance, plan: Plan) -> Component | None:
    """The plan's component of an instance; None when an edit took it away."""
    if instance.owner is None:
        return plan.components.get(instance.component)
    return plan.guards.get((instance.component, owner_component(instance.owner)))


def _kind(instance: Instance, plan: Plan) -> Kind | None:
    component = component_of(instance, plan)
    return component.kind if component else None


def _on_machine(instance: Instance, plan: Plan) -> bool:
    component = component_of(instance, plan)
    return component is not None and component.placement is Placement.RESOURCE


def needed(instance: Instance, plan: Plan) -> list[InstanceId]:
    """Everything an instance depends on, worked out the slow way: by trying every interval."""
    mine = plan.components[instance.component]
    found: list[InstanceId] = []
    for name in mine.needs:
        theirs = plan.components[name]
        if theirs.schedule is None or theirs.schedule_key == mine.schedule_key:
            found.append(InstanceId(f"@{name}_{moment_of(instance.id)}"))
            continue
        number = -LONG_BEFORE if instance.index < 0 else 0
        while number < 0 or theirs.schedule.has(number):
            other = theirs.schedule.interval(number)
            if other.start < instance.end and instance.start < other.end:
                found.append(InstanceId(f"@{name}_{other.start:%Y-%m-%dT%H:%M:%S}"))
            number += 1
    return found


def _attempts_only_grow(old: Instance | None, new: Instance) -> None:
    live = [attempt for attempt in new.attempts if not attempt.status.ended]
    demand(len(live) <= 1, 1, f"{new.id} has {len(live)} live attempts")
    demand(not live or live[0] is new.attempts[-1], 1, f"an old attempt of {new.id} is live")
    demand([item.number for item in new.attempts] == list(range(1, len(new.attempts) + 1)), 1, f"numbers of {new.id}")
    finished = sum(item.status is Status.FINISHED for item in new.attempts)
    demand(finished <= 1 or new.rerun, 10, f"{new.id} finished {finished} times")
    for number, before in enumerate(old.attempts if old else ()):
        after = new.attempts[number] if number < len(new.attempts) else None
        demand(after is not None, 1, f"{new.id} forgot attempt {number + 1}")
        assert after is not None
        demand(not before.status.ended or after == before, 1, f"attempt {number + 1} of {new.id} changed after its end")
        demand(_attempt_rank(before) <= _attempt_rank(after), 1, f"attempt {number + 1} of {new.id} went backwards")


def _attempt_rank(attempt: Attempt) -> int:
    return 9 if attempt.status.ended else _RANK[attempt.status]


def _goes_forward(old: Instance | None, new: Instance, by_user: bool, begins_ordered: bool) -> None:
    if old is None or old.status is new.status or by_user:
        return
    story = f"{new.id} went from {old.status.value} to {new.status.value}"
    checked_again = new.owner is not None and new.rerun
    came_back = begins_ordered and new.rerun and old.status.ended
    demand(not old.status.ended or checked_again or came_back, 2, story)
    if came_back or new.status.ended or checked_again:
        return
    retried = len(old.attempts) > 0 and new.attempts[len(old.attempts) - 1].status.ended
    demand(_RANK[new.status] >= _RANK[old.status] or retried, 2, story)


def _within_slots(state: PipelineState, plan: Plan) -> None:
    live: dict[ComponentId, int] = {}
    for item in state.instances.values():
        if item.owner is None and not item.rerun:
            live[item.component] = live.get(item.component, 0) + 1
    for name, count in live.items():
        known = plan.components.get(name)
        most = 0 if known is None else (plan.concurrent if plan.on_demand else known.max_active)
        demand(known is None or count <= most, 4, f"{count} instances of {name} are live; {most} are allowed")


def _is_woken(state: PipelineState, plan: Plan, wake_at: UtcTime | None, now: datetime) -> None:
    times = [outgoing.again_at for outgoing in state.outbox.values()]
    for item in state.instances.values():
        component = component_of(item, plan)
        if component is not None:
            times.extend(time for time in _times(item, component) if time > now)
    if not times:
        return
    demand(wake_at is not None, 5, f"nothing wakes it at {min(times)}")
    assert wake_at is not None
    demand(wake_at <= min(times), 5, f"it is woken at {wake_at}, not at {min(times)}")


def _times(item: Instance, component: Component) -> list[UtcTime]:
    found = [item.hold_until] if item.hold_until is not None else []
    head = item.head
    if component.late_after and component.style is not Style.ONDEMAND and not item.late:
        due = item.end if component.style is Style.TIMESERIES and component.kind is not Kind.RESOURCE else item.start
        if head is None or head.started is None:
            found.append(component.late_after.after(due))
    if head is None or head.status.ended or component.kind is Kind.RESOURCE:
        return found
    if item.status is Status.RUNNING and head.started is not None and item.hold_until is None:
        if component.attempt_timeout:
            found.append(component.attempt_timeout.after(head.started))
        found.append(component.progress_timeout.after(head.progress or head.started))
    return found


def false_alarms(watch: Watch, said: Mapping[str, int], *, calm: bool) -> list[str]:
    """Instances that were spoken of more or less often than was decided; `said` counts by instance id."""
    decided = Counter(watch.alarms.values())
    names = sorted(decided.keys() | said.keys())
    wrong = [name for name in names if said.get(name, 0) < decided[InstanceId(name)] or not decided[InstanceId(name)]]
    if calm:
        wrong += [name for name in names if said.get(name, 0) > decided[InstanceId(name)]]
    return [f"rule 9: {said.get(name, 0)} alarms of {name} for {decided[InstanceId(name)]} decisions" for name in wrong]


def unfinished(watch: Watch, plan: Plan) -> list[str]:
    """Why the pipeline has not come to its end though nothing is under way: empty when it has."""
    state = watch.state
    assert state is not None
    left = [f"{item.id} is {item.status.value}" for item in state.instances.values()]
    left += [f"{name} is not confirmed" for name in state.outbox]
    if state.status is not PipelineStatus.INACTIVE:
        left += [f"{name} is still to begin {part}" for name, part in state.ordered.items() if name in plan.components]
    if state.status not in (PipelineStatus.FINISHED, PipelineStatus.SCHEDULED, PipelineStatus.INACTIVE):
        left.append(f"the pipeline is {state.status.value}")
    for item in watch.instances.values():
        if item.status is Status.WAITING_ON_DEPENDENCIES and item.id not in state.instances:
            left += _wrongly_stuck(item, watch, plan)
    return left


def _wrongly_stuck(item: Instance, watch: Watch, plan: Plan) -> list[str]:
    """A stuck instance is right where something it needs failed or is stuck itself, or its machine has ended."""
    component = plan.components.get(item.component)
    if component is None:
        return []
    if any(name.startswith(f"@{component.resource}_") for name in item.waiting_on):
        return []
    bad = [found for name in needed(item, plan) if (found := watch.instances.get(name)) and found.status not in _MET]
    return [] if bad else [f"{item.id} is stuck though everything it needs has finished"]
