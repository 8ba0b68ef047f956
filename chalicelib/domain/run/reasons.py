"""Why an instance does not go on, in words: what it waits for, and what would make it go on.

Says what the engine's own rules (settle.py) would find; decides nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.plan import Component, Kind, Plan, owner_component
from chalicelib.domain.run.state import ComponentState, Instance, PipelineState
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.values import InstanceId, UtcTime, render_time

MOST = 20
"""Reasons told of one instance: a daily activity may wait for a great many others."""

_MET = (Status.FINISHED, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that it waits for.

    on     the object that it is about; empty when it is about none
    until  when time alone ends the wait
    """

    text: str
    on: str = ""
    until: UtcTime | None = None


def reasons(
    instance: Instance, state: PipelineState, plan: Plan, past: Mapping[InstanceId, Instance]
) -> tuple[Reason, ...]:
    """What the instance waits for; empty when it has ended or is at work.

    past  history rows of what it waits for and is not live
    """
    component = _component(plan, instance)
    if instance.status.ended or component is None:
        return ()
    found = list(_Asked(instance, component, state, plan, past).reasons())
    more = len(found) - MOST
    return (*found[:MOST], *([Reason(f"for {more} more")] if more > 0 else []))


def _component(plan: Plan, instance: Instance) -> Component | None:
    if instance.owner is None:
        return plan.components.get(instance.component)
    return plan.guards.get((instance.component, owner_component(instance.owner)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """An instance and everything that its reasons are read from."""

    instance: Instance
    component: Component
    state: PipelineState
    plan: Plan
    past: Mapping[InstanceId, Instance]

    def reasons(self) -> Iterator[Reason]:
        match self.instance.status:
            case Status.WAITING_ON_DEPENDENCIES:
                yield from self._dependencies()
            case Status.WAITING_FOR_RUNNER:
                yield from self._worker()
            case Status.RUNNING:
                yield from self._next_check()
            case Status.CREATING:
                yield Reason("for its machine or cluster to come up", self.instance.resource_id or "")
            case Status.SHUTTING_DOWN:
                yield Reason("for its machine or cluster to end", self.instance.resource_id or "")
            case _:
                return

    def _dependencies(self) -> Iterator[Reason]:
        if self.state.status is PipelineStatus.INACTIVE:
            yield Reason("for the pipeline to be activated again")
        yield from (self._dependency(name) for name in self.instance.waiting_on)
        yield from self._held("before it may try again")
        if self._paused:
            yield Reason(f"for {self.instance.component} to be resumed: it is paused", self.instance.component)

    @property
    def _paused(self) -> bool:
        return (self.state.components.get(self.instance.component) or ComponentState()).paused

    def _dependency(self, name: InstanceId) -> Reason:
        other = self.state.instances.get(name)
        if other is None:
            return self._absent(name)
        kind = _component(self.plan, other)
        if other.owner is not None:
            again = f", to be checked again at {render_time(other.hold_until)}" if other.hold_until else ""
            return Reason(f"for its precondition {name}, which is {other.status.value}{again}", name, other.hold_until)
        what = "its machine or cluster " if kind is not None and kind.kind is Kind.RESOURCE else ""
        return Reason(f"for {what}{name}, which is {other.status.value}", name)

    def _absent(self, name: InstanceId) -> Reason:
        """Ended badly, stuck itself, or not created yet."""
        row = self.past.get(name)
        if row is None or row.status in _MET:
            return Reason(f"for {name}, which does not exist yet", name)
        if not row.status.ended:
            return Reason(f"for {name}, which is stuck itself: see what that waits for", name)
        return Reason(f"behind {name}, which is {row.status.value}: rerun it, or mark it finished", name)

    def _held(self, why: str) -> Iterator[Reason]:
        until = self.instance.hold_until
        if until is not None:
            yield Reason(f"until {render_time(until)}, {why}", "", until)

    def _worker(self) -> Iterator[Reason]:
        if self._paused and self.instance.hold_until is not None:
            yield Reason(f"for {self.instance.component} to be resumed: it is paused", self.instance.component)
        elif self.instance.hold_until is not None:
            yield from self._held("when its next attempt begins")
        elif self.component.placement is Placement.WORKER_GROUP:
            yield Reason(f"for a Task Runner that polls worker group {self.component.worker_group}")
        elif self.component.placement is Placement.RESOURCE:
            yield Reason(f"for the Task Runner on {self.component.resource}", self.component.resource or "")
        else:
            yield Reason("for a function to take it up")

    def _next_check(self) -> Iterator[Reason]:
        if self.component.kind is Kind.PRECONDITION:
            yield from self._held("when it is checked again")
