"""Copying objects through this process, because they change on their way: converted one by one, or joined into one.

Every output appears whole or not at all, under a name that does not change, with bytes that depend on the input alone:
repeating a copy changes nothing. Must not know tasks, chunks or outcomes.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from sys import maxsize

from chalicelib.domain.errors import DataPipelineError
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.objects import Encryption, Objects, Place
from chalicelib.transfer.copy import CopyItem, kept_encryption
from chalicelib.transfer.pool import run_all
from chalicelib.transfer.recode import Recoding
from chalicelib.transfer.upload import store
from chalicelib.work.copies.routes import Route
from chalicelib.work.copies.run import Checkpoint, Copied, Feed, stopper
from chalicelib.work.tools import Tools

_PARALLEL = 8
"""Objects under way at once: each may hold a few parts of 5 MiB."""


class OutOfTime(DataPipelineError):
    """One object takes longer than a function may."""


class _Interrupted(DataPipelineError):
    """The caller asked to stop before the object was whole; nothing of it was stored."""


def convert_items(
    route: Route, recoding: Recoding, found: Iterable[CopyItem], begun: Checkpoint, tools: Tools
) -> Copied:
    """An output object for each input object.

    Raises   OutOfTime when not even the first could be done, BadRecord, BadFile, Conflict, and what storage raises
    """
    converter = _converter(route, tools)
    feed = Feed(found, maxsize, begun)
    order = _Order(begun.after)
    objects = size_bytes = 0
    for key, size in run_all(
        lambda item: (item.source, converter.convert(item, recoding)),
        order.begin(feed),
        _PARALLEL,
        converter.stopped,
    ):
        if size is None:
            continue
        order.end(key)
        objects, size_bytes = objects + (size >= 0), size_bytes + max(size, 0)
        tools.report((("objectsCopied", str(objects)), ("bytesCopied", str(size_bytes))))
    if feed.exhausted and order.whole:
        return Copied(objects, size_bytes, None)
    if order.after == begun.after and not tools.cancelled():
        raise _too_long(f"s3://{converter.bucket}/{order.first}" if order.first else "the next object")
    return Copied(objects, size_bytes, Checkpoint(None, order.after))


def join_items(route: Route, recoding: Recoding, found: Iterable[CopyItem], keeps_keys: bool, tools: Tools) -> Copied:
    """One output object of all input objects, in order of their keys.

    Raises   OutOfTime, BadRecord, BadFile, Conflict when an input changes while it is read, and what storage raises
    """
    converter = _converter(route, tools)
    rest = iter(found)
    first = next(rest)
    joining = _Joining(converter, chain((first,), rest), tools)
    encryption = converter.encryption_of(first) if keeps_keys else route.encryption
    try:
        size = store(tools.objects, route.target, recoding.joined(joining), encryption)
    except _Interrupted as stop:
        if tools.cancelled():
            return Copied(joining.objects, 0, Checkpoint())
        raise _too_long(str(route.target)) from stop
    return Copied(joining.objects, size, None)


@dataclass(frozen=True, slots=True)
class _Converter:
    objects: Objects
    bucket: str
    target_bucket: str
    encryption: Encryption | None
    keeps_keys: bool
    may_go: bool
    stopped: Callable[[], bool]

    def convert(self, item: CopyItem, recoding: Recoding) -> int | None:
        """Bytes written; -1 when the object has gone since it was listed, None when there was no time."""
        content = self.opened(item)
        if content is None:
            return -1
        encryption = self.encryption_of(item) if self.keeps_keys else self.encryption
        place = Place(self.bucket, item.source)
        try:
            return store(
                self.objects, Place(self.target_bucket, item.target), recoding.one(content, str(place)), encryption
            )
        except _Interrupted:
            return None

    def opened(self, item: CopyItem) -> Iterator[bytes] | None:
        """The object's bytes, as it is now should it have changed; None when it has gone from a directory."""
        place = Place(self.bucket, item.source)
        try:
            return self._checked(self._begun(place, item.etag))
        except Missing:
            if self.may_go:
                return None
            raise

    def encryption_of(self, item: CopyItem) -> Encryption | None:
        """What keeps the object's content under its KMS key."""
        return kept_encryption(self.objects.describe(Place(self.bucket, item.source)).encryption)

    def _begun(self, place: Place, etag: str) -> Iterator[bytes]:
        """A stream of which a first piece was read, so that it is known to be there."""
        pieces = self.objects.stream(place, etag)
        try:
            first = next(pieces, b"")
        except Conflict:
            pieces = self.objects.stream(place, self.objects.describe(place).etag)
            first = next(pieces, b"")
        return chain((first,), pieces)

    def _checked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if self.stopped():
                raise _Interrupted("stopped")
            yield piece


def _converter(route: Route, tools: Tools) -> _Converter:
    return _Converter(
        tools.objects,
        route.source.place.bucket,
        route.target.bucket,
        route.encryption,
        route.keeps_keys,
        route.source.many,
        stopper(tools),
    )


class _Joining:
    """Names and contents of what is joined, counted as they are read."""

    def __init__(self, converter: _Converter, found: Iterable[CopyItem], tools: Tools) -> None:
        self._converter = converter
        self._found = found
        self._tools = tools
        self.objects = 0

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        for item, content in self._begun_ahead():
            if content is not None:
                yield str(Place(self._converter.bucket, item.source)), content
                self.objects += 1
                self._tools.report((("objectsCopied", str(self.objects)),))

    def _begun_ahead(self) -> Iterator[tuple[CopyItem, Iterator[bytes] | None]]:
        """Contents in order, each asked for before its turn: a request for a small object is mostly waiting."""
        waiting = iter(self._found)
        with ThreadPoolExecutor(_PARALLEL) as executor:
            asked: deque[tuple[CopyItem, Future[Iterator[bytes] | None]]] = deque()
            while True:
                for item in islice(waiting, _PARALLEL - len(asked)):
                    asked.append((item, executor.submit(self._converter.opened, item)))
                if not asked:
                    return
                item, content = asked.popleft()
                yield item, content.result()


class _Order:
    """Up to which key everything that was begun is done, though they end in any order."""

    def __init__(self, after: str) -> None:
        self.after = after
        self._begun: deque[str] = deque()
        self._done: set[str] = set()

    @property
    def whole(self) -> bool:
        """Whether nothing that was begun is missing."""
        return not self._begun

    @property
    def first(self) -> str | None:
        """The first key that is missing."""
        return self._begun[0] if self._begun else None

    def begin(self, items: Iterable[CopyItem]) -> Iterator[CopyItem]:
        for item in items:
            self._begun.append(item.source)
            yield item

    def end(self, key: str) -> None:
        self._done.add(key)
        while self._begun and self._begun[0] in self._done:
            self.after = self._begun.popleft()
            self._done.discard(self.after)


def _too_long(what: str) -> OutOfTime:
    return OutOfTime(
        f"{what} takes more time than a function has: set placement to resource on the activity, or split the input"
    )
