"""Running intervals of the past again, or for the first time: what it would run and cost, then the order itself.

A preview reads the live item and at most `MOST_READ` rows of history, whose durations it is estimated from; how many
intervals there are, and what became of them, it knows from the live item alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.errors import InvalidRequest, NotPossible
from chalicelib.domain.run.estimate import Duration, Estimate, estimate
from chalicelib.domain.run.events import BackfillOrdered, BackfillStopped
from chalicelib.domain.run.ordered import can_be_ordered, count, stretch_of
from chalicelib.domain.run.plan import Component, Kind, Plan
from chalicelib.domain.run.skipped import Why, skipped
from chalicelib.domain.run.state import ComponentState, Instance, PipelineState, Stretch
from chalicelib.domain.run.status import PipelineStatus, Status
from chalicelib.domain.schedule.schedule import Schedule
from chalicelib.domain.values import ComponentId, PipelineId, UtcTime, render_time
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import TimeField, TimeQuery
from chalicelib.service.access import Caller
from chalicelib.service.control import publish
from chalicelib.service.timeline import EARLIEST, LATEST
from chalicelib.service.views import load_view

MOST = 100_000
"""Instances of one order. They are begun one by one as slots free up, so this bounds a mistake, not the machine."""

MOST_READ = 200
"""Rows of history that durations are taken from: the newest."""

_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)
NEVER_RAN = "NEVER_RAN"


@dataclass(frozen=True, slots=True)
class Backfill:
    """Every interval that begins in [low, high) and was due.

    components  which; none means every one. Data nodes that a named activity writes come with it, so that what reads
                them waits for it, and so do machines
    downstream  also whatever depends on those, directly or not
    """

    pipeline_id: PipelineId
    low: UtcTime
    high: UtcTime
    components: tuple[str, ...] = ()
    downstream: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """What a component would run.

    first, last  scheduled starts of the first interval and the last
    standings    how the intervals stand now: by status, or NEVER_RAN
    """

    component: ComponentId
    kind: Kind
    intervals: int
    first: UtcTime
    last: UtcTime
    standings: Mapping[str, int]
    paused: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """So many intervals of a component that the order would not begin, and why."""

    component: ComponentId
    why: Why
    intervals: int


@dataclass(frozen=True, slots=True)
class Preview:
    """All of a backfill before it is ordered."""

    planned: tuple[Planned, ...]
    left_out: tuple[LeftOut, ...]
    estimate: Estimate
    warnings: tuple[str, ...]

    @property
    def instances(self) -> int:
        """How many it would run, preconditions and machines not counted."""
        return sum(each.intervals for each in self.planned)


@dataclass(frozen=True, slots=True)
class StillToBegin:
    """What was ordered of a component and has not begun."""

    component: ComponentId
    intervals: int
    first: UtcTime
    last: UtcTime


@dataclass(frozen=True, slots=True)
class _Scene:
    state: PipelineState
    plan: Plan


def preview_backfill(request: Backfill, caller: Caller, ports: Ports) -> Preview:
    """What the order would run, and what that costs.

    Raises   InvalidRequest for a component that cannot be ordered, a time that cannot be meant, or too many instances;
             NotPossible for a pipeline that nothing can be ordered of
    """
    scene = _scene(request.pipeline_id, caller, ports)
    components = _chosen(request, scene.plan)
    stretches = _stretches(request, components, scene.state)
    planned = tuple(_planned(component, stretch, scene.state) for component, stretch in stretches)
    found = estimate(
        [(component, _size(stretch)) for component, stretch in stretches],
        _durations(scene.state, ports),
        {component.id: len(component.preconditions) for component, _ in stretches},
    )
    left_out = tuple(
        LeftOut(component.id, why, number)
        for component in components
        for why, number in skipped(component, request.low, request.high, scene.state).items()
    )
    return Preview(planned, left_out, found, tuple(_warnings(planned, request, ports.clock.now())))


def order_backfill(request: Backfill, caller: Caller, ports: Ports, key: str = "") -> Preview:
    """Give the order; what was previewed.

    key      the same order under the same key is one order; empty is a new one
    Raises   as preview_backfill; NotPossible when there is nothing to run
    """
    preview = preview_backfill(request, caller, ports)
    if not preview.planned:
        raise NotPossible("No interval that was due begins between `from` and `to`: nothing would run")
    names = tuple(str(each.component) for each in preview.planned)
    event_id = f"backfill/{key}" if key else ports.ids.fresh()
    event = BackfillOrdered(event_id, ports.clock.now(), request.low, request.high, names)
    publish(ports.sender, request.pipeline_id, [(event.id, event)])
    return preview


def stop_backfill(pipeline_id: PipelineId, caller: Caller, ports: Ports) -> Sequence[StillToBegin]:
    """Begin no more of what was ordered; what that was. What is live goes on: cancel it if it should not."""
    left = still_to_begin(pipeline_id, caller, ports)
    event = BackfillStopped(ports.ids.fresh(), ports.clock.now())
    publish(ports.sender, pipeline_id, [(event.id, event)])
    return left


def still_to_begin(pipeline_id: PipelineId, caller: Caller, ports: Ports) -> Sequence[StillToBegin]:
    """How far the pipeline's backfills are: what has not begun of each component. Empty when all has."""
    view = load_view(caller, pipeline_id, ports)
    if view.state is None or view.source is None:
        return ()
    plan = view.source.plan
    found = []
    for name, stretches in view.state.ordered.items():
        component = plan.components.get(name)
        if component is not None and component.schedule is not None:
            first, last = _bounds(component.schedule, Stretch(stretches[0].first, stretches[-1].last))
            found.append(StillToBegin(name, count(stretches), first, last))
    return found


