"""One step of the engine: fold events into the live state, then reconcile until nothing changes.

Pure and level-triggered. The same state and events give the same effects with the same ids, so a crash anywhere after
the commit, or a second delivery, repeats effects that are recognised as the same.

Order of one step
1. Effects in the outbox whose time has come, and all of them when the batch was delivered before, are sent again.
2. Events change the state, in order. Those that must not count twice leave their id in `recent`.
3. Whatever was touched, and whatever has a deadline that has passed, is settled; that touches more; until quiet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import assert_never

from chalicelib.domain.run.agenda import Agenda, agenda_of
from chalicelib.domain.run.backfill import next_beginning, order, stop
from chalicelib.domain.run.backlog import still_lacking
from chalicelib.domain.run.commands import activate, cancel_all, deactivate, delete, set_status
from chalicelib.domain.run.create import create_due, next_creation
from chalicelib.domain.run.deadlines import deadlines, late_at
from chalicelib.domain.run.effects import Effect
from chalicelib.domain.run.events import (
    Activated,
    BackfillOrdered,
    BackfillStopped,
    Deactivated,
    Deleted,
    EffectDone,
    Event,
    EventsArrived,
    ResourceCreated,
    ResourceFailed,
    ResourceReady,
    ResourceTerminated,
    StatusSet,
    TaskEnded,
    TaskProgressed,
    TaskStarted,
    Woke,
)
from chalicelib.domain.run.ordered import window
from chalicelib.domain.run.plan import Kind, Plan
from chalicelib.domain.run.reports import (
    resource_created,
    resource_failed,
    resource_ready,
    resource_terminated,
    task_ended,
    task_progressed,
    task_started,
)
from chalicelib.domain.run.settle import settle
from chalicelib.domain.run.spans import indices
from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.run.timers import pass_time
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.run.waiting import Backlog, Taken
from chalicelib.domain.values import InstanceId, PipelineId, UtcTime

Order = Activated | Deactivated | Deleted | StatusSet | BackfillOrdered | BackfillStopped
SOON = timedelta(seconds=1)
REMEMBERED = 64
"""Ids of commands kept against a second delivery."""


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one step leads to.

    ended    history rows to write before the commit
    send     effects to perform after the commit
    wake_at  when time alone will change something; None when never
    agenda   the new state's, to be handed to its next step if that comes soon
    taken    runs that claimed events: those with a list need it before the commit
    """

    state: PipelineState
    ended: tuple[Instance, ...]
    send: tuple[Effect, ...]
    wake_at: UtcTime | None
    agenda: Agenda = field(compare=False, repr=False)
    taken: tuple[Taken, ...] = ()


def begin(pipeline_id: PipelineId, event: Activated) -> PipelineState:
    """The state of a pipeline that was never activated before; `event` is still to be folded in."""
    return PipelineState(
        pipeline_id=pipeline_id,
        status=PipelineStatus.ACTIVATING,
        definition_version=event.definition_version,
        first_activation=event.at.replace(microsecond=0),
        activated_at=event.at,
    )


def advance(
    state: PipelineState,
    events: Sequence[Event],
    now: UtcTime,
    plan: Plan,
    recalled: Mapping[InstanceId, Instance] | None = None,
    *,
    again: bool = False,
    agenda: Agenda | None = None,
    backlog: Backlog | None = None,
) -> Advanced:
    """Fold `events` in and reconcile.

    plan      of the newest definition version named by `state` or an Activated among `events`
    recalled  the history rows that `recall.wanted` asked for
    again     whether the batch was committed before, and its writer may have died before it performed the effects
    backlog   events that wait; None when nobody looked. The records of `state.claims` must be marked before
    agenda    the one of the step that made `state`, if it is at hand: saves looking through everything live
    """
    known = agenda.copy() if agenda is not None and agenda.fits(state, plan) else agenda_of(state, plan)
    turn = Turn(state, known, now, recalled or {})
    turn.refill.update(dict.fromkeys(known.creations.until(now)))
    turn.window = window(state, events, plan)
    turn.backlog = backlog
    for event in events:
        _apply(turn, event)
    due = _pass_time(turn)
    _reconcile(turn)
    _resend(turn, again)
    return _result(turn, due)


