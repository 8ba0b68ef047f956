"""Creating instances: lazily, in interval order, as slots free up, so that a backfill costs no memory.

A source (a data node that nothing makes) is ready at once and would run through its whole backfill in one step, so it
stays within reach of its consumers; and no step creates more than `AT_ONCE` instances of a component.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.run.backfill import begin_ordered
from chalicelib.domain.run.backlog import bury, next_batch, next_start, take_from
from chalicelib.domain.run.newborn import newborn
from chalicelib.domain.run.plan import Component, Kind
from chalicelib.domain.run.state import OnDemandRun
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.schedule.schedule import Interval
from chalicelib.domain.values import ComponentId, UtcTime

AT_ONCE = 100
"""Instances of one component that one step creates at most; the next step, `SOON` after it, goes on."""

SOON = timedelta(seconds=1)


def create_due(turn: Turn) -> None:
    """Create every instance that is due and has a slot."""
    if turn.status is not PipelineStatus.SCHEDULED:
        forget_ended_runs(turn)
        turn.refill.clear()
        return
    if turn.plan.on_demand:
        turn.refill.clear()
        _start_runs(turn)
        return
    begin_ordered(turn)
    order = turn.agenda.order
    while turn.refill:
        names = sorted((name for name in turn.refill if name in order), key=order.__getitem__)
        turn.refill.clear()
        turn.refilled.update(dict.fromkeys(names))
        for name in names:
            _fill(turn, turn.plan.components[name])


def _has_slot(turn: Turn, component: Component) -> bool:
    return turn.agenda.active[component.id] < component.max_active


def _fill(turn: Turn, component: Component) -> None:
    progress = turn.progress(component.id)
    index = progress.next_index
    while not progress.paused and _has_slot(turn, component):
        interval = _within_reach(turn, component, index)
        if interval is None or component.due(interval) > turn.now or turn.created[component.id] >= AT_ONCE:
            break
        turn.put(newborn(turn, component, index, interval))
        turn.created[component.id] += 1
        index += 1
    if index != progress.next_index:
        _advance_to(turn, component, index)


def _within_reach(turn: Turn, component: Component, index: int) -> Interval | None:
    """The interval of that number, unless there is none or, for a source, no consumer will get to it soon."""
    interval = turn.plan.interval(component, index)
    if interval is None or component.kind is not Kind.DATANODE or component.needs:
        return interval
    consumers = [turn.plan.components[name] for name in turn.plan.consumers.get(component.id, ())]
    reached = not consumers or any(_reaches(turn, consumer, interval) for consumer in consumers)
    return interval if reached else None


def _reaches(turn: Turn, consumer: Component, interval: Interval) -> bool:
    """Whether the interval begins before the consumer's, counted from its next, that is a full set of slots away."""
    ahead = turn.plan.interval(consumer, turn.progress(consumer.id).next_index + consumer.max_active)
    return ahead is None or interval.start < ahead.start


def _advance_to(turn: Turn, component: Component, index: int) -> None:
    progress = turn.progress(component.id)
    turn.components[component.id] = replace(progress, next_index=index, latest_run=turn.now)
    turn.refill.update(dict.fromkeys(component.needs))


def add_run(turn: Turn, at: UtcTime) -> None:
    """Queue one on-demand run. Its start is its identity, so two in one second are a second apart."""
    turn.runs.append(OnDemandRun(_next_index(turn), next_start(turn, at, timedelta(seconds=1))))


def _next_index(turn: Turn) -> int:
    return 1 + max(
        [run.index for run in turn.runs] + [progress.next_index - 1 for progress in turn.components.values()],
        default=-1,
    )


def forget_ended_runs(turn: Turn) -> None:
    """Let go of on-demand runs of which nothing is live; the events of failed ones are buried."""
    live = {item.index for item in turn.instances.values() if not item.rerun}
    for run in turn.runs:
        if run.started and run.index not in live:
            bury(turn, run)
    turn.runs = [run for run in turn.runs if not run.started or run.index in live]
    if turn.reruns:
        _forget_ended_reruns(turn)


def _forget_ended_reruns(turn: Turn) -> None:
    live = {item.index for item in turn.instances.values()}
    for run in turn.reruns:
        if run.index not in live:
            bury(turn, run)
    turn.reruns = [run for run in turn.reruns if run.index in live]


def _start_runs(turn: Turn) -> None:
    forget_ended_runs(turn)
    live = sum(run.started for run in turn.runs)
    for place, run in enumerate(turn.runs):
        if not run.started and live < turn.plan.concurrent:
            live += 1
            turn.runs[place] = replace(run, started=True)
            _start(turn, run)
    if turn.plan.batching is not None and turn.backlog is not None:
        for start, events in take_from(turn, turn.backlog, turn.plan.batching, live):
            run = OnDemandRun(_next_index(turn), start, started=True, events=events)
            turn.runs.append(run)
            _start(turn, run)


def _start(turn: Turn, run: OnDemandRun) -> None:
    for component in turn.plan.components.values():
        turn.put(newborn(turn, component, run.index, Interval(run.start, run.start), run.events))
        turn.components[component.id] = replace(
            turn.progress(component.id), next_index=run.index + 1, latest_run=run.start
        )


def next_creation(turn: Turn) -> UtcTime | None:
    """When the next instance becomes due, of components that have a slot for it."""
    if turn.status is not PipelineStatus.SCHEDULED:
        return None
    if turn.plan.on_demand:
        return next_batch(turn) if turn.plan.batching is not None else None
    creations = turn.agenda.creations
    for name in turn.refilled:
        at = _next_due(turn, name)
        if at is not None:
            creations.add(at, name)
    first = creations.first(lambda at, name: _next_due(turn, name) == at)
    return turn.now + SOON if first is not None and first <= turn.now else first


def _next_due(turn: Turn, name: ComponentId) -> UtcTime | None:
    """When the component's next instance is due, if it has a slot for it."""
    component = turn.plan.components[name]
    progress = turn.progress(name)
    if progress.paused or not _has_slot(turn, component):
        return None
    interval = _within_reach(turn, component, progress.next_index)
    return component.due(interval) if interval is not None else None
