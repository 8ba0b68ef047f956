"""Objects of S3 as items, one each. A place to cut is the key before it."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.inference.shares import Cut, Lane
from chalicelib.ports.objects import Objects, Place
from chalicelib.work.copies.routes import Source
from chalicelib.work.inference.items import Item

_STEP = 16


@dataclass(frozen=True, slots=True)
class ObjectItems:
    """Every object of a source but those that only mark directories and our own (`_penstock/`)."""

    source: Source
    objects: Objects

    def cuts(self) -> Iterator[Cut]:
        """See Items."""
        number, key = 0, None
        for number, key in enumerate(self._keys(None), 1):
            if number % _STEP == 0:
                yield Cut(number, key)
        if key is not None and number % _STEP:
            yield Cut(number, key)

    def read(self, lane: Lane, after: str | None) -> Iterator[Item]:
        """See Items. What was removed since it was listed is no longer an item."""
        behind = self._key(after) if after is not None else lane.start
        for key in self._keys(behind):
            if key > lane.end:
                return
            place = Place(self.source.place.bucket, key)
            yield Item(str(place), place)

    def rank(self, item: str) -> tuple[str, int]:
        """See Items."""
        return item, 0

    def _key(self, item: str) -> str:
        return item.removeprefix(f"s3://{self.source.place.bucket}/")

    def _keys(self, after: str | None) -> Iterator[str]:
        place = self.source.place
        if not self.source.many:
            if after is None:
                yield place.key
            return
        for listed in self.objects.list(place, after or ""):
            if is_content(listed.key, place.key):
                yield listed.key


def is_content(key: str, prefix: str) -> bool:
    """Whether a key below a prefix is an author's object: neither a directory's mark nor of our own making."""
    return not key.endswith("/") and not key[len(prefix) :].startswith("_penstock/")
