"""Runs that events start: a batch of the backlog becomes a run as soon as there is a slot for it.

1. What waits is read before the step and handed to it, in order of arrival; the step never reads.
2. A batch is full, or its oldest event has waited for the window. Between the look that found it short and either, it
   is counted what comes, not read: each look reads all that waits.
3. A run claims its events in the commit that creates it. Its records are marked after that commit and, should the
   writer die between the two, before the backlog is read again; so a claimed event is never read as waiting.
4. A run that ends in failure has its events buried, to be found among the dead letters. When something of it is run
   again, they are reclaimed first: a redrive meanwhile would run them twice. What comes of it buries them or not.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate

from chalicelib.domain.run.effects import BuryEvents, ReclaimEvents
from chalicelib.domain.run.events import Activated, Event, EventsArrived
from chalicelib.domain.run.plan import Batching, moment_text
from chalicelib.domain.run.spans import status_at
from chalicelib.domain.run.state import Claim, Instance, OnDemandRun, PipelineState
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.turn import Turn
from chalicelib.domain.run.waiting import Backlog, Taken, Waiting
from chalicelib.domain.values import UtcTime

SOON = timedelta(seconds=1)
TICK = timedelta(milliseconds=1)
"""What the starts of two runs differ by at least."""

LARGEST_BATCH_BYTES = 16 * 1024 * 1024
"""Of a run's events, which are written in one piece; a batch that would be larger is full before."""

EVENT = "event:"
BATCH = "batch:"
_UNHAPPY = frozenset({Status.FAILED, Status.TIMEDOUT, Status.CASCADE_FAILED, Status.CANCELED})


def take_from(turn: Turn, backlog: Backlog, batching: Batching, live: int) -> Sequence[tuple[UtcTime, str]]:
    """Claim a batch for every free slot; `live` slots are in use. Returns start and claimed events of each new run."""
    waiting: list[Waiting] = list(backlog.events)
    started: list[tuple[UtcTime, str]] = []
    turn.batch_at, turn.lacking = None, 0
    while waiting and live + len(started) < turn.plan.concurrent:
        batch = _first_batch(waiting, batching)
        if len(batch) == len(waiting) < batching.size:
            turn.batch_at = _due(batch, batching, turn, more=backlog.more)
        if turn.batch_at is not None:
            turn.lacking = 0 if backlog.more else batching.size - len(batch)
            break
        del waiting[: len(batch)]
        started.append(_claim(turn, [event.key for event in batch], batching))
    turn.backlog = Backlog(tuple(waiting), backlog.more)
    turn.arrivals = bool(waiting) or backlog.more
    return started


def is_gathering(state: PipelineState, events: Sequence[Event], now: UtcTime) -> bool:
    """Whether the batch that was found short before `events` is so still, as far as can be told without a look."""
    lacking = state.lacking
    for event in events:
        if isinstance(event, EventsArrived):
            lacking = still_lacking(lacking, event)
        elif isinstance(event, Activated):
            return False  # of an edited definition, perhaps
    return lacking > 0 and state.batch_at is not None and now < state.batch_at


def still_lacking(lacking: int, event: EventsArrived) -> int:
    """How many events more may fill a batch that lacked so many; some may be counted twice, none is left out."""
    return max(0, lacking - event.count) if event.count else 0


def _first_batch(waiting: Sequence[Waiting], batching: Batching) -> Sequence[Waiting]:
    sizes = accumulate(event.size for event in waiting[: batching.size])
    return waiting[: max(1, sum(size <= LARGEST_BATCH_BYTES for size in sizes))]


def _due(batch: Sequence[Waiting], batching: Batching, turn: Turn, *, more: bool) -> UtcTime | None:
    """When a batch that is not full is to be looked at again; None when it is to be run now."""
    if more:
        return turn.now + SOON  # the rest of it was not read
    full_at = batch[0].arrived + batching.window
    return full_at if full_at > turn.now else None


def _claim(turn: Turn, keys: Sequence[str], batching: Batching) -> tuple[UtcTime, str]:
    start = next_start(turn, turn.now, TICK)
    run = moment_text(start)
    events = f"{BATCH}{run}" if batching.listed else f"{EVENT}{keys[0]}"
    claim = Claim(run, events)
    turn.latest_start = start
    turn.claims.append(claim)
    turn.taken.append(Taken(claim, tuple(keys)))
    return start, events


def next_start(turn: Turn, at: UtcTime, apart: timedelta) -> UtcTime:
    """A start that no run has: `at`, or `apart` after the latest one. Whole seconds where seconds are apart."""
    start = at - timedelta(microseconds=at.microsecond % (apart // timedelta(microseconds=1)))
    starts = [run.start for run in turn.runs]
    starts += [progress.latest_run for progress in turn.components.values() if progress.latest_run]
    starts += [turn.latest_start] if turn.latest_start else []
    if not starts or start > max(starts):
        return start
    latest = max(starts)
    return latest - timedelta(microseconds=latest.microsecond % 1000) + apart


def bury(turn: Turn, run: OnDemandRun) -> None:
    """Have the events of a run that ended listed as dead, if it did not end well."""
    ended = {name: status_at(progress.exceptions, run.index) for name, progress in turn.components.items()}
    unhappy = sorted(name for name, status in ended.items() if status in _UNHAPPY)
    if run.events and unhappy:
        causes = [name for name in unhappy if ended[name] in (Status.FAILED, Status.TIMEDOUT)] or unhappy
        reason = f"{causes[0]} is {ended[causes[0]].value}{_message(turn, run, causes[0])}"
        start = moment_text(run.start)
        _withdraw(turn, start)
        turn.emit(BuryEvents(f"bury/{start}/{_nth(turn)}", start, run.events, reason))


def reclaim(turn: Turn, row: Instance) -> None:
    """Have the events of the row's run off the dead letters until all that runs again of it has ended."""
    if not row.events or row.owner is not None:
        return
    if all(run.index != row.index for run in turn.reruns):
        turn.reruns.append(OnDemandRun(row.index, row.start, started=True, events=row.events))
    start = moment_text(row.start)
    _withdraw(turn, start)
    turn.emit(ReclaimEvents(f"reclaim/{start}/{_nth(turn)}", start, row.events))


def _nth(turn: Turn) -> int:
    """Tells one burial of a run from the next, so that what confirms the first does not confirm the second."""
    return int(turn.now.timestamp() * 1000)


def _withdraw(turn: Turn, start: str) -> None:
    """Drop what was decided about the run's events before and is not known to have happened: it is overtaken."""
    for name, outgoing in list(turn.outbox.items()):
        if isinstance(outgoing.effect, BuryEvents | ReclaimEvents) and outgoing.effect.run == start:
            turn.confirm(name)


def _message(turn: Turn, run: OnDemandRun, component: str) -> str:
    """What the failed attempt said, if it failed in this very step."""
    said = [
        item.head.error_message
        for item in turn.ended.values()
        if item.component == component and item.index == run.index and item.head is not None
    ]
    return f": {said[0]}" if said and said[0] else ""


def next_batch(turn: Turn) -> UtcTime | None:
    """When the backlog is to be looked at again though nothing happens."""
    has_room = sum(run.started for run in turn.runs) < turn.plan.concurrent
    if not has_room or not turn.arrivals:
        return None  # a slot that becomes free is reason enough to look
    return max(turn.batch_at, turn.now + TICK) if turn.batch_at is not None else turn.now + SOON
