"""One lane's items, side by side to the model and back in their order. Must not know what a lane is part of."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain.errors import DataPipelineError
from chalicelib.domain.inference.matches import Match
from chalicelib.domain.inference.results import Fault, Result, encode_result
from chalicelib.domain.inference.shares import Lane
from chalicelib.domain.values import UtcTime
from chalicelib.ports.inference import Answer, ItemRefused
from chalicelib.transfer.pool import run_all
from chalicelib.work.inference.asking import Asker, fault_of
from chalicelib.work.inference.items import Item, Items
from chalicelib.work.inference.outputs import OutOfTime
from chalicelib.work.inference.parts import NOTHING, Counts, Part, Parts, chain_of
from chalicelib.work.inference.targets import Target

_PART_ITEMS = 500
_PART_BYTES = 2 * 1024 * 1024
_PART_SECONDS = 3.0


@dataclass(frozen=True)
class TooManyFaults(DataPipelineError):
    """More items were set aside than the author wants to put up with. `last` is what was wrong with the last one."""

    faults: int
    most: int
    last: str

    def __str__(self) -> str:
        return f"{self.faults} items have errors, maximumFailedItems is {self.most}; the last: {self.last}"


@dataclass(frozen=True, slots=True)
class Come:
    """How far a lane has come: behind which item, and what was done and spent in all. `whole` is the end of it."""

    counts: Counts
    after: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """What the work on a lane needs.

    deliver   hands results to whoever else wants them, in order, before they are a part; maybe twice
    most      faults to put up with; None is any number
    given     what of an item its result has in it
    matches   what of an answer was looked for
    told      called when a part was written
    """

    items: Items
    target: Target
    asker: Asker
    parts: Parts | None
    deliver: Callable[[Sequence[Result]], None]
    parallel: int
    most: int | None
    given: Callable[[Item], object]
    matches: Callable[[object], tuple[Match, ...]]
    now: Callable[[], UtcTime]
    seconds: Callable[[], float]
    stopped: Callable[[], bool]
    told: Callable[[], None]


def resume(parts: Parts, lane: int) -> Come:
    """How far the parts say that a lane has come."""
    found = parts.of(lane)
    if not found:
        return Come(NOTHING)
    last = max(found, key=lambda part: part.end)
    return Come(chain_of(found), parts.last_item(last))


def work_lane(number: int, lane: Lane, begun: Come, shift: Shift) -> Come:
    """Go on with a lane until it is done, or time to stop.

    Raises   TooManyFaults, and what the asker, the items and the storage raise; what was done by then is kept
    """
    run = _Run(number, begun, shift)
    with suppress(OutOfTime):  # what was not taken comes again
        run.go_through(shift.items.read(lane, begun.after))
    return run.come


class _Run:
    def __init__(self, number: int, begun: Come, shift: Shift) -> None:
        self.come = begun
        self._number = number
        self._shift = shift
        self._held: dict[int, Result | None] = {}
        self._next = 0
        self._ready: list[tuple[Result, bytes]] = []
        self._size = 0
        self._since = shift.seconds()
        self._told = self._spent()

    def go_through(self, items: Iterator[Item]) -> None:
        """Ask about all of them; what there are answers for is handed over, whatever happens."""
        feed = _Feed(items)
        try:
            for number, result in run_all(self._ask, feed, self._shift.parallel, self._shift.stopped):
                self._held[number] = result
                self._settle()
        finally:
            self.flush()
        if feed.exhausted and not self._held:
            self.come = Come(self.come.counts, self.come.after, whole=True)

    def flush(self) -> None:
        """Hand over what is ready. Whoever else wants it comes first: a part says that all of this was done."""
        if self._ready:
            results = [result for result, _ in self._ready]
            self._shift.deliver(results)
            counts = self._counts(results)
            if self._shift.parts is not None:
                part = Part(self._number, self.come.counts.items, counts)
                self._shift.parts.write(part, b"".join(line for _, line in self._ready))
            self.come = Come(self.come.counts + counts, results[-1].item, self.come.whole)
            self._ready, self._size, self._since = [], 0, self._shift.seconds()
            self._check(results)
            self._shift.told()

    def _settle(self) -> None:
        """Take what is next in order, as far as there is an answer for it."""
        while (result := self._held.get(self._next)) is not None:
            line = encode_result(result)
            self._ready.append((result, line))
            self._size += len(line)
            del self._held[self._next]
            self._next += 1
        late = self._shift.seconds() - self._since > _PART_SECONDS
        if late or len(self._ready) >= _PART_ITEMS or self._size >= _PART_BYTES:
            self.flush()

    def _counts(self, results: Sequence[Result]) -> Counts:
        matches = sum(bool(result.matches) for result in results)
        faults = sum(result.fault is not None for result in results)
        spent = self._spent()
        fresh = Counts(
            len(results), faults, matches, spent.asked - self._told.asked, spent.throttled - self._told.throttled
        )
        self._told = spent
        return fresh

    def _spent(self) -> Counts:
        calls = self._shift.asker.calls
        return Counts(asked=calls.asked, throttled=calls.throttled)

    def _check(self, results: Sequence[Result]) -> None:
        most = self._shift.most
        if most is not None and self.come.counts.faults > most:
            last = next((result for result in reversed(results) if result.fault is not None), results[-1])
            told = f"{last.item}: {last.fault.message}" if last.fault is not None else last.item
            raise TooManyFaults(self.come.counts.faults, most, told)

    def _ask(self, numbered: tuple[int, Item]) -> tuple[int, Result | None]:
        number, item = numbered
        found = self._shift.asker.answer(item)
        return number, self._result(item, found) if found is not None else None

    def _result(self, item: Item, found: Answer | Fault) -> Result:
        target, now = self._shift.target, self._shift.now()
        given = self._shift.given(item)
        if isinstance(found, Fault):
            return Result(item.id, target.name, None, now, found, given)
        try:
            output = target.read(found.content)
        except ItemRefused as error:
            return Result(item.id, found.model, None, now, fault_of(error), given)
        return Result(item.id, found.model, output, now, None, given, self._shift.matches(output))


def given_of(item: Item) -> object:
    """The item as its author wrote it; its address is enough for an object or a picture."""
    if not isinstance(item.content, bytes):
        return None
    try:
        text = item.content.decode()
    except UnicodeDecodeError:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


class _Feed:
    """Numbers items, and knows when it came to their end."""

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self.exhausted = False

    def __iter__(self) -> Iterator[tuple[int, Item]]:
        yield from enumerate(self._items)
        self.exhausted = True
