"""Rows in batches for drivers that take several at once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from chalicelib.ports.databases import Row


class Batches:
    """Batches in order; `before` is how many rows came before the current one, `count` how many with it."""

    def __init__(self, rows: Iterable[Row], size: int = 1_000) -> None:
        self._rows = iter(rows)
        self._size = size
        self.before = 0
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Row]]:
        while batch := list(islice(self._rows, self._size)):
            self.before, self.count = self.count, self.count + len(batch)
            yield batch
