"""Matroska as Kinesis Video sends it: one short file a fragment, one after another, with tags.

Only what tells fragments apart and what is said of them is read; media is carried, not looked into.
Source: RFC 8794 (EBML), RFC 9559 (Matroska); Kinesis Video Streams developer guide, "data model".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_EBML = 0x1A45DFA3
_ENTERED = frozenset({0x18538067, 0x1F43B675})
"""Segment and Cluster: of unknown size in a live stream, so their children are walked as if they stood beside them."""
_TAGS, _TAG, _SIMPLE_TAG, _NAME, _STRING = 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487
MOST_BYTES = 64 * 1024 * 1024
"""Of one element: a fragment has at most 50 MB, so a larger size is a broken stream."""


class Malformed(ValueError):
    """Bytes that are no Matroska."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the stream: from one EBML header until before the next.

    tags   names to values of every simple tag; of several with one name, the last
    whole  whether its last element is all there
    """

    content: bytes
    tags: dict[str, str] = field(default_factory=dict)
    whole: bool = True


def documents(pieces: Iterable[bytes]) -> Iterator[Document]:
    """The files in a stream of bytes, as they are complete; a last one that breaks off is not `whole`.

    Holds one file in memory. Raises Malformed for what is no Matroska, after the files before it.
    """
    held = bytearray()
    walk = _Walk()
    for piece in pieces:
        held += piece
        while (end := walk.document_end(held)) is not None:
            yield Document(bytes(held[:end]), walk.tags)
            del held[:end]
            walk = _Walk()
    if held:
        yield Document(bytes(held), walk.tags, walk.at == len(held))


class _Walk:
    """Over the elements of the document that begins at the front of a buffer that grows."""

    def __init__(self) -> None:
        self.at = 0
        self.tags: dict[str, str] = {}

    def document_end(self, held: bytearray) -> int | None:
        """Where the next document begins; None while it is not in sight."""
        while (head := _head(held, self.at)) is not None:
            name, size, begins = head
            if self.at == 0 and name != _EBML:
                raise Malformed("no EBML header where a Matroska file was expected")
            if name == _EBML and self.at > 0:
                return self.at
            if not self._step(held, name, size, begins):
                return None
        return None

    def _step(self, held: bytearray, name: int, size: int | None, begins: int) -> bool:
        """Go past an element, or into it; False when it is not all there."""
        if name in _ENTERED:
            self.at = begins
            return True
        if size is None or size > MOST_BYTES:
            raise Malformed(f"element {name:X} has no size that can be")
        if begins + size > len(held):
            return False
        if name == _TAGS:
            self.tags |= _tags(bytes(held[begins : begins + size]))
        self.at = begins + size
        return True


def _tags(content: bytes) -> dict[str, str]:
    found = {}
    for _, tag in _children(content, _TAG):
        for _, simple in _children(tag, _SIMPLE_TAG):
            parts = dict(_children(simple))
            if _NAME in parts:
                found[_text(parts[_NAME])] = _text(parts.get(_STRING, b""))
    return found


def _text(content: bytes) -> str:
    return content.rstrip(b"\0").decode("utf-8", "replace")


def _children(content: bytes, only: int | None = None) -> Iterator[tuple[int, bytes]]:
    at = 0
    while (head := _head(content, at)) is not None:
        name, size, begins = head
        at = len(content) if size is None else begins + size
        if only in (None, name):
            yield name, content[begins:at]


def _head(held: bytes | bytearray, at: int) -> tuple[int, int | None, int] | None:
    """Id, size (None when unknown) and beginning of the element at `at`; None when its head is not all there."""
    name = _number(held, at, 4, keeps_marker=True)
    if name is None:
        return None
    size = _number(held, at + name[1], 8, keeps_marker=False)
    if size is None:
        return None
    unknown = size[0] == (1 << 7 * size[1]) - 1
    return name[0], None if unknown else size[0], at + name[1] + size[1]


def _number(held: bytes | bytearray, at: int, longest: int, *, keeps_marker: bool) -> tuple[int, int] | None:
    """A number of variable length, and its length; None when it is not all there."""
    if at >= len(held):
        return None
    length = 9 - held[at].bit_length()
    if length > longest:
        raise Malformed(f"no element begins at byte {at}")
    if at + length > len(held):
        return None
    value = int.from_bytes(held[at : at + length])
    return (value if keeps_marker else value & ((1 << 7 * length) - 1)), length
