"""Runs of a pipeline: listed newest first, one with its instances, and single instances by what they are.

A page reads one query of history a hundred or so instances and the live item; pages cost the same however far they lie
in. Must not know how a run is shown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from chalicelib.domain.errors import InvalidRequest, ObjectNotFound
from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.summary import Run, run_of, run_start, summarised
from chalicelib.domain.values import ComponentId, InstanceId, PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.page import Page
from chalicelib.ports.store import TimeField, TimeQuery
from chalicelib.service.access import Caller, live_pipeline
from chalicelib.service.pipeline_fields import live_state
from chalicelib.service.timeline import EARLIEST, LATEST, Place, placed_instances

MOST_EXAMINED = 2_000
"""Instances looked at for one page: a filter that lets little through still answers soon, with a page that goes on."""

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ListRuns:
    """Runs that begin in [low, high), have one of the statuses, if any are given, and an instance of the component."""

    pipeline_id: PipelineId
    statuses: frozenset[Status] = frozenset()
    component: ComponentId | None = None
    low: UtcTime = EARLIEST
    high: UtcTime = LATEST
    limit: int = 25
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class ListInstances:
    """Instances that begin in [low, high), in order; the filters as in ListRuns."""

    pipeline_id: PipelineId
    statuses: frozenset[Status] = frozenset()
    component: ComponentId | None = None
    low: UtcTime = EARLIEST
    high: UtcTime = LATEST
    limit: int = 25
    marker: str | None = None
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class RunFound:
    """A run and its instances, in order of id; `state` is the live state they were read beside."""

    run: Run
    instances: tuple[Instance, ...]
    state: PipelineState | None


Fits = Callable[[Run, Sequence[Instance]], bool]


def list_runs(request: ListRuns, caller: Caller, ports: Ports) -> Page[Run]:
    """A page of the pipeline's runs, newest first. It may be empty and still go on.

    Raises   InvalidRequest for a marker of another listing
    """

    def fits(run: Run, instances: Sequence[Instance]) -> bool:
        named = request.component is None or any(item.component == request.component for item in instances)
        return named and (not request.statuses or run.status in request.statuses)

    page = _listed(request, fits, caller, ports)
    return Page(tuple(found.run for found in page.items), page.marker)


def list_whole_runs(request: ListRuns, caller: Caller, ports: Ports) -> Page[RunFound]:
    """The same with every instance of each run, for what it costs to look at them; `statuses` are of instances.

    Raises   InvalidRequest for a marker of another listing
    """

    def fits(_run: Run, instances: Sequence[Instance]) -> bool:
        kept = (item for item in instances if request.component in (None, item.component))
        return any(not request.statuses or item.status in request.statuses for item in kept)

    return _listed(request, fits, caller, ports)


def _listed(request: ListRuns, fits: Fits, caller: Caller, ports: Ports) -> Page[RunFound]:
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    listing = f"runs of {record.pipeline_id}"
    after = _run_after(listing, request.marker)
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    high = request.high - _INSTANT if after is None else min(request.high - _INSTANT, run_start(after))
    query = TimeQuery(TimeField.SCHEDULED_START, request.low, high, newest_first=True)
    placed = placed_instances(query, record.pipeline_id, state, None, ports.store)
    runs = (RunFound(run, tuple(instances), state) for run, instances in _runs(placed, state))
    found, last = _collected(runs, request.limit, fits, after)
    return Page(tuple(found), None if last is None else make_marker(listing, [last]))


def recent_runs(pipeline_id: PipelineId, state: PipelineState, most: int, ports: Ports) -> tuple[Run, ...]:
    """The newest runs of a pipeline that the caller was found to have, as far back as one page examines."""
    query = TimeQuery(TimeField.SCHEDULED_START, EARLIEST, LATEST, newest_first=True)
    placed = placed_instances(query, pipeline_id, state, None, ports.store)
    runs = (RunFound(run, tuple(instances), state) for run, instances in _runs(placed, state))
    return tuple(found.run for found in _collected(runs, most, lambda _run, _instances: True, None)[0])


def list_instances(request: ListInstances, caller: Caller, ports: Ports) -> Page[Instance]:
    """A page of the pipeline's instances. It may be empty and still go on.

    Raises   InvalidRequest for a marker of another listing
    """
    record = live_pipeline(ports.store, caller, request.pipeline_id)
    listing = f"instances of {record.pipeline_id} {request.newest_first}"
    after = _place_after(listing, request.marker)
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    query = TimeQuery(
        TimeField.SCHEDULED_START, request.low, request.high - _INSTANT, newest_first=request.newest_first
    )
    found: list[Instance] = []
    last: Place | None = after
    for examined, (place, item) in enumerate(placed_instances(query, record.pipeline_id, state, after, ports.store)):
        if place == after:
            continue
        if examined >= MOST_EXAMINED or len(found) == request.limit:
            return Page(tuple(found), None if last is None else make_marker(listing, [str(part) for part in last]))
        if _fits(item, request):
            found.append(item)
        last = place
    return Page(tuple(found))


def run_instances(pipeline_id: PipelineId, run: str, caller: Caller, ports: Ports) -> RunFound:
    """One run with all its instances, preconditions' included.

    Raises   ObjectNotFound when nothing of the pipeline began then, or history has expired
    """
    record = live_pipeline(ports.store, caller, pipeline_id)
    state = live_state(ports.store, record.pipeline_id) if record.active else None
    found = instances_of_run(record.pipeline_id, run, state, ports)
    if not found:
        raise ObjectNotFound(pipeline_id, f"run {run[:64]}")
    return RunFound(summarised(run, found, _live(state)), found, state)


def instances_of_run(
    pipeline_id: PipelineId, run: str, state: PipelineState | None, ports: Ports
) -> tuple[Instance, ...]:
    """Everything that began with the run, in order of id; nothing when there is no such run."""
    try:
        second = run_start(run)
    except ValueError:
        return ()
    query = TimeQuery(TimeField.SCHEDULED_START, second, second + timedelta(seconds=1) - _INSTANT)
    placed = placed_instances(query, pipeline_id, state, None, ports.store)
    return tuple(item for _, item in placed if run_of(item) == run)


def _live(state: PipelineState | None) -> Mapping[InstanceId, Instance]:
    return state.instances if state is not None else {}


def _runs(
    placed: Iterable[tuple[Place, Instance]], state: PipelineState | None
) -> Iterator[tuple[Run, Sequence[Instance]]]:
    """Runs newest first. Those that begin within one second lie mixed in history, so a second is read whole."""
    for _, second in groupby(placed, key=lambda entry: entry[0][0]):
        runs: dict[str, list[Instance]] = {}
        for _, item in second:
            runs.setdefault(run_of(item), []).append(item)
        for run in sorted(runs, reverse=True):
            yield summarised(run, runs[run], _live(state)), runs[run]


def _collected(
    runs: Iterable[RunFound], limit: int, fits: Fits, after: str | None
) -> tuple[Sequence[RunFound], str | None]:
    """Up to `limit` runs that fit, and the id of the one to go on after; None when none is left."""
    found: list[RunFound] = []
    examined, last = 0, after
    for each in runs:
        if after is not None and each.run.id >= after:
            continue
        if examined >= MOST_EXAMINED or len(found) == limit:
            return found, last
        examined += len(each.instances)
        last = each.run.id
        if fits(each.run, each.instances):
            found.append(each)
    return found, None


def _fits(item: Instance, request: ListInstances) -> bool:
    named = request.component is None or item.component == request.component
    return named and (not request.statuses or item.status in request.statuses)


def _run_after(listing: str, marker: str | None) -> str | None:
    return _read(listing, marker, "t")[0] if marker else None


def _place_after(listing: str, marker: str | None) -> Place | None:
    if not marker:
        return None
    time, name = _read(listing, marker, "nt")
    return int(time), name


def _read(listing: str, marker: str, form: str) -> tuple[str, ...]:
    try:
        return read_marker(listing, marker, form)
    except Rejected as error:
        raise InvalidRequest("cursor: not one of this listing; start again without a cursor") from error
