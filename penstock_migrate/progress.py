"""What a pipeline has done and left undone, interval by interval. Pure.

1. An interval of which there is no instance has not run: instances are made in the order of intervals.
2. FINISHED and SKIPPED are done. FAILED, TIMEDOUT and CASCADE_FAILED have run; so has what a user canceled. They are
   not repeated unless somebody asks for it.
3. What waits behind such a failure waits for ever at the source; it belongs to the failure.
4. What deactivation canceled, or left waiting, has not run: the source itself would run it on reactivation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.run.plan import Component, Kind, Plan
from chalicelib.domain.values import ComponentId, UtcTime
from penstock_migrate.observe import CANCELED, FAILED, MOVING, WAITING, Observation, Seen


@dataclass(frozen=True, slots=True)
class Ran:
    """One component's progress, in numbers of intervals.

    next_index  the first that has no instance
    left        earlier ones that have not run
    failed      earlier ones that ran and did not succeed, or wait behind one that did not
    """

    next_index: int = 0
    left: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """The deactivation that a switch brings about or finds.

    at     to the second; None while there was none
    alive  ids of instances that lived just before
    """

    at: UtcTime | None = None
    alive: frozenset[str] = frozenset()

    def canceled(self, item: Seen) -> bool:
        """Whether it was deactivation, not a user, that canceled the instance."""
        return item.id in self.alive or (self.at is not None and item.ended is not None and item.ended >= self.at)


@dataclass(frozen=True, slots=True)
class Standing:
    """The unfinished instances of a pipeline, sorted by what is to become of them."""

    running: tuple[Seen, ...] = ()
    left: tuple[Seen, ...] = ()
    failed: tuple[Seen, ...] = ()
    held: tuple[Seen, ...] = ()


def standing_of(plan: Plan, observation: Observation, stop: Stop) -> Standing:
    """Sort them."""
    relevant = [item for item in observation.unfinished if item.component in plan.components]
    failed = [item for item in relevant if _has_failed(item, stop)]
    held = _held(relevant, {item.id for item in observation.unfinished if _has_failed(item, stop)})
    lost = {item.id for item in (*failed, *held)}
    rest = [item for item in relevant if item.id not in lost]
    running = [item for item in rest if item.status in MOVING and _is_work(plan, item)]
    return Standing(
        tuple(running),
        tuple(item for item in rest if item not in running),
        tuple(failed),
        tuple(held),
    )


def progress_of(plan: Plan, observation: Observation, stop: Stop) -> Mapping[ComponentId, Ran]:
    """Progress of every component that follows a schedule."""
    sorted_out = standing_of(plan, observation, stop)
    return {
        component.id: Ran(
            _next_index(component, observation.newest.get(component.id)),
            _indices(component, (*sorted_out.left, *sorted_out.running)),
            _indices(component, (*sorted_out.failed, *sorted_out.held)),
        )
        for component in plan.components.values()
        if component.schedule is not None
    }


def _has_failed(item: Seen, stop: Stop) -> bool:
    return item.status in FAILED or (item.status in CANCELED and not stop.canceled(item))


def _held(relevant: Sequence[Seen], failed: set[str]) -> list[Seen]:
    """What waits behind a failure, directly or behind something that does."""
    held: dict[str, Seen] = {}
    found = True
    while found:
        behind = failed | held.keys()
        fresh = [
            item
            for item in relevant
            if item.id not in behind and item.status in WAITING and behind.intersection(item.waiting_on)
        ]
        held |= {item.id: item for item in fresh}
        found = bool(fresh)
    return list(held.values())


def _is_work(plan: Plan, item: Seen) -> bool:
    """Whether its end has to be waited for: a machine that is up ends by itself when nothing runs on it."""
    return plan.components[ComponentId(item.component)].kind is not Kind.RESOURCE


def _next_index(component: Component, newest: UtcTime | None) -> int:
    return 0 if newest is None or component.schedule is None else max(0, component.schedule.index_at(newest) + 1)


def _indices(component: Component, items: Sequence[Seen]) -> tuple[int, ...]:
    schedule = component.schedule
    mine = [item.start for item in items if item.component == component.id]
    return tuple(sorted({schedule.index_at(start) for start in mine})) if schedule is not None else ()
