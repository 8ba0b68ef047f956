"""The history rows that events bring back, read until what follows from them is there too."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.run.events import Event
from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.recall import wanted
from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.values import InstanceId
from chalicelib.ports.store import HistoryStore


def recalled(
    state: PipelineState, events: Sequence[Event], plan: Plan, store: HistoryStore
) -> Mapping[InstanceId, Instance]:
    """What `advance` needs of history to fold the events in."""
    known: dict[InstanceId, Instance] = {}
    asked: set[InstanceId] = set()
    while missing := wanted(state, events, plan, known) - asked:
        asked |= missing
        known.update(store.history(state.pipeline_id, sorted(missing)))
    return known