def _apply(turn: Turn, event: Event) -> None:
    match event:
        case Activated() | Deactivated() | Deleted() | StatusSet() | BackfillOrdered() | BackfillStopped():
            _obey(turn, event)
        case TaskStarted() | TaskProgressed() | TaskEnded():
            _hear_of_task(turn, event)
        case ResourceCreated() | ResourceReady() | ResourceFailed() | ResourceTerminated():
            _hear_of_resource(turn, event)
        case EffectDone():
            turn.confirm(event.effect_id)
        case EventsArrived():
            turn.arrivals = True
            turn.lacking = still_lacking(turn.lacking, event)
        case Woke():
            pass
        case _:
            assert_never(event)


def _hear_of_task(turn: Turn, event: TaskStarted | TaskProgressed | TaskEnded) -> None:
    match event:
        case TaskStarted():
            task_started(turn, event)
        case TaskProgressed():
            task_progressed(turn, event)
        case TaskEnded():
            task_ended(turn, event)
        case _:
            assert_never(event)


def unheard(state: PipelineState, events: Sequence[Event]) -> Sequence[Activated | Deactivated | Deleted]:
    """The commands among `events` that start or stop the pipeline, and that were not obeyed before."""
    if state.status is PipelineStatus.DELETING:
        return ()
    commands = [event for event in events if isinstance(event, Activated | Deactivated | Deleted)]
    return [event for event in commands if event.id not in state.recent]


def _obey(turn: Turn, event: Order) -> None:
    if event.id in turn.recent or turn.status is PipelineStatus.DELETING:
        return
    turn.recent.append(event.id)
    match event:
        case Activated():
            turn.activated = event
            activate(turn, event)
        case Deactivated():
            turn.deactivated_at = event.at
            deactivate(turn, event)
        case Deleted():
            delete(turn, event)
        case StatusSet():
            set_status(turn, event)
        case BackfillOrdered():
            order(turn, event)
        case BackfillStopped():
            stop(turn, event)
        case _:
            assert_never(event)


def _hear_of_resource(turn: Turn, event: ResourceCreated | ResourceReady | ResourceFailed | ResourceTerminated) -> None:
    match event:
        case ResourceCreated():
            resource_created(turn, event)
        case ResourceReady():
            resource_ready(turn, event)
        case ResourceFailed():
            resource_failed(turn, event)
        case ResourceTerminated():
            resource_terminated(turn, event)
        case _:
            assert_never(event)


def _pass_time(turn: Turn) -> frozenset[InstanceId]:
    """Let deadlines have their effect, those too that late events set; returns the instances that had one."""
    due = turn.agenda.overdue.union(turn.agenda.deadlines.until(turn.now), turn.changed)
    for name in sorted(due):
        before = None
        instance = turn.instances.get(name)
        while instance is not None and instance is not before and _is_due(turn, instance):
            turn.touched[name] = None
            pass_time(turn, instance)
            before, instance = instance, turn.instances.get(name)
    return due


def _is_due(turn: Turn, instance: Instance) -> bool:
    return any(time <= turn.now for time in deadlines(instance, turn.component(instance)))


def _reconcile(turn: Turn) -> None:
    create_due(turn)
    while turn.touched:
        while turn.touched:
            name = next(iter(turn.touched))
            del turn.touched[name]
            instance = turn.instances.get(name)
            if instance is not None:
                settle(turn, instance)
        create_due(turn)
    _conclude(turn)


_MOVING = (Status.WAITING_FOR_RUNNER, Status.RUNNING, Status.CREATING, Status.SHUTTING_DOWN)


def _is_moving(turn: Turn, instance: Instance) -> bool:
    """Whether it comes to an end by itself.

    A machine that is up does not: it waits for work. Nor does a retry of a paused component: it waits for RESUME.
    """
    idle = instance.status is Status.RUNNING and turn.component(instance).kind is Kind.RESOURCE
    retry = instance.status is Status.WAITING_FOR_RUNNER and instance.hold_until is not None
    return instance.status in _MOVING and not idle and not (retry and turn.progress(instance.component).paused)


