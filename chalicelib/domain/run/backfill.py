"""Running intervals of the past again, or for the first time, as slots free up.

1. An order adds stretches of interval numbers to the components it names; nothing is created by it. The same order
   again changes nothing, two that overlap are one.
2. A step begins as many as there are slots, oldest first: the row of what ran before is brought back, so that attempts
   are numbered on; what never ran begins without one. `window` says which, so that the step has the rows.
3. Until it has begun, an ordered interval counts as still to come: what depends on it waits, and the machine for it
   stays.
4. Nothing of it is late: it is long past, and an alarm, or worse a Terminate, would say nothing that is not known.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.run.dependencies import resource_key
from chalicelib.domain.run.events import BackfillOrdered, BackfillStopped
from chalicelib.domain.run.newborn import passed_over
from chalicelib.domain.run.ordered import can_be_ordered, is_ordered, slots_taken, stretch_of, with_stretch, without
from chalicelib.domain.run.plan import Component, Kind
from chalicelib.domain.run.recall import bring_back
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.values import ComponentId, UtcTime

SOON = timedelta(seconds=1)


def order(turn: Turn, event: BackfillOrdered) -> None:
    """Note what is to be run. Components that cannot be ordered, or are not there, are passed over."""
    for name in event.components:
        component = turn.plan.components.get(ComponentId(name))
        if component is None or component.schedule is None or not can_be_ordered(component):
            continue
        stretch = stretch_of(component.schedule, event.low, event.high, turn.progress(component.id).next_index)
        if stretch is not None:
            turn.order(component.id, with_stretch(turn.ordered.get(component.id, ()), stretch))


def stop(turn: Turn, event: BackfillStopped) -> None:
    """Forget what was ordered and not begun; what is live goes on."""
    for name in list(turn.ordered):
        if not event.components or name in event.components:
            turn.order(name, ())
    turn.touched.update(dict.fromkeys(turn.instances))


def begin_ordered(turn: Turn) -> None:
    """Begin what the step's window has, as far as there are slots."""
    if turn.status is not PipelineStatus.SCHEDULED or not turn.window.indexes:
        return
    taken = slots_taken(turn.instances.values())
    for name, indexes in turn.window.indexes.items():
        component = turn.plan.components[name]
        for index in indexes:
            if turn.progress(name).paused or taken[name] >= component.max_active:
                break
            if is_ordered(turn.ordered.get(name, ()), index):
                taken[name] += _begin(turn, component, index)


def _begin(turn: Turn, component: Component, index: int) -> int:
    """Bring the interval's instance to life; how many slots that takes."""
    row = passed_over(turn, component, index)
    if row.id in turn.instances:
        turn.order(component.id, without(turn.ordered[component.id], index, index))
        return 0
    if row.id in turn.ended:
        return 0  # in this very step: what guarded it may still be live. The next step begins it
    _bring_machine(turn, component, row)
    bring_back(turn, turn.past(row.id) or row, cascade=False)
    live = turn.instances[row.id]
    turn.put(replace(live, late=True))
    return 1


def _bring_machine(turn: Turn, component: Component, row: Instance) -> None:
    """A machine comes with what runs on it; one that never ran has no row to come from."""
    if component.resource is None:
        return
    machine = turn.plan.components[component.resource]
    key = resource_key(row, component, machine)
    if key is None or machine.kind is not Kind.RESOURCE or key[1] in turn.instances:
        return
    if key[0] < turn.progress(machine.id).next_index:
        bring_back(turn, turn.past(key[1]) or passed_over(turn, machine, key[0]), cascade=False)


def next_beginning(turn: Turn) -> UtcTime | None:
    """When the next of what was ordered may begin: soon, while there is a slot for it."""
    if turn.status is not PipelineStatus.SCHEDULED or not turn.ordered:
        return None
    taken = slots_taken(turn.instances.values())
    for name in turn.ordered:
        component = turn.plan.components.get(name)
        if component is not None and not turn.progress(name).paused and taken[name] < component.max_active:
            return turn.now + SOON
    return None
