"""Results on their way: files of a lane's results, which are also how far the lane has come.

A part is written whole, and its name tells which results it holds and what they cost:

    _penstock/<run>/<lane>-<first>-<items>-<faults>-<matches>-<asked>-<throttled>.jsonl

Whoever takes a lane up reads the last line of its last part, and goes on behind that item. Should two workers have the
same lane at once, both write parts, which may overlap; when the parts are joined, what came already is left out.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from io import BytesIO

from chalicelib.domain.inference.results import is_fault, item_of
from chalicelib.ports.objects import Encryption, Objects, Place
from chalicelib.transfer.upload import store

_ENDING = ".jsonl"
_PARALLEL = 1
"""Reading the lines takes longer than sending them, so more would only take memory."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was done, and what it cost.

    asked, throttled  calls of models in all, and those among them that were refused for lack of capacity
    """

    items: int = 0
    faults: int = 0
    matches: int = 0
    asked: int = 0
    throttled: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(Counts)))


NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a lane. `first` is how many of the lane's items came before."""

    lane: int
    first: int
    counts: Counts

    @property
    def name(self) -> str:
        """Sorts by lane, then by where it begins."""
        told = [self.counts.items, self.counts.faults, self.counts.matches, self.counts.asked, self.counts.throttled]
        return "-".join([f"{self.lane:05d}", f"{self.first:012d}", *map(str, told)]) + _ENDING

    @property
    def end(self) -> int:
        """How many of the lane's items there are up to its end."""
        return self.first + self.counts.items


def part_of(name: str) -> Part:
    """The part that has the name."""
    lane, first, *told = map(int, name.removesuffix(_ENDING).split("-"))
    return Part(lane, first, Counts(*told))


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one run. `folder` ends in a slash."""

    folder: Place
    objects: Objects
    encryption: Encryption | None

    def of(self, lane: int | None = None) -> tuple[Part, ...]:
        """Parts in order of lane and beginning; of all lanes when none is given."""
        prefix = self.folder if lane is None else self.folder.child(f"{lane:05d}-")
        return tuple(part_of(listed.key[len(self.folder.key) :]) for listed in self.objects.list(prefix))

    def items(self) -> int:
        """How many results there are in all."""
        ends: dict[int, int] = {}
        for part in self.of():
            ends[part.lane] = max(part.end, ends.get(part.lane, 0))
        return sum(ends.values())

    def write(self, part: Part, content: bytes) -> None:
        """Store a part."""
        self.objects.write(self.folder.child(part.name), content, self.encryption)

    def last_item(self, part: Part) -> str:
        """The item of its last result."""
        return item_of(self.objects.read(self.folder.child(part.name)).rstrip(b"\n").rpartition(b"\n")[2])

    def join(self, target: Place, faults: Place, rank: Callable[[str], tuple[str, int]]) -> tuple[int, int] | None:
        """Make one object of the parts, and another of those results that are faults, unless there are none.

        Returns  how many results and faults there are; None when this was done before: the first part is gone then
        """
        found = self.of()
        if not found or (found[0].lane, found[0].first) != (0, 0):
            return None
        counter = _Counter()
        store(self.objects, target, counter.through(self.lines(found, rank)), self.encryption, parallel=_PARALLEL)
        if counter.faults:
            store(self.objects, faults, filter(is_fault, self.lines(found, rank)), self.encryption, parallel=_PARALLEL)
        else:
            self.objects.delete(faults)
        return counter.items, counter.faults

    def drop(self) -> None:
        """Remove the parts, the first one first."""
        for listed in list(self.objects.list(self.folder)):
            self.objects.delete(Place(self.folder.bucket, listed.key))

    def lines(self, found: Iterable[Part], rank: Callable[[str], tuple[str, int]]) -> Iterator[bytes]:
        """The lines of some parts that come in order, each item's once."""
        last: tuple[int, tuple[str, int]] | None = None
        for part in found:
            for line in BytesIO(self.objects.read(self.folder.child(part.name))):
                at = (part.lane, rank(item_of(line)))
                if last is None or at > last:
                    yield line
                    last = at


class _Counter:
    """Counts lines that pass."""

    def __init__(self) -> None:
        self.items = self.faults = 0

    def through(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.items += 1
            self.faults += is_fault(line)
            yield line


def chain_of(parts: Iterable[Part]) -> Counts:
    """What the parts of one lane hold together, overlaps counted once, and what they cost."""
    held, cost, end = Counts(), Counts(), 0
    for part in parts:
        cost += Counts(asked=part.counts.asked, throttled=part.counts.throttled)
        if part.end > end:
            end = part.end
            held += Counts(faults=part.counts.faults, matches=part.counts.matches)
    return Counts(end, held.faults, held.matches, cost.asked, cost.throttled)
