"""What is due next in a pipeline, so that a step looks at what is due and not at everything that is live.

An agenda is derived from a state and never stored: made anew for a state that was just read, then carried from step to
step. With or without one a step comes to the same result.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

from chalicelib.domain.run.deadlines import deadlines
from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.state import ComponentState, PipelineState
from chalicelib.domain.values import ComponentId, InstanceId, UtcTime

K = TypeVar("K", bound=str)


class Due(Generic[K]):
    """Things by time, earliest first. Some may have become pointless meanwhile; whoever takes one out checks."""

    def __init__(self, entries: Iterable[tuple[UtcTime, K]]) -> None:
        self._heap = list(entries)
        heapify(self._heap)

    def __len__(self) -> int:
        return len(self._heap)

    def copy(self) -> "Due[K]":
        """One that can be changed apart."""
        made: Due[K] = Due(())
        made._heap = self._heap.copy()
        return made

    def add(self, at: UtcTime, key: K) -> None:
        """Enter a time."""
        heappush(self._heap, (at, key))

    def until(self, now: UtcTime) -> list[K]:
        """Take out everything at or before `now`."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            found.append(heappop(self._heap)[1])
        return found

    def first(self, holds: Callable[[UtcTime, K], bool]) -> UtcTime | None:
        """The earliest time that still holds; earlier ones that do not are dropped."""
        while self._heap and not holds(*self._heap[0]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None


@dataclass(slots=True)
class Agenda:
    """Of one state under one plan; only the step that makes the next state changes it.

    deadlines  what time does to instances      resends    effects that are sent again
    overdue    instances with a deadline that passed and could do nothing yet (a paused component's)
    creations  components whose next interval is due
    active     live instances per component that count toward maxActiveInstances
    order      places of the components in the plan
    """

    plan: Plan
    state: PipelineState
    deadlines: Due[InstanceId]
    resends: Due[str]
    creations: Due[ComponentId]
    overdue: frozenset[InstanceId]
    active: "Counter[ComponentId]"
    order: dict[ComponentId, int]

    def fits(self, state: PipelineState, plan: Plan) -> bool:
        """Whether it is this state's: the same objects, but for fields that no deadline comes from."""
        mine = self.state
        same = mine.instances is state.instances and mine.outbox is state.outbox and mine.components is state.components
        return same and self.plan is plan

    def copy(self) -> "Agenda":
        """One for the next step to change."""
        return Agenda(
            self.plan,
            self.state,
            self.deadlines.copy(),
            self.resends.copy(),
            self.creations.copy(),
            self.overdue,
            self.active.copy(),
            self.order,
        )

    def is_crowded(self) -> bool:
        """Whether what has become pointless outweighs the rest, so that a new one is better."""
        entries = len(self.deadlines) + len(self.resends) + len(self.creations)
        return entries > 4 * (len(self.state.instances) + len(self.state.outbox) + len(self.order)) + 64


def agenda_of(state: PipelineState, plan: Plan) -> Agenda:
    """An agenda from nothing but the state."""
    live = state.instances.values()
    return Agenda(
        plan,
        state,
        Due((at, item.id) for item in live for at in deadlines(item, plan.component_of(item))),
        Due((outgoing.again_at, name) for name, outgoing in state.outbox.items()),
        Due(_creations(state, plan)),
        frozenset(),
        Counter(item.component for item in live if item.owner is None and not item.rerun),
        {name: place for place, name in enumerate(plan.components)},
    )


def _creations(state: PipelineState, plan: Plan) -> Iterable[tuple[UtcTime, ComponentId]]:
    """Every component's next interval, whether or not there is a slot for it."""
    for component in plan.components.values():
        progress = state.components.get(component.id) or ComponentState()
        interval = plan.interval(component, progress.next_index)
        if interval is not None:
            yield component.due(interval), component.id
