"""Reading a table's segment page by page, and writing items, at a rate, through throttling. Must not know why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.ports.errors import PortError, Throttled
from chalicelib.ports.tables import Change, Deletion, Item, Page, Segment, Shape, Tables
from chalicelib.transfer.rate import Patience, Timer, TokenBucket

ON_DEMAND_UNITS = 40_000.0
"""Per second, what the EMR tools take for the capacity of a table that has none: the quota that accounts begin with."""

BATCH = 25
_PAGE_BYTES = 1024 * 1024
_READ_BYTES = 8 * 1024
_UNKNOWN_ITEM_BYTES = 1024
_WHOLE_PAGE_RATE = _PAGE_BYTES / _READ_BYTES


@dataclass(frozen=True, slots=True)
class Lane:
    """A table, and how it may be used. `tell` gets what a person who looks for the reason of a delay wants to read."""

    tables: Tables
    name: str
    shape: Shape
    bucket: TokenBucket
    timer: Timer
    stopped: Callable[[], bool]
    tell: Callable[[str], None]

    def patience(self) -> Patience:
        """For one request."""
        return Patience(self.timer, self.stopped, self.tell)

    def key_of(self, item: Item) -> Item:
        """The item's key attributes."""
        return {name: item[name] for name in self.shape.key}


def pages(lane: Lane, segment: Segment, after: Item | None) -> Iterator[Page]:
    """The pages of a segment; fewer when it is time to stop, so look at the last one's `after`."""
    most = _most_items(lane.shape, lane.bucket.rate)
    while True:
        page = _page(lane, segment, after, most)
        if page is None:
            return
        yield page
        after = page.after
        if after is None:
            return


def _page(lane: Lane, segment: Segment, after: Item | None, most: int | None) -> Page | None:
    patience = lane.patience()
    while lane.bucket.wait(lane.stopped):
        try:
            page = lane.tables.scan(lane.name, segment, after, most)
        except PortError as error:
            if patience.goes_on(error):
                continue
            return None
        lane.bucket.take(page.units)
        return page
    return None


def _most_items(shape: Shape, rate: float | None) -> int | None:
    """So few items a page that one takes about a second of the rate; no bound where whole pages take less."""
    if rate is None or rate >= _WHOLE_PAGE_RATE:
        return None
    each = shape.size_bytes / shape.items if shape.items else _UNKNOWN_ITEM_BYTES
    return max(1, int(rate * _READ_BYTES / max(each, 1)))


def put_all(lane: Lane, items: Sequence[Change]) -> bool:
    """Write changes of any number; of several with one key the last stays. False when it was time to stop first.

    Raises   what tables raise; some of the items are written then
    """
    wanted = list(_last_of_each_key(lane, items).values())
    return all(_put(lane, wanted[at : at + BATCH]) for at in range(0, len(wanted), BATCH))


def _last_of_each_key(lane: Lane, items: Sequence[Change]) -> Mapping[str, Change]:
    found: dict[str, Change] = {}
    for item in items:
        key = _key_text(lane, item)
        found.pop(key, None)
        found[key] = item
    return found


def _key_text(lane: Lane, change: Change) -> str:
    """An item without its key is DynamoDB's to refuse: it names the attribute."""
    item = change.key if isinstance(change, Deletion) else change
    return repr([item.get(name) for name in lane.shape.key])


def _put(lane: Lane, batch: Sequence[Change]) -> bool:
    patience, rest = lane.patience(), batch
    while rest:
        if not lane.bucket.wait(lane.stopped):
            return False
        left, why = _try(lane, rest)
        if len(left) < len(rest):
            patience = lane.patience()
        rest = left
        if rest and not patience.goes_on(why):
            return False
    return True


def _try(lane: Lane, items: Sequence[Change]) -> tuple[Sequence[Change], PortError]:
    """What is left, and why."""
    try:
        written = lane.tables.put(lane.name, items)
    except PortError as error:
        return items, error
    lane.bucket.take(written.units)
    return written.rest, Throttled(f"write table {lane.name}", f"{len(written.rest)} items were not taken")


def in_region(tables: Tables, region: str | None) -> Tables:
    """The tables of a region as definitions name it: `us-west-1`, or `us_west_1` as a page of the guide has it."""
    return tables if not region else tables.in_region(region.lower().replace("_", "-"))
