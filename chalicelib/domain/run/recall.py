"""Bringing instances back from history: reruns, and what was stuck behind the thing that is run again.

`wanted` says which history rows `advance` needs; the service loads them and asks again until nothing is missing,
because what follows from a row (its interval number) is known only once it is there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from chalicelib.domain.run.backlog import reclaim
from chalicelib.domain.run.dependencies import meeting_keys, resource_key
from chalicelib.domain.run.events import Activated, Event, StatusSet
from chalicelib.domain.run.ordered import window, without
from chalicelib.domain.run.plan import Component, Plan, guard_id, instance_id
from chalicelib.domain.run.spans import indices, noted, status_at
from chalicelib.domain.run.state import ComponentState, Instance, PipelineState
from chalicelib.domain.run.status import Command, Status
from chalicelib.domain.run.table import Trigger, next_status
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.values import ComponentId, InstanceId

_ON_INSTANCES = (Command.RERUN, Command.MARK_FINISHED, Command.TRY_CANCEL)
_RECOVERED = frozenset({Status.CASCADE_FAILED, Status.CANCELED})


def wanted(
    state: PipelineState, events: Iterable[Event], plan: Plan, known: Mapping[InstanceId, Instance]
) -> frozenset[InstanceId]:
    """Ids of history rows that folding in `events` may need beyond `known`. Ids without a row may be asked for too."""
    found = set(_earlier_guards(state, plan))
    for event in events:
        if isinstance(event, StatusSet) and event.command in _ON_INSTANCES:
            for name in event.object_ids:
                found.update(_closure(state, plan, known, InstanceId(name), cascade=event.command is Command.RERUN))
        elif isinstance(event, Activated):
            for canceled in canceled_by_deactivation(state.components, plan):
                found.update(_closure(state, plan, known, canceled, cascade=False))
            found.update(_guards_of_live(state, plan))
    for root in _ordered(state, events, plan):
        found.update(_closure(state, plan, known, root, cascade=False))
    return frozenset(item for item in found if item not in known and item not in state.instances)


def _ordered(state: PipelineState, events: Iterable[Event], plan: Plan) -> Iterator[InstanceId]:
    """What a backfill begins in this step, and the machines for it, which may have rows though it has none."""
    for name, indexes in window(state, events, plan).indexes.items():
        component = plan.components[name]
        machine = plan.components.get(component.resource) if component.resource is not None else None
        if component.schedule is None:
            continue
        for interval in map(component.schedule.interval, indexes):
            yield instance_id(name, interval.start)
            if machine is not None and machine.schedule is not None:
                start = machine.schedule.interval(machine.schedule.index_at(interval.start)).start
                yield instance_id(machine.id, start)


def _earlier_guards(state: PipelineState, plan: Plan) -> Iterator[InstanceId]:
    """Preconditions that are about to be checked for a rerun: their attempts are numbered on."""
    for instance in state.instances.values():
        if instance.rerun and not instance.checked and instance.owner is None and instance.component in plan.components:
            yield from _guards(plan, instance)


def _guards_of_live(state: PipelineState, plan: Plan) -> Iterator[InstanceId]:
    """Deactivation in the same batch cancels what is live now; activation brings it back, preconditions included."""
    for instance in state.instances.values():
        if instance.owner is None and instance.component in plan.components:
            yield from _guards(plan, instance)


def _guards(plan: Plan, owner: Instance) -> Iterator[InstanceId]:
    component = plan.components[owner.component]
    for precondition in component.preconditions:
        yield guard_id(precondition, component.id, owner.id, precondition in plan.shared)


def canceled_by_deactivation(components: Mapping[ComponentId, ComponentState], plan: Plan) -> Iterator[InstanceId]:
    """Instances that reactivation runs again."""
    for name, progress in components.items():
        component = plan.components.get(name)
        if progress.resume_from is None or component is None or component.schedule is None:
            continue
        for index in indices(progress.exceptions, Status.CANCELED, progress.resume_from):
            yield instance_id(name, component.schedule.interval(index).start)


def _closure(
    state: PipelineState, plan: Plan, known: Mapping[InstanceId, Instance], root: InstanceId, *, cascade: bool
) -> Iterator[InstanceId]:
    """The instance and everything that may come back with it, as far as known rows lead."""
    seen: set[InstanceId] = set()
    queue = [root]
    while queue:
        found = queue.pop()
        if found in seen:
            continue
        seen.add(found)
        yield found
        row = known.get(found) or state.instances.get(found)
        if row is None or row.component not in plan.components:
            continue
        yield from _guards(plan, row)
        queue.extend(followers(plan, state.components, row, cascade=cascade))
        queue.extend(machine_of(plan, row))


def machine_of(plan: Plan, row: Instance) -> Iterator[InstanceId]:
    """The resource instance that a row's component runs on, if any."""
    component = plan.components[row.component]
    if component.resource is not None:
        key = resource_key(row, component, plan.components[component.resource])
        if key is not None:
            yield key[1]