def _conclude(turn: Turn) -> None:
    """What the pipeline as a whole has come to."""
    if turn.status is PipelineStatus.DEACTIVATING:
        if not any(_is_moving(turn, item) for item in turn.instances.values()):
            cancel_all(turn, "the pipeline was deactivated", resume=True)
            turn.touched.clear()
        if not turn.instances:
            turn.status = PipelineStatus.INACTIVE
    elif turn.status in (PipelineStatus.SCHEDULED, PipelineStatus.FINISHED):
        over = not turn.instances and not turn.runs and turn.plan.batching is None and _nothing_to_come(turn)
        turn.status = PipelineStatus.FINISHED if over else PipelineStatus.SCHEDULED


def _nothing_to_come(turn: Turn) -> bool:
    if any(name in turn.plan.components for name in turn.ordered):
        return False
    for component in turn.plan.components.values():
        progress = turn.progress(component.id)
        if component.schedule is not None and component.schedule.has(progress.next_index):
            return False
        if indices(progress.exceptions, Status.WAITING_ON_DEPENDENCIES):
            return False
    return True


def _resend(turn: Turn, again: bool) -> None:
    """Send again what is overdue, or everything."""
    for name in sorted(turn.outbox if again else set(turn.agenda.resends.until(turn.now))):
        outgoing = turn.outbox.get(name)
        if outgoing is not None and name not in turn.send and (outgoing.again_at <= turn.now or again):
            turn.resend(name)


def _result(turn: Turn, due: frozenset[InstanceId]) -> Advanced:
    activated = turn.activated
    state = replace(
        turn.state,
        status=turn.status,
        definition_version=activated.definition_version if activated else turn.state.definition_version,
        activated_at=activated.at if activated else turn.state.activated_at,
        deactivated_at=turn.deactivated_at,
        components=turn.components,
        instances=turn.instances,
        runs=tuple(turn.runs),
        reruns=tuple(turn.reruns),
        ordered=turn.ordered,
        outbox=turn.outbox,
        recent=tuple(turn.recent[-REMEMBERED:]),
        arrivals=turn.arrivals,
        batch_at=turn.batch_at,
        lacking=turn.lacking,
        claims=tuple(turn.claims),
    )
    wake_at = _wake_at(turn, due)
    turn.agenda.state = state
    agenda = agenda_of(state, turn.plan) if turn.agenda.is_crowded() else turn.agenda
    return Advanced(state, tuple(turn.ended.values()), tuple(turn.send.values()), wake_at, agenda, tuple(turn.taken))


def _wake_at(turn: Turn, due: frozenset[InstanceId]) -> UtcTime | None:
    """Bring the agenda up to what the step changed, and read the first of it."""
    agenda = turn.agenda
    for name in turn.posted:
        if name in turn.outbox:
            agenda.resends.add(turn.outbox[name].again_at, name)
    agenda.overdue = frozenset(_dated(turn, due))
    times = (
        agenda.resends.first(lambda at, name: name in turn.outbox and turn.outbox[name].again_at == at),
        next_creation(turn),
        next_beginning(turn),
        agenda.deadlines.first(lambda at, name: at in _deadlines(turn, name)),
        turn.now + SOON if any(_is_late(turn, name) for name in agenda.overdue) else None,
    )
    return min((at for at in times if at is not None), default=None)


def _is_late(turn: Turn, name: InstanceId) -> bool:
    """Whether it was late already when this step created it: the next one says so."""
    instance = turn.instances.get(name)
    late = late_at(instance, turn.component(instance)) if instance is not None else None
    return late is not None and late <= turn.now


def _dated(turn: Turn, due: frozenset[InstanceId]) -> Iterator[InstanceId]:
    """Enter the deadlines of what changed; yields instances with one that has passed."""
    for name in due.union(turn.changed):
        for at in _deadlines(turn, name):
            if at <= turn.now:
                yield name
            elif name in turn.changed:
                turn.agenda.deadlines.add(at, name)


def _deadlines(turn: Turn, name: InstanceId) -> Iterator[UtcTime]:
    instance = turn.instances.get(name)
    return iter(()) if instance is None else deadlines(instance, turn.component(instance))
