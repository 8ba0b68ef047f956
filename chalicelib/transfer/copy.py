"""Copying objects inside S3: one request when one will do, parts when it will not. Must not know pipelines."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import DataPipelineError
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.objects import Encryption, Listed, Objects, Place, Upload
from chalicelib.transfer.limits import CopyLimits
from chalicelib.transfer.parts import part_ranges, part_size
from chalicelib.transfer.pool import run_all


@dataclass(frozen=True, slots=True)
class CopyItem:
    """One object to copy. `source` and `target` are keys; the others are the source's when it was planned."""

    source: str
    target: str
    size: int
    etag: str
    modified: UtcTime


@dataclass(frozen=True, slots=True)
class Pending:
    """An object that is half copied: the upload, and the part size, to go on with."""

    item: CopyItem
    upload: Upload
    part: int


@dataclass(frozen=True)
class Stopped(DataPipelineError):
    """The caller asked to stop before the object was whole. Its parts are kept: go on, or drop them."""

    pending: Pending

    def __str__(self) -> str:
        return f"stopped while {self.pending.item.source} was copied"


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies between two buckets.

    encryption  of the targets; None is the target bucket's default
    keeps_keys  whether the sources' own KMS keys are to be kept, which costs a request per object
    """

    objects: Objects
    source_bucket: str
    target_bucket: str
    encryption: Encryption | None
    keeps_keys: bool
    limits: CopyLimits
    stopped: Callable[[], bool]

    def copy(self, item: CopyItem) -> str:
        """Copy one object and return its new ETag.

        Raises   Conflict when the source keeps changing, Stopped, and what storage raises
        """
        if item.size > self.limits.single:
            return self._copy_parts(item)
        try:
            return self._copy_whole(item)
        except Conflict:
            return self._copy_whole(self._as_it_is_now(item))

    def _copy_whole(self, item: CopyItem) -> str:
        source, target = self._places(item)
        return self.objects.copy(source, item.etag, target, self._encryption(source))

    def _as_it_is_now(self, item: CopyItem) -> CopyItem:
        """The source is not what was listed. Once, take it as it is now; a second change is the caller's to know."""
        now = self.objects.describe(Place(self.source_bucket, item.source))
        if now.size > self.limits.single:
            raise Conflict(f"copy s3://{self.source_bucket}/{item.source}", "it grew beyond one request meanwhile")
        return CopyItem(item.source, item.target, now.size, now.etag, now.modified)

    def go_on(self, pending: Pending) -> str:
        """Copy what is missing of an object, or all of it when its parts have gone. Raises as `copy` does."""
        try:
            there = self.objects.parts(pending.upload)
        except Missing:
            return self.copy(pending.item)
        return self._fill(pending, there)

    def _copy_parts(self, item: CopyItem) -> str:
        source, target = self._places(item)
        part = part_size(item.size, self.objects.part_size(source), self.limits)
        upload = self.objects.begin_parts(source, target, self.encryption)
        return self._fill(Pending(item, upload, part), {})

    def _fill(self, pending: Pending, there: Mapping[int, str]) -> str:
        """Copy the parts that are not there and end the upload; drop it when that fails."""
        try:
            return self.objects.end_parts(pending.upload, self._parts(pending, there))
        except Stopped:
            raise
        except BaseException:
            self.objects.drop_parts(pending.upload)
            raise

    def _parts(self, pending: Pending, there: Mapping[int, str]) -> list[str]:
        item = pending.item
        source, _ = self._places(item)

        def copy_part(numbered: tuple[int, tuple[int, int]]) -> tuple[int, str]:
            number, span = numbered
            return number, self.objects.copy_part(pending.upload, source, item.etag, number, span)

        ranges = part_ranges(item.size, pending.part, self.limits)
        missing = [(number, span) for number, span in enumerate(ranges, 1) if number not in there]
        parts = {**there, **dict(run_all(copy_part, missing, self.limits.parallel, self.stopped))}
        if len(parts) < len(ranges):
            raise Stopped(pending)
        return [parts[number] for number in sorted(parts)]

    def _places(self, item: CopyItem) -> tuple[Place, Place]:
        return Place(self.source_bucket, item.source), Place(self.target_bucket, item.target)

    def _encryption(self, source: Place) -> Encryption | None:
        if self.encryption is None and self.keeps_keys:
            return kept_encryption(self.objects.describe(source).encryption)
        return self.encryption


def kept_encryption(found: Encryption | None) -> Encryption | None:
    """What a copy asks for to stay under its source's KMS key; None, the bucket's default, for everything else."""
    return found if found is not None and found.algorithm != "AES256" else None


def left_over(items: Iterable[CopyItem], existing: Iterator[Listed]) -> Iterator[CopyItem]:
    """The items whose targets do not hold the same content yet, as far as ETags tell.

    items, existing  both in order of the target's key, so that two listings of any length take no memory
    ETags of objects made in several parts, or under KMS keys, may differ for equal content: those are copied again.
    """
    there = next(existing, None)
    for item in items:
        while there is not None and there.key < item.target:
            there = next(existing, None)
        if there is None or not _is_same(item, there):
            yield item


def _is_same(item: CopyItem, there: Listed) -> bool:
    copied = (there.key, there.size, there.etag) == (item.target, item.size, item.etag)
    return copied and there.modified >= item.modified
