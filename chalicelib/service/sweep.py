"""Machines and clusters that nobody will end: found by their tags and ended. The last net under the engine's own care.

The engine ends what it remembers, and repeats a launch until it knows its id. What neither covers is left behind: a
machine whose pipeline's state is gone, or a second one that a launch made whose first answer was lost.
"""

import logging
from datetime import timedelta

from chalicelib.domain.run.state import PipelineState, attempt_id, split_attempt_id
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.compute import Inventory, Owned
from chalicelib.service.pipeline_fields import live_state

log = logging.getLogger(__name__)

YOUNGEST = timedelta(hours=2)
"""Nothing younger is touched: a launch that is not confirmed is repeated within an hour, and finds what it made."""


def sweep(ports: Ports, inventory: Inventory) -> int:
    """End everything of ours that no live instance stands behind; how much that was.

    The inventory is read before the states, so that a launch in between is in the states or too young.
    Raises   Denied, Throttled, Unavailable; the next sweep does what this one left
    """
    oldest = ports.clock.now() - YOUNGEST
    forgotten = [item for item in inventory.ours() if item.launched < oldest and not _is_wanted(item, ports)]
    for item in forgotten:
        log.warning("sweep.ending", extra={"resource": item.resource_id, "token": item.token})
        inventory.terminate(item.resource_id)
    return len(forgotten)


def _is_wanted(item: Owned, ports: Ports) -> bool:
    """Whether the attempt that launched it is the newest of a live instance, and stands for no other machine."""
    pipeline, _, attempt = item.token.partition("/")
    state = live_state(ports.store, PipelineId(pipeline))
    split = split_attempt_id(attempt)
    if state is None or split is None:
        return False
    return _stands_for(state, attempt, item.resource_id) or _is_being_ended(state, attempt)


def _stands_for(state: PipelineState, attempt: str, resource_id: str) -> bool:
    split = split_attempt_id(attempt)
    instance = state.instances.get(split[0]) if split else None
    if instance is None or instance.head is None or instance.head.status.ended:
        return False
    return attempt_id(instance.id, instance.head.number) == attempt and instance.resource_id in (None, resource_id)


def _is_being_ended(state: PipelineState, attempt: str) -> bool:
    """The engine has the end of it in its outbox and insists until it is done."""
    return f"{attempt}/terminate" in state.outbox
