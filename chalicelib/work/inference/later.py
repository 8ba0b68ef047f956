"""Models that answer later: every item is asked about, and nobody waits for the answers.

1. To ask is a pass over a lane whose results are tickets (tickets.py). Whoever takes the lane up, of this attempt or
   another, asks on behind the last ticket: what has one is never asked about again.
2. To collect is a second pass, over the tickets: answers become results as those of any model do, in order, up to the
   first that is not there yet. The end of that one's job wakes the lane (service/completions); looks find what is not
   told.
3. A service that takes no more at a time ends the first pass for now: the next look asks on.
4. An answer that does not come while it can come is a fault of its item.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Lock

from chalicelib.domain.inference.shares import Lane
from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Full
from chalicelib.ports.inference import Answer, ItemRefused
from chalicelib.transfer.rate import Timer
from chalicelib.work.inference.asking import Asker
from chalicelib.work.inference.items import Item, Items
from chalicelib.work.inference.lane import Come, Shift, resume, work_lane
from chalicelib.work.inference.parts import Counts, Part, Parts, chain_of
from chalicelib.work.inference.targets import Later, Target, json_value
from chalicelib.work.inference.tickets import Tickets, ticket_of
from chalicelib.work.outcome import Unfinished
from chalicelib.work.tools import Tools

_FIRST_PAUSE, _LONGEST_PAUSE_OF_MACHINES = 1.0, 60.0
_TELL = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look leaves for the next: a chunk's checkpoint.

    asked   whether every item was asked about
    awaits  key of the job whose end wakes the lane
    pause   seconds before this look
    told    when it was last told that work goes on
    """

    asked: bool = False
    awaits: str | None = None
    pause: float = 0.0
    told: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """How a lane stands. When it is neither `whole` nor `waits`, time was short.

    missing  key of the job of the first answer that is not there
    moved    whether there are results that were not there before
    """

    counts: Counts
    whole: bool
    waits: bool
    asked: bool
    missing: str | None
    moved: bool


@dataclass(frozen=True, slots=True)
class LaterLane:
    """A lane and what the work on it needs.

    parts    its results
    tickets  what was asked
    tries    as an Asker's, to get an answer that is there
    """

    number: int
    lane: Lane
    later: Later
    parts: Parts
    tickets: Parts
    shift: Shift
    tries: int

    def go_on(self, asked: bool, tools: Tools) -> Stand:
        """Ask about what was not asked about, and collect what was answered.

        asked    whether the first pass is known to be over
        Raises   as `work_lane`
        """
        full = False
        if not asked:
            come, full = self._ask()
            asked = come.whole
        found, looking = self.tickets.of(self.number), _Looking(self.later, self.shift)
        begun = resume(self.parts, self.number)
        come = self._collect(found, begun, looking, tools) if asked or full else begun
        spent = chain_of(found)
        counts = replace(come.counts, asked=spent.asked, throttled=spent.throttled)
        waits = looking.missing is not None or (full and come.whole)
        moved = come.counts.items > begun.counts.items
        return Stand(counts, asked and come.whole, waits, asked, looking.missing, moved)

    def _ask(self) -> tuple[Come, bool]:
        """How far it is asked, and whether the service takes no more for now."""
        asking = replace(
            self.shift,
            target=Target(self.shift.target.name, self.shift.target.ask, json_value),
            parts=self.tickets,
            deliver=lambda _: None,
            matches=lambda _: (),
        )
        try:
            return work_lane(self.number, self.lane, resume(self.tickets, self.number), asking), False
        except Full:
            return resume(self.tickets, self.number), True

    def _collect(self, found: Sequence[Part], begun: Come, looking: "_Looking", tools: Tools) -> Come:
        collecting = replace(
            self.shift,
            items=Tickets(self.tickets, found, self.shift.items, begun.counts.items),
            asker=Asker(looking.look, None, self.tries, Timer(tools.seconds, tools.pause), self.shift.stopped),
            given=lambda item: ticket_of(item).given,
            stopped=lambda: looking.missing is not None or self.shift.stopped(),
        )
        return work_lane(self.number, self.lane, begun, collecting)


class _Looking:
    """Looks for answers, and remembers the first that is not there."""

    def __init__(self, later: Later, shift: Shift) -> None:
        self._later = later
        self._items: Items = shift.items
        self._now = shift.now
        self._lock = Lock()
        self._first: tuple[tuple[str, int], str] | None = None

    @property
    def missing(self) -> str | None:
        """Key of its job."""
        return self._first[1] if self._first is not None else None

    def look(self, item: Item) -> Answer | None:
        """The answer to a ticket. Raises ItemRefused when there will be none."""
        ticket = ticket_of(item)
        found = self._later.look(ticket.promise)
        if found is not None:
            return found
        if self._now() - ticket.at > self._later.patience:
            raise ItemRefused("ask", f"NoAnswer: it was asked at {ticket.at:%FT%TZ}, and nobody answers any more")
        self._note((self._items.rank(item.id), self._later.job(ticket.promise)))
        return None

    def _note(self, missing: tuple[tuple[str, int], str]) -> None:
        with self._lock:
            if self._first is None or missing < self._first:
                self._first = missing


def look_of(checkpoint: str | None) -> Look:
    """What the look before left."""
    return from_plain(Look, json.loads(checkpoint)) if checkpoint is not None else Look()


def put_off(look: Look, stand: Stand, most: timedelta, woken: bool, lane: LaterLane) -> Unfinished:
    """The rest of a lane: at once when time was short, else when its next answer is told, or at its next look.

    The pause before that grows while nothing comes, and shrinks while something does.

    most   the longest pause
    woken  whether this was no look, but somebody told of an end: then looks go on by themselves
    """
    if not stand.waits:
        return Unfinished(_text(replace(look, asked=stand.asked)))
    now, pause = lane.shift.now(), _paused(look.pause, stand.moved, most.total_seconds())
    tells = not woken and look.told is not None and now - look.told >= min(_TELL, most)
    told = now if tells or look.told is None else look.told
    progress = (("itemsInferred", str(lane.parts.items())),) if tells else None
    awaits = stand.missing if stand.missing != look.awaits else None
    left = Look(stand.asked, stand.missing, pause, told)
    return Unfinished(_text(left), timedelta(seconds=pause), progress, awaits)


def wait_for(lane: LaterLane, tools: Tools) -> Stand:
    """Work on a lane, and wait for its answers, where nothing ends the work."""
    pause, asked = 0.0, False
    while True:
        stand = lane.go_on(asked, tools)
        if not stand.waits or tools.cancelled():
            return stand
        pause, asked = _paused(pause, stand.moved, _LONGEST_PAUSE_OF_MACHINES), stand.asked
        tools.report((("itemsInferred", str(lane.parts.items())),))
        tools.pause(pause)


def _paused(before: float, moved: bool, most: float) -> float:
    return max(_FIRST_PAUSE, min(before / 2 if moved else before * 2, most))


def _text(look: Look) -> str:
    return json.dumps(to_plain(Look, look), separators=(",", ":"))