def followers(
    plan: Plan, components: Mapping[ComponentId, ComponentState], row: Instance, *, cascade: bool
) -> Iterator[InstanceId]:
    """What comes back when `row` does: consumers stuck behind it and, on a rerun that cascades, the failed ones.

    A resource brings back everything that ran on it and did not finish.
    """
    component = plan.components[row.component]
    for name in plan.consumers.get(row.component, ()):
        yield from _with_status(plan.components[name], components, row, component, _stuck_or(component, cascade))
    for name in plan.users.get(row.component, ()):
        yield from _with_status(plan.components[name], components, row, component, _UNFINISHED if cascade else _STUCK)


_STUCK = frozenset({Status.WAITING_ON_DEPENDENCIES})
_UNFINISHED = _STUCK | _RECOVERED | {Status.FAILED}


def _stuck_or(component: Component, cascade: bool) -> frozenset[Status]:
    return _STUCK | {Status.CASCADE_FAILED} if cascade and component.cascade else _STUCK


def _with_status(
    theirs: Component,
    components: Mapping[ComponentId, ComponentState],
    row: Instance,
    mine: Component,
    statuses: frozenset[Status],
) -> Iterator[InstanceId]:
    progress = components.get(theirs.id) or ComponentState()
    for index, found in meeting_keys(row, mine, theirs, early=True):
        if index < progress.next_index and status_at(progress.exceptions, index) in statuses:
            yield found


def bring_back(turn: Turn, row: Instance, *, cascade: bool) -> None:
    """Make an ended or stuck instance live again, with all its tries, and whatever comes back with it."""
    queue = [(row, cascade)]
    while queue:
        found, spreads = queue.pop()
        if found.id in turn.instances or found.component not in turn.plan.components:
            continue
        _revive(turn, found)
        for name in followers(turn.plan, turn.components, found, cascade=spreads):
            queue.extend((item, spreads) for item in _row(turn, name))
        for name in machine_of(turn.plan, found):
            queue.extend((item, False) for item in _row(turn, name))


def bring_back_followers(turn: Turn, row: Instance) -> None:
    """Let what was stuck behind an instance look again, after its status was set by hand."""
    for name in list(followers(turn.plan, turn.components, row, cascade=False)):
        for found in _row(turn, name):
            bring_back(turn, found, cascade=False)


def _row(turn: Turn, name: InstanceId) -> list[Instance]:
    found = turn.past(name)
    return [found] if found is not None and name not in turn.instances else []


def _revive(turn: Turn, row: Instance) -> None:
    component = turn.plan.components[row.component]
    progress = turn.progress(row.component)
    spans = noted(progress.exceptions, row.index, Status.FINISHED)
    turn.components[row.component] = replace(progress, exceptions=spans)
    if row.component in turn.ordered:
        turn.order(row.component, without(turn.ordered[row.component], row.index, row.index))
    turn.ended.pop(row.id, None)
    stuck = row.status is Status.WAITING_ON_DEPENDENCIES
    revived = replace(
        row,
        status=row.status if stuck else next_status(row.id, row.status, Trigger.RERUN),
        version=turn.plan.version,
        ended=None,
        tries_left=component.tries,
        hold_until=None,
        waiting_on=(),
        cascade_failed_on=(),
        cancellation_reason=None,
        resource_id=None,
        rerun=True,
        checked=False,
    )
    turn.put(revived)
    reclaim(turn, revived)
