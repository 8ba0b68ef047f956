"""Instances of preconditions: one per object they guard and interval, created when everything else is met."""

from dataclasses import replace

from chalicelib.domain.run.plan import Component, guard_id
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.turn import Turn


def create_guards(turn: Turn, owner: Instance, component: Component) -> None:
    """Create the instances that check the owner's preconditions; one from an earlier run continues its numbering."""
    ids = []
    for precondition in component.preconditions:
        guard = turn.plan.guards[precondition, component.id]
        found = guard_id(precondition, component.id, owner.id, precondition in turn.plan.shared)
        earlier = turn.past(found)
        turn.put(
            Instance(
                id=found,
                component=precondition,
                index=owner.index,
                start=owner.start,
                end=owner.end,
                version=owner.version,
                status=Status.WAITING_ON_DEPENDENCIES,
                created=turn.now,
                tries_left=guard.tries,
                attempts=earlier.attempts if earlier else (),
                owner=owner.id,
                rerun=owner.rerun,
                events=owner.events,
            )
        )
        ids.append(found)
    turn.keep(replace(owner, checked=True, waiting_on=tuple(ids)))
