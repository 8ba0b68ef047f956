"""DynamoDB tables as preconditions and copies see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.values import UtcTime
from chalicelib.ports.objects import Encryption, Place

Attribute = Mapping[str, object]
"""One type key of DynamoDB (S, N, B, SS, NS, BS, M, L, BOOL, NULL) and its value: numbers as text, binary as bytes."""

Item = Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Deletion:
    """That there is to be no item with this key."""

    key: Item


Change = Item | Deletion
"""An item that replaces what has its key, or the end of one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is to be known of a table before it is read or written.

    key        names of the key attributes, the partition key first
    items, size_bytes  as DynamoDB last counted them, up to six hours ago
    read_units, write_units  per second, provisioned or the on-demand maximum; None when nothing bounds them
    """

    key: tuple[str, ...]
    items: int
    size_bytes: int
    read_units: float | None
    write_units: float | None


@dataclass(frozen=True, slots=True)
class Segment:
    """One of `total` disjoint parts of a table, numbered from 0."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a segment. `after` is where the next page begins; None at the segment's end."""

    items: tuple[Item, ...]
    units: float
    after: Item | None


@dataclass(frozen=True, slots=True)
class Written:
    """What one write did: the units it took, and the changes that are to be written again."""

    rest: tuple[Change, ...]
    units: float


@dataclass(frozen=True, slots=True)
class Window:
    """The changes from `first` on to before `behind`; 15 minutes to 24 hours apart."""

    first: UtcTime
    behind: UtcTime


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A native export to be made.

    folder      below which DynamoDB makes `AWSDynamoDB/<export id>/`
    token       the same one within eight hours is the same export
    encryption  None is DynamoDB's default
    window      only the changes of it; None is the whole table as it is now
    """

    folder: Place
    token: str
    encryption: Encryption | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class TableExport:
    """A native export.

    manifest  its manifest-summary.json, once it is done
    failure   why it failed; None while it runs and when it is done
    items     of it, once it is done
    """

    manifest: Place | None
    failure: str | None
    items: int


class Tables(Protocol):
    """Every method raises Denied, Rejected, Throttled or Unavailable. A table is a name or an ARN.

    Methods may be called from several threads.
    """

    def exists(self, table: str) -> bool:
        """Whether there is such a table that can be read: one still being created, or on its way out, is not."""

    def has_items(self, table: str) -> bool:
        """Whether it holds at least one item; reads one. False also when there is no such table."""

    def describe(self, table: str) -> Shape:
        """What the table is; Missing when there is none."""

    def scan(self, table: str, segment: Segment, after: Item | None, most: int | None) -> Page:
        """One page of a segment, at most 1 MB, eventually consistent; Missing when the table is gone.

        after   key behind which to begin; that of any item of the segment will do
        most    items to read at most; None is as many as fit
        """

    def put(self, table: str, changes: Sequence[Change]) -> Written:
        """Write up to 25 items with different keys, each replacing what has its key; Missing when the table is gone."""

    def restorable(self, table: str) -> UtcTime | None:
        """Up to when exports can show the table; None without point-in-time recovery. Missing when there is none."""

    def begin_export(self, table: str, request: ExportRequest) -> str:
        """Have DynamoDB export the table; the export's ARN.

        Raises   Rejected when a window, or the time before point-in-time recovery, is asked for that it does not have
        """

    def describe_export(self, export: str) -> TableExport:
        """How an export is."""

    def in_region(self, region: str) -> "Tables":
        """The tables of another region, under the same credentials."""
