"""What a pipeline did last and what it does next: recent runs, coming starts, what is late.

Reads the record, the live item and one page or so of history; coming starts are computed from the plan, which is kept
per container. Must not know how any of it is shown.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, islice

from chalicelib.domain.run.plan import Component, Plan
from chalicelib.domain.run.state import ComponentState, Instance, PipelineState
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.run.summary import Run
from chalicelib.domain.values import ComponentId, PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.pipeline_fields import live_state
from chalicelib.service.runs import recent_runs
from chalicelib.service.schedule_fields import active_plan

MOST_LATE = 20
"""Late instances that are named."""


class Starts(Enum):
    """What makes a pipeline's runs begin."""

    SCHEDULE = "SCHEDULE"
    DEMAND = "DEMAND"
    EVENTS = "EVENTS"


@dataclass(frozen=True, slots=True)
class Coming:
    """Instances that become due together.

    at          when: the start of their interval, or its end by scheduleType
    start, end  the interval
    """

    at: UtcTime
    start: UtcTime
    end: UtcTime
    components: tuple[ComponentId, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """Intervals that were due and have not begun, of the component that has most; `since` the first was due."""

    intervals: int
    since: UtcTime


@dataclass(frozen=True, slots=True)
class Outlook:
    """A pipeline between its last runs and its next.

    starts  None before the engine first heard of it
    recent  newest first
    coming  soonest first; empty unless it is scheduled
    late    live instances that began later than their lateAfterTimeout permits
    paused  components that begin nothing
    """

    starts: Starts | None = None
    recent: tuple[Run, ...] = ()
    coming: tuple[Coming, ...] = ()
    late: tuple[Instance, ...] = ()
    behind: Behind | None = None
    paused: tuple[ComponentId, ...] = ()


def outlook(pipeline_id: PipelineId, runs: int, coming: int, caller: Caller, ports: Ports) -> Outlook:
    """Its last `runs` runs and next `coming` starts. Raises PipelineNotFound, PipelineDeleted."""
    record = live_pipeline(ports.store, caller, pipeline_id)
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    if state is None:
        return Outlook()
    recent = recent_runs(record.pipeline_id, state, runs, ports)
    late = sorted((item for item in state.instances.values() if item.late), key=lambda item: (item.start, item.id))
    plan = active_plan(state, ports)
    if plan is None:
        return Outlook(recent=recent, late=tuple(late[:MOST_LATE]))
    ahead = _ahead(plan, state, ports.clock.now()) if state.status is PipelineStatus.SCHEDULED else []
    return Outlook(
        starts=_starts(plan),
        recent=recent,
        coming=tuple(islice(_coming(ahead), coming)),
        late=tuple(late[:MOST_LATE]),
        behind=_behind(ahead),
        paused=tuple(name for name in plan.components if state.components.get(name, ComponentState()).paused),
    )


def _starts(plan: Plan) -> Starts:
    if plan.batching is not None:
        return Starts.EVENTS
    return Starts.DEMAND if plan.on_demand else Starts.SCHEDULE


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A component's intervals that have not begun: those from `first` on, of which `due` ones were due."""

    component: Component
    first: int
    due: int

    def dues(self) -> Iterator[tuple[UtcTime, UtcTime, UtcTime, ComponentId]]:
        """When each of the others is due, with its interval."""
        schedule, index = self.component.schedule, self.first + self.due
        while schedule is not None and schedule.has(index):
            interval = schedule.interval(index)
            yield self.component.due(interval), interval.start, interval.end, self.component.id
            index += 1

    @property
    def since(self) -> UtcTime | None:
        """When the first was due; None when none was."""
        schedule = self.component.schedule
        return self.component.due(schedule.interval(self.first)) if schedule is not None and self.due else None


def _ahead(plan: Plan, state: PipelineState, now: UtcTime) -> list[_Ahead]:
    found = []
    for component in plan.components.values():
        progress = state.components.get(component.id, ComponentState())
        if component.schedule is not None and not progress.paused:
            found.append(_Ahead(component, progress.next_index, _overdue(component, progress.next_index, now)))
    return found


def _overdue(component: Component, first: int, now: UtcTime) -> int:
    """How many intervals from the number `first` on are due; found by halving, there may be a decade of minutes."""
    schedule = component.schedule
    low, high = first, first + 1
    if schedule is None:
        return 0

    def is_due(index: int) -> bool:
        return schedule.has(index) and component.due(schedule.interval(index)) <= now

    while is_due(high - 1):
        low, high = high, first + 2 * (high - first)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if is_due(middle) else (low, middle)
    return low - first


def _coming(ahead: list[_Ahead]) -> Iterator[Coming]:
    merged = heapq.merge(*(each.dues() for each in ahead))
    for (at, start, end), together in groupby(merged, key=lambda due: due[:3]):
        yield Coming(at, start, end, tuple(due[3] for due in together))


def _behind(ahead: list[_Ahead]) -> Behind | None:
    most = max(ahead, key=lambda each: each.due, default=None)
    return Behind(most.due, most.since) if most is not None and most.since is not None else None