def _scene(pipeline_id: PipelineId, caller: Caller, ports: Ports) -> _Scene:
    view = load_view(caller, pipeline_id, ports)
    if view.state is None or view.source is None:
        raise NotPossible(f"Pipeline {pipeline_id} was never activated, so it has no past to run")
    if view.source.plan.on_demand:
        raise NotPossible(f"Pipeline {pipeline_id} runs on demand: activate it for another run, or replay its events")
    if view.status is not PipelineStatus.SCHEDULED:
        raise NotPossible(f"Pipeline {pipeline_id} is {view.status.value}: a backfill needs it SCHEDULED")
    return _Scene(view.state, view.source.plan)


def _chosen(request: Backfill, plan: Plan) -> Sequence[Component]:
    if not request.components:
        return [component for component in plan.components.values() if can_be_ordered(component)]
    for number, name in enumerate(request.components):
        known = plan.components.get(ComponentId(name))
        if known is None or not can_be_ordered(known):
            listed = ", ".join(item.id for item in plan.components.values() if can_be_ordered(item))
            raise InvalidRequest(f"components[{number}]: {name[:64]!r} cannot be run by itself; expected of: {listed}")
    names = dict.fromkeys(ComponentId(name) for name in request.components)
    names = _followed(names, plan) if request.downstream else _with_written(names, plan)
    return [component for component in plan.components.values() if component.id in names and can_be_ordered(component)]


def _with_written(names: Mapping[ComponentId, None], plan: Plan) -> dict[ComponentId, None]:
    """With the data nodes that they write: what reads those waits for them."""
    written = [
        other
        for name in names
        for other in plan.consumers.get(name, ())
        if plan.components[other].kind is Kind.DATANODE
    ]
    return {**names, **dict.fromkeys(written)}


def _followed(names: Mapping[ComponentId, None], plan: Plan) -> dict[ComponentId, None]:
    found: dict[ComponentId, None] = {}
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in found:
            found[name] = None
            queue.extend(plan.consumers.get(name, ()))
    return found


def _stretches(
    request: Backfill, components: Iterable[Component], state: PipelineState
) -> Sequence[tuple[Component, Stretch]]:
    if request.low < _FIRST_DAY:
        raise InvalidRequest(f"from: expected a time from {render_time(_FIRST_DAY)}Z on")
    if request.high <= request.low:
        raise InvalidRequest("to: expected a time after `from`")
    found = []
    for component in components:
        reached = (state.components.get(component.id) or ComponentState()).next_index
        schedule = component.schedule
        stretch = stretch_of(schedule, request.low, request.high, reached) if schedule is not None else None
        if stretch is not None:
            found.append((component, stretch))
    total = sum(_size(stretch) for _, stretch in found)
    if total > MOST:
        raise InvalidRequest(f"from: {total} instances begin between `from` and `to`; expected at most {MOST} at once")
    return found


def _size(stretch: Stretch) -> int:
    return stretch.last - stretch.first + 1


def _planned(component: Component, stretch: Stretch, state: PipelineState) -> Planned:
    assert component.schedule is not None
    first, last = _bounds(component.schedule, stretch)
    part = state.components.get(component.id) or ComponentState()
    standings = _standings(component, stretch, part, state.instances.values())
    return Planned(component.id, component.kind, _size(stretch), first, last, standings, part.paused)


def _bounds(schedule: Schedule, stretch: Stretch) -> tuple[UtcTime, UtcTime]:
    return schedule.interval(stretch.first).start, schedule.interval(stretch.last).start


def _standings(
    component: Component, stretch: Stretch, part: ComponentState, live: Iterable[Instance]
) -> Mapping[str, int]:
    """How its intervals ended, from the component's notes; one that the notes have forgotten counts as FINISHED."""
    found: Counter[str] = Counter()
    for item in live:
        if item.component == component.id and item.owner is None and stretch.first <= item.index <= stretch.last:
            found[item.status.value] += 1
    noted_before = 0
    for span in part.exceptions:
        first, last = max(span.first, stretch.first), min(span.last, stretch.last)
        if first <= last:
            found[span.status.value] += last - first + 1
            noted_before += max(0, min(last, -1) - first + 1)
    before = max(0, min(stretch.last, -1) - stretch.first + 1) - noted_before
    finished = _size(stretch) - sum(found.values()) - before
    return {
        name: number
        for name, number in {**found, NEVER_RAN: before, Status.FINISHED.value: finished}.items()
        if number > 0
    }


def _durations(state: PipelineState, ports: Ports) -> Mapping[ComponentId, Duration]:
    """From the newest rows of history: attempts that ended well, from the start of their work to its end."""
    query = TimeQuery(TimeField.ACTUAL_START, EARLIEST, LATEST, newest_first=True)
    rows = ports.store.query_history(state.pipeline_id, query, None, MOST_READ).items
    seen: defaultdict[ComponentId, list[float]] = defaultdict(list)
    for row in rows:
        for attempt in row.attempts:
            if attempt.status is Status.FINISHED and attempt.ended is not None:
                seen[row.component].append((attempt.ended - (attempt.started or attempt.created)).total_seconds())
    return {name: Duration(sum(lengths) / len(lengths), len(lengths)) for name, lengths in seen.items()}


def _warnings(planned: Sequence[Planned], request: Backfill, now: UtcTime) -> Iterator[str]:
    for each in planned:
        if each.paused:
            yield f"{each.component} is paused: its part begins when it is resumed"
    again = sum(each.standings.get(Status.FINISHED.value, 0) for each in planned if each.kind is Kind.ACTIVITY)
    if again:
        yield f"{again} instances of activities that are FINISHED would run again"
    if request.high > now:
        yield "`to` lies ahead: intervals that are not due yet are not in it, and run by themselves"
