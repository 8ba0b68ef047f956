"""Events on their way from the backlog into runs: read before a step, listed before its commit, marked after it.

claims marked ── backlog read ── advance ── lists written ──► commit ──► records marked
                                                                ▲      ▲
                    killed here: nothing was claimed, the list     killed here: the state has the claims, and
                    lies unused until it expires                   the next step marks them before it reads again
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.domain.expression.values import ExpressionValue
from chalicelib.domain.run.assemble import Blueprint
from chalicelib.domain.run.backlog import BATCH, EVENT, is_gathering
from chalicelib.domain.run.events import EffectDone, Event, EventsArrived, TaskProgressed, TaskStarted
from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.state import Claim, Instance, PipelineState
from chalicelib.domain.run.waiting import Backlog, Taken
from chalicelib.domain.trigger.fields import batch_lines, expression_fields
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.events import EventBatch, EventRecord, Standing

MOST_READ = 200
"""Events read for one step, unless one batch takes more; the next step, a second after it, goes on."""

MOST_REMEMBERED = 1000

_FREE_NOTHING = (TaskStarted, TaskProgressed, EffectDone, EventsArrived)


@dataclass(slots=True)
class Claims:
    """Claims whose records this container has marked, so that the next step need not mark them again."""

    _marked: set[tuple[PipelineId, Claim]] = field(default_factory=set)

    def mark(self, pipeline_id: PipelineId, taken: Sequence[Taken], ports: Ports) -> None:
        """Say in the records which run took them."""
        for each in taken:
            ports.store.mark_events(pipeline_id, each.keys, Standing.TAKEN, each.claim.run)
            self._remember(pipeline_id, each.claim)

    def _remember(self, pipeline_id: PipelineId, claim: Claim) -> None:
        """What other containers settled is never asked for here; forgetting it all costs a few marks made again."""
        if len(self._marked) >= MOST_REMEMBERED:
            self._marked.clear()
        self._marked.add((pipeline_id, claim))

    def settle(self, state: PipelineState, ports: Ports) -> None:
        """Make sure that no record of a claim in `state` is still in the backlog."""
        for claim in state.claims:
            known = (state.pipeline_id, claim)
            if known not in self._marked:
                keys = claimed_keys(state.pipeline_id, claim.events, ports)
                ports.store.mark_events(state.pipeline_id, keys, Standing.TAKEN, claim.run)
            self._marked.discard(known)


def read_backlog(
    state: PipelineState, events: Sequence[Event], now: UtcTime, plan: Plan, ports: Ports
) -> Backlog | None:
    """The events that the step may have slots for; None when there is no reason to look."""
    if plan.batching is None or is_gathering(state, events, now):
        return None
    freed = sum(not isinstance(event, _FREE_NOTHING) for event in events)
    room = plan.concurrent - sum(run.started for run in state.runs) + freed
    looked_for = state.arrivals or freed or any(isinstance(event, EventsArrived) for event in events)
    if room <= 0 or not looked_for:
        return None
    limit = min(room * plan.batching.size, max(MOST_READ, plan.batching.size))
    found = ports.store.pending_events(state.pipeline_id, limit)
    return Backlog(tuple(found), len(found) == limit)


def write_batches(pipeline_id: PipelineId, taken: Sequence[Taken], ports: Ports) -> None:
    """Write down the events of runs that have a list, as JSON Lines and as keys."""
    for each in taken:
        if each.claim.events.startswith(BATCH):
            found = ports.store.events(pipeline_id, each.keys)
            records = [found[key] for key in each.keys if key in found]
            uri = ports.staging.put(f"events/{pipeline_id}/{each.claim.run}.jsonl", _lines(records))
            ports.store.put_batch(pipeline_id, each.claim.run, EventBatch(each.keys, uri))


def _lines(records: Sequence[EventRecord]) -> bytes:
    return batch_lines([record.fields for record in records])


def claimed_keys(pipeline_id: PipelineId, events: str, ports: Ports) -> tuple[str, ...]:
    """Keys of the events that a claim names."""
    if events.startswith(EVENT):
        return (events.removeprefix(EVENT),)
    batch = ports.store.batch(pipeline_id, events.removeprefix(BATCH))
    return batch.keys if batch is not None else ()


def with_events(source: Blueprint, instance: Instance, ports: Ports) -> Blueprint:
    """The blueprint with what its trigger heard, for an instance of a run that events started."""
    return replace(source, heard=_heard(source.pipeline, instance.events, ports)) if instance.events else source


def _heard(pipeline_id: PipelineId, events: str, ports: Ports) -> Mapping[str, ExpressionValue]:
    batch = EventBatch((events.removeprefix(EVENT),))
    if events.startswith(BATCH):
        batch = ports.store.batch(pipeline_id, events.removeprefix(BATCH)) or EventBatch(())
    first = batch.keys[:1]
    record = ports.store.events(pipeline_id, first).get(first[0]) if first else None
    own = expression_fields(record.fields) if record is not None else {}
    return {**own, "@count": str(len(batch.keys)), **({"@batch": batch.uri} if batch.uri else {})}
