"""Matroska that is written: tags, and incoming streams cut into fragments. Must not know streams or requests."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chalicelib.transfer.formats.matroska import CLUSTER, EBML, TAGS, Element, children, elements, tags_of

_TAG, _TARGETS, _SIMPLE_TAG, _NAME, _STRING = 0x7373, 0x63C0, 0x67C8, 0x45A3, 0x4487
_SCALE, _BLOCK = 0x2AD7B1, 0xA1
_LEFT_OUT = frozenset({0x114D9B74, 0x1C53BB6B, 0xEC})  # SeekHead, Cues, Void: they point into the file they were in


@dataclass(frozen=True, slots=True)
class Piece:
    """One fragment as it came: a file of its own, without its tags.

    begin_ms   its cluster's time
    length_ms  from the first block to the end of the last
    """

    content: bytes
    begin_ms: float
    length_ms: float
    tags: Mapping[str, str]


def pieces_of(incoming: Iterable[bytes]) -> Iterator[Piece]:
    """Fragments of a stream, one each cluster, as they are complete. Raises Malformed."""
    cutter = _Cutter()
    for element in elements(incoming):
        yield from cutter.put(element)
    yield from cutter.flush()


@dataclass(slots=True)
class _Cutter:
    """Keeps what every cluster of a file shares, and gives each a copy. Tags stand behind their cluster."""

    head: list[bytes] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    scale: int = 1_000_000
    begin: int = 0

    def put(self, element: Element) -> Iterator[Piece]:
        if element.name == EBML:
            yield from self.flush()
            self.head = [element.raw]
        elif element.name == CLUSTER:
            yield from self.flush()
            self.body = [element.raw]
        elif element.name == TAGS:
            self.tags |= tags_of(element)
        elif element.name not in _LEFT_OUT:
            self._hold(element)

    def flush(self) -> Iterator[Piece]:
        if self.body:
            content = b"".join((*self.head, *self.body))
            milli = self.scale / 1e6
            yield Piece(content, self.begin * milli, _length(self.times) * milli, self.tags)
            self.tags = {}
        self.body, self.times = [], []

    def _hold(self, element: Element) -> None:
        if not self.body:
            self.head.append(element.raw)
        else:
            self.body.append(element.raw)
        self._note(element)

    def _note(self, element: Element) -> None:
        match element.name:
            case 0x1549A966:  # Info
                self.scale = int.from_bytes(dict(children(element.payload)).get(_SCALE, b"\x0f\x42\x40"))
            case 0xE7:  # Timestamp
                self.begin = int.from_bytes(element.payload)
            case 0xA3:  # SimpleBlock
                self.times.append(_block_time(element.payload))
            case 0xA0:  # BlockGroup
                self.times += [_block_time(part) for name, part in children(element.payload) if name == _BLOCK]


def _length(times: list[int]) -> float:
    """The last block lasts as long as the others do on average."""
    span = max(times) - min(times) if times else 0
    return span + span / (len(times) - 1) if len(times) > 1 else span


def _block_time(payload: bytes) -> int:
    track = 9 - payload[0].bit_length() if payload and payload[0] else 1
    return int.from_bytes(payload[track : track + 2], signed=True)


def tagged(content: bytes, tags: Mapping[str, str]) -> bytes:
    """A file with these tags behind its last cluster, where live streams have them."""
    simple = b"".join(_written(_SIMPLE_TAG, _text(_NAME, name) + _text(_STRING, tags[name])) for name in tags)
    return content + _written(TAGS, _written(_TAG, _written(_TARGETS, b"") + simple)) if tags else content


def bare(tags: Mapping[str, str]) -> bytes:
    """A file with nothing but tags: how the service says that something went wrong."""
    kind = _text(0x4282, "matroska")
    return _written(EBML, kind) + bytes.fromhex("18538067 01ffffffffffffff") + tagged(b"", tags)


def _text(name: int, value: str) -> bytes:
    return _written(name, value.encode())


def _written(name: int, content: bytes) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8) + (len(content) | 1 << 56).to_bytes(8) + content
