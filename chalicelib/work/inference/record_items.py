"""Records of a Kinesis stream as items. A place to cut is a shard.

The records of a run are those that arrived in a range of time, so that an interval of a schedule has its own, and the
same ones whenever it is run again: nothing has to be remembered of how far a stream was read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chalicelib.domain.inference.shares import Cut, Lane
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import PortError, Unavailable
from chalicelib.ports.streams import Record, Records, StreamName, Streams
from chalicelib.transfer.rate import Patience
from chalicelib.work.inference.items import Item
from chalicelib.work.inference.records import MakeItem

_PAGE = 1000
_GUESS = 64  # items of a shard that nobody has counted
_BETWEEN_READS = 0.25
"""Seconds: a shard may be read five times a second. Source: Kinesis Data Streams developer guide, "Quotas"."""


@dataclass(frozen=True, slots=True)
class RecordItems:
    """The records of a stream from `first` until before `end`; None is its oldest record, and what is there by now."""

    streams: Streams
    stream: StreamName
    first: UtcTime | None
    end: UtcTime | None
    make: MakeItem
    pause: Callable[[float], None]
    patience: Callable[[], Patience]

    def cuts(self) -> Iterator[Cut]:
        """See Items."""
        for number, shard in enumerate(self.streams.shards(self.stream), 1):
            yield Cut(number * _GUESS, shard)

    def read(self, lane: Lane, after: str | None) -> Iterator[Item]:
        """See Items."""
        last = self.rank(after) if after is not None else None
        for shard in self.streams.shards(self.stream):
            behind = last is not None and shard < _shard(last[0])
            if (lane.start is None or shard > lane.start) and shard <= lane.end and not behind:
                sequence = str(last[1]) if last is not None and shard == _shard(last[0]) else None
                yield from self._shard_items(shard, sequence)

    def rank(self, item: str) -> tuple[str, int]:
        """See Items."""
        address, _, sequence = item.rpartition("#")
        return address, int(sequence)

    def _shard_items(self, shard: str, after: str | None) -> Iterator[Item]:
        for record in self._records(shard, after):
            if self.end is not None and record.arrived >= self.end:
                return
            yield self.make(f"{self.stream.name}/{shard}#{record.sequence}", record.content, 0)

    def _records(self, shard: str, after: str | None) -> Iterator[Record]:
        place: str | None = self.streams.open(self.stream, shard, after if after is not None else self.first)
        while place is not None:
            page = self._page(shard, place)
            yield from page.records
            place = page.next
            if not page.records and page.behind == 0:
                return
            self.pause(_BETWEEN_READS)

    def _page(self, shard: str, place: str) -> Records:
        patience = self.patience()
        while True:
            try:
                return self.streams.read(self.stream, shard, place, _PAGE)
            except PortError as error:
                if not patience.goes_on(error):
                    raise Unavailable("read stream", "there was no time left") from error


def _shard(address: str) -> str:
    return address.rpartition("/")[2]
