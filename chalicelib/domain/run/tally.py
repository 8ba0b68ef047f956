"""What one step of the engine did to runs and instances, as counts. A run is all instances of one interval.

1. A run begins with the first instance that any component of its schedule gets for its interval.
2. It has ended when each of those components has had its instance, and none of them is live. One that is stuck behind a
   failure is not live: a rerun makes the run end once more.
3. It failed when, of those components, one has an exception for the interval that nobody asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.run.advance import Advanced
from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import ComponentId

FAILURES = frozenset({Status.FAILED, Status.TIMEDOUT, Status.CASCADE_FAILED})
_FAILED_RUN = FAILURES | {Status.WAITING_ON_DEPENDENCIES}
_Run = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one step."""

    runs_started: int = 0
    runs_finished: int = 0
    runs_failed: int = 0
    instances_finished: int = 0
    instances_failed: int = 0


def tally(before: PipelineState, result: Advanced, plan: Plan) -> Tally:
    """What the step from `before` did. `plan` is the one it was made with."""
    if not result.ended and result.state.instances.keys() <= before.instances.keys():
        return Tally()
    after = result.state
    over = [run for run in _runs(result.ended, plan) if _is_over(run, after, plan)]
    outcomes = [_statuses(run, after, plan) for run in over]
    return Tally(
        runs_started=_started(before, result, plan),
        runs_finished=sum(not found for found in outcomes),
        runs_failed=sum(bool(found & _FAILED_RUN) for found in outcomes),
        instances_finished=sum(item.status is Status.FINISHED for item in result.ended),
        instances_failed=sum(item.status in FAILURES for item in result.ended),
    )


def _runs(instances: tuple[Instance, ...], plan: Plan) -> dict[_Run, None]:
    """The runs that instances belong to, each once; preconditions belong to their owners'."""
    return {
        (plan.components[item.component].schedule_key, item.index): None
        for item in instances
        if item.owner is None and item.component in plan.components
    }


def _peers(run: _Run, plan: Plan) -> Iterator[ComponentId]:
    return (name for name, component in plan.components.items() if component.schedule_key == run[0])


def _started(before: PipelineState, result: Advanced, plan: Plan) -> int:
    shown = before.instances
    fresh = [item for item in (*result.ended, *result.state.instances.values()) if item.id not in shown]
    created = tuple(item for item in fresh if item.status is not Status.SKIPPED and not item.rerun)
    return sum(all(_next(before, name) <= run[1] for name in _peers(run, plan)) for run in _runs(created, plan))


def _next(state: PipelineState, name: ComponentId) -> int:
    progress = state.components.get(name)
    return progress.next_index if progress is not None else 0


def _is_over(run: _Run, after: PipelineState, plan: Plan) -> bool:
    peers = frozenset(_peers(run, plan))
    if any(_next(after, name) <= run[1] for name in peers):
        return False
    return not any(item.component in peers and item.index == run[1] for item in after.instances.values())


def _statuses(run: _Run, after: PipelineState, plan: Plan) -> frozenset[Status]:
    """How the run's instances ended that did not end FINISHED."""
    components: Mapping[ComponentId, object] = after.components
    return frozenset(
        span.status
        for name in _peers(run, plan)
        if name in components
        for span in after.components[name].exceptions
        if span.first <= run[1] <= span.last
    )
