"""What would follow from an order, before it is given: the engine's own step, taken on a copy and thrown away.

The step is taken twice, with the order and without, so that what time alone brings about in the same moment is not
told as the order's doing. Nothing is written and nothing sent. What is told is the engine's next turn: what the work
that begins then will come to, nobody knows. Must not decide anything itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.domain.run.advance import Advanced, advance
from chalicelib.domain.run.effects import Effect
from chalicelib.domain.run.events import Event, Woke
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Command, Status
from chalicelib.domain.values import InstanceId, PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller
from chalicelib.service.objects import SetStatus, judged_order
from chalicelib.service.recalling import recalled
from chalicelib.service.steering import OrderComponents, OrderInstance, OrderRun, component_ids, instance_ids, run_ids

_Request = TypeVar("_Request", OrderInstance, OrderRun, OrderComponents)


@dataclass(frozen=True, slots=True)
class Change:
    """An instance that would not be what it is.

    before    None for one that does not exist yet
    returns   whether it ended, or is stuck, and would be live again
    """

    instance: Instance
    before: Status | None
    returns: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the order is for, what would become of which instance (those named first), and what would be done outside.

    effects  those of the order only, in order
    held     of a pause: what waits and would begin no work until it is resumed, by start
    """

    ids: Sequence[str]
    changes: Sequence[Change]
    effects: Sequence[Effect]
    held: Sequence[Instance] = ()


def foresee_instance(request: OrderInstance, caller: Caller, ports: Ports) -> Foreseen:
    """What would follow from `order_instance`. Raises the same."""
    return _foreseen(request, instance_ids, caller, ports)


def foresee_run(request: OrderRun, caller: Caller, ports: Ports) -> Foreseen:
    """What would follow from `order_run`. Raises the same."""
    return _foreseen(request, run_ids, caller, ports)


def foresee_components(request: OrderComponents, caller: Caller, ports: Ports) -> Foreseen:
    """What would follow from `order_components`. Raises the same."""
    return _foreseen(request, component_ids, caller, ports)


def _foreseen(
    request: _Request, named: Callable[[_Request, Caller, Ports], Sequence[str]], caller: Caller, ports: Ports
) -> Foreseen:
    ids = named(request, caller, ports)
    order = SetStatus(PipelineId(request.pipeline_id), tuple(ids), request.command.value)
    events, view = judged_order(order, caller, ports)
    if view.state is None or view.source is None:
        return Foreseen(ids, (), ())
    state, plan, now = view.state, view.source.plan, ports.clock.now()
    rows = {**recalled(state, events, plan, ports.store), **{item.id: item for item in state.ended}}

    def step(told: Sequence[Event]) -> Advanced:
        return advance(state, told, now, plan, rows)

    without, with_order = step([Woke(now)]), step(events)
    changes = tuple(_changes(_standing(rows, without), _standing(rows, with_order), with_order, ids))
    known = {effect.id for effect in without.send}
    held = _held(with_order, ids) if request.command is Command.PAUSE else ()
    return Foreseen(ids, changes, tuple(effect for effect in with_order.send if effect.id not in known), held)


def _held(step: Advanced, ids: Sequence[str]) -> Sequence[Instance]:
    """What has not begun, of the components; what guards it is not counted apart."""
    named = set(ids)
    found = (item for item in step.state.instances.values() if item.component in named and item.owner is None)
    waiting = [item for item in found if item.status is Status.WAITING_ON_DEPENDENCIES]
    return sorted(waiting, key=lambda item: (item.start, item.id))


_Standing = Mapping[InstanceId, tuple[Instance, bool]]
"""Instances by id, and whether they are live."""


def _standing(rows: Mapping[InstanceId, Instance], step: Advanced) -> _Standing:
    past = {name: (item, False) for name, item in rows.items()}
    ended = {item.id: (item, False) for item in step.ended}
    return {**past, **ended, **{name: (item, True) for name, item in step.state.instances.items()}}


def _changes(before: _Standing, after: _Standing, step: Advanced, ids: Sequence[str]) -> Iterator[Change]:
    touched = {item.id for item in step.ended} | set(step.state.instances)
    first = {name: place for place, name in enumerate(ids)}
    for name in sorted(touched, key=lambda each: (first.get(each, len(first)), after[each][0].start, each)):
        (item, live), (was, was_live) = after[name], before.get(name, (None, False))
        if was is None or item.status is not was.status or (live and not was_live):
            yield Change(item, None if was is None else was.status, was is not None and live and not was_live)
