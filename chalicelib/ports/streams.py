"""Records of Kinesis data streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.values import UtcTime

MOST_RECORDS = 500
LARGEST_RECORD = 1024 * 1024
LARGEST_BATCH = 5 * 1024 * 1024
"""Of one put. Source: Kinesis Data Streams API reference, PutRecords (data and partition keys together)."""


@dataclass(frozen=True, slots=True)
class StreamName:
    """A stream by its name or ARN. `region` None is that of the ARN, or of the credentials."""

    name: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to put. Records of one key stay in order, as far as each is put before the next."""

    key: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a shard. `sequence` sorts those of a shard when it is compared as a number."""

    shard: str
    sequence: str
    key: str
    content: bytes
    arrived: UtcTime


@dataclass(frozen=True, slots=True)
class Records:
    """Some records of a shard, in order. `next` is where to read on; None at the end of a closed shard.

    behind  how far they are behind the newest record, in milliseconds
    """

    records: Sequence[Record]
    next: str | None
    behind: int


class Streams(Protocol):
    """Every method raises Missing, Denied, Rejected, Throttled or Unavailable. May be called from several threads."""

    def put(self, stream: StreamName, records: Sequence[NewRecord]) -> Sequence[NewRecord]:
        """Put up to 500 records; returns those that were not taken, to be put again."""

    def shards(self, stream: StreamName) -> Sequence[str]:
        """Every shard that may hold records, closed ones too, in order of their ids."""

    def open(self, stream: StreamName, shard: str, after: str | UtcTime | None) -> str:
        """Where to read a shard: behind a record's sequence number, at a moment, or None for its oldest record."""

    def read(self, stream: StreamName, shard: str, place: str, most: int) -> Records:
        """Up to `most` records from a place on; none does not mean that there will be no more."""
