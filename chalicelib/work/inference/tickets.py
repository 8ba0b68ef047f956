"""What was asked of a model that answers later: a line for each item, in parts like those of results (parts.py).

A ticket is a result whose output is the promise, as the target told it; it has an error when the item could not be
asked about. Must not know what is promised.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.inference.results import Fault
from chalicelib.domain.inference.shares import Cut, Lane
from chalicelib.domain.values import UtcTime
from chalicelib.work.inference.items import Item, Items
from chalicelib.work.inference.parts import Part, Parts


@dataclass(frozen=True, slots=True)
class Ticket:
    """One line. `given` is what of the item its result is to have in it; `at` when it was asked."""

    item: str
    promise: bytes
    at: UtcTime
    given: object


def ticket_of(item: Item) -> Ticket:
    """The ticket that an item of `Tickets` is."""
    line = json.loads(item.content) if isinstance(item.content, bytes) else {}
    return Ticket(item.id, json.dumps(line["output"]).encode(), datetime.fromisoformat(line["at"]), line.get("input"))


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets of a lane as items, whose content they are.

    found    the parts that there are of the lane
    items    what was asked about
    behind   how many of the lane have a result already; parts that hold only those are not read
    """

    parts: Parts
    found: Sequence[Part]
    items: Items
    behind: int

    def cuts(self) -> Iterator[Cut]:
        """See Items. A lane is not cut again."""
        yield from ()

    def read(self, _: Lane, after: str | None) -> Iterator[Item]:
        """See Items."""
        begun = self.rank(after) if after is not None else None
        found = [part for part in self.found if part.end > self.behind]
        for line in self.parts.lines(found, self.rank):
            plain = json.loads(line)
            if begun is None or self.rank(plain["item"]) > begun:
                error = plain.get("error")
                yield Item(plain["item"], line, Fault(error["code"], error["message"]) if error else None)

    def rank(self, item: str) -> tuple[str, int]:
        """See Items."""
        return self.items.rank(item)
