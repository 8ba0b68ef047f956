"""What is inferred: items that are listed lazily, can be cut anywhere, and be gone on with behind any of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.inference.results import Fault
from chalicelib.domain.inference.shares import Cut, Lane
from chalicelib.ports.objects import Place


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to ask a model about.

    id       its address: the same whenever it is listed
    content  its bytes, or where they lie
    fault    why it cannot be asked about, known before asking
    """

    id: str
    content: bytes | Place
    fault: Fault | None = None


class Items(Protocol):
    """The items of an activity's input. Methods raise what reading the input raises."""

    def cuts(self) -> Iterator[Cut]:
        """Places to cut, in order, the last one behind the last item. None when there are no items."""

    def read(self, lane: Lane, after: str | None) -> Iterator[Item]:
        """The lane's items, in order.

        after   id of an item of the lane: only those behind it
        """

    def rank(self, item: str) -> tuple[str, int]:
        """What sorts the ids of items as they are listed."""
