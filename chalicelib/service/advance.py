"""The one writer of a pipeline: load, decide, commit, write history, then send.

load state ── advance ──► commit (version + 1) ──► history rows ──► mark events taken ──► perform effects
                   ▲                         ▲                  ▲
      killed here: nothing was decided    killed here: the batch comes again, is recognised by its first event, and
                                          what the state and its outbox hold is written and sent again

History is written after the commit, from what was committed: a writer that was overtaken would write rows that never
became true over those that did.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chalicelib.domain.run.advance import Advanced, advance, begin, unheard
from chalicelib.domain.run.agenda import Agenda
from chalicelib.domain.run.codec import encode_event, encode_state
from chalicelib.domain.run.events import Activated, Deleted, Event, Woke
from chalicelib.domain.run.ledger import entered
from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Message, Queue
from chalicelib.ports.store import StoredState
from chalicelib.service.arming import follow
from chalicelib.service.backlog import Claims, read_backlog, write_batches
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.chronicle import tell_turn
from chalicelib.service.dispatch import perform_effects
from chalicelib.service.memory import StateMemory
from chalicelib.service.recalling import recalled

log = logging.getLogger(__name__)

TICK = timedelta(minutes=1)
"""How often the tick looks for what is due; anything sooner gets a timer message of its own."""

_FORGOTTEN_AT_ONCE = 25


@dataclass(slots=True)
class Engine:
    """Advances pipelines. One per container; it holds nothing that is not in the store."""

    ports: Ports
    memory: StateMemory = field(default_factory=StateMemory)
    claims: Claims = field(default_factory=Claims)

    def process(self, pipeline_id: PipelineId, events: Sequence[Event]) -> None:
        """Fold one batch of a pipeline's events in.

        Raises   Conflict when another writer committed first; the batch is delivered again
        """
        stored = self.ports.store.load_state(pipeline_id)
        state, agenda = self._opened(pipeline_id, stored, events)
        if state is None:
            self._without_state(pipeline_id, events)
            return
        again = stored is not None and state.batch == _mark(events)
        if again or state.repeated:
            self._write_history(state)
        version = max([state.definition_version, *(e.definition_version for e in events if isinstance(e, Activated))])
        source = blueprint_of(pipeline_id, version, state.first_activation, self.ports)
        follow(pipeline_id, unheard(state, events), self.ports, triggered=source.plan.batching is not None)
        now = self.ports.clock.now()
        rows = recalled(state, events, source.plan, self.ports.store)
        self.claims.settle(state, self.ports)
        backlog = read_backlog(state, events, now, source.plan, self.ports)
        result = advance(state, events, now, source.plan, rows, again=again, agenda=agenda, backlog=backlog)
        result = replace(
            result, state=replace(result.state, costs=entered(state.costs, result.ended, source.plan, now))
        )
        write_batches(pipeline_id, result.taken, self.ports)
        size_bytes = self._committed(stored, state, result, events, now, again=again)
        if size_bytes:
            self.claims.mark(pipeline_id, result.taken, self.ports)
            perform_effects(result, self.ports)
            due, ended = stored.wake_at if stored is not None else None, self.ports.clock.now()
            tell_turn(state, result, events, source.plan, due=due, began=now, ended=ended, size_bytes=size_bytes)
        if result.state.status is PipelineStatus.DELETING and not result.state.outbox:
            purge(pipeline_id, self.ports)

    def _opened(
        self, pipeline_id: PipelineId, stored: StoredState | None, events: Sequence[Event]
    ) -> tuple[PipelineState | None, Agenda | None]:
        if stored is not None:
            return self.memory.read(pipeline_id, stored.payload)
        first = next((event for event in events if isinstance(event, Activated)), None)
        return (begin(pipeline_id, first) if first is not None else None), None

    def _without_state(self, pipeline_id: PipelineId, events: Sequence[Event]) -> None:
        """Deleted before it was ever activated, or late news of one that was deleted."""
        if any(isinstance(event, Deleted) for event in events):
            purge(pipeline_id, self.ports)
        else:
            log.info("pipeline.gone", extra={"pipeline": pipeline_id, "events": len(events)})

    def _write_history(self, state: PipelineState) -> None:
        if state.ended:
            self.ports.store.put_history(state.pipeline_id, state.ended)

    def _committed(
        self,
        stored: StoredState | None,
        before: PipelineState,
        result: Advanced,
        events: Sequence[Event],
        now: UtcTime,
        *,
        again: bool,
    ) -> int:
        """Write what changed; the live item's bytes, 0 when nothing did and nothing is to be sent."""
        woke = any(isinstance(event, Woke) for event in events)
        if stored is not None and result.state == before and not result.send and not woke:
            return 0
        wake_at = result.wake_at
        if again and result.ended:
            wake_at = min(wake_at or now + TICK, now + TICK)
        timer = wake_at if wake_at is not None and wake_at < now + TICK else None
        state = replace(result.state, timer=timer, ended=result.ended, batch=_mark(events), repeated=again)
        number = stored.version + 1 if stored is not None else 1
        payload = encode_state(state)
        index_at = _place(stored, wake_at, now)
        self.ports.store.save_state(before.pipeline_id, StoredState(payload, number), index_at)
        self.memory.keep(payload, state, result.agenda)
        self._write_history(state)
        if timer is not None and timer != before.timer:
            send_timer(self.ports, before.pipeline_id, timer, now)
        return len(payload)


def _place(stored: StoredState | None, wake_at: UtcTime | None, now: UtcTime) -> UtcTime | None:
    """Where the pipeline is to stand in the wake index.

    Each move costs two write units and being woken too early changes nothing, so what merely gets later stays.
    """
    before = stored.wake_at if stored is not None else None
    if before is not None and wake_at is not None and now < before <= wake_at:
        return before
    return wake_at


def _mark(events: Sequence[Event]) -> str:
    """What tells a batch that is delivered again: messages of a pipeline keep their order, so it begins the same."""
    return hashlib.sha256(encode_event(events[0]).encode()).hexdigest()[:16] if events else ""


def send_timer(ports: Ports, pipeline_id: PipelineId, at: UtcTime, now: UtcTime) -> None:
    """Have the pipeline woken at `at`, which is at most 15 minutes away; the body is the pipeline's id."""
    delay = max(timedelta(0), at - now)
    ports.sender.send(Queue.TIMERS, [Message(f"{pipeline_id}/{at.timestamp():.3f}", pipeline_id, delay=delay)])


def purge(pipeline_id: PipelineId, ports: Ports) -> None:
    """Forget a deleted pipeline's data once nothing of it is left outside; killed half-way, the next event goes on."""
    record = ports.store.pipelines([pipeline_id]).get(pipeline_id)
    ports.store.delete_history(pipeline_id)
    ports.store.delete_events(pipeline_id)
    for version in {record.latest, record.active} if record is not None else set():
        ports.store.delete_definition(pipeline_id, version)
    while listed := ports.store.versions(pipeline_id, None, _FORGOTTEN_AT_ONCE).items:
        for saved in listed:
            ports.store.delete_definition(pipeline_id, saved.version)
    ports.store.delete_state(pipeline_id)
