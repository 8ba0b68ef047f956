"""Matroska as Kinesis Video sends it: one short file a fragment, one after another, with tags.

Only what tells fragments apart and what is said of them is read; media is carried, not looked into.
Source: RFC 8794 (EBML), RFC 9559 (Matroska); Kinesis Video Streams developer guide, "data model".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

EBML, SEGMENT, CLUSTER, TAGS = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1254C367
_ENTERED = frozenset({SEGMENT, CLUSTER})
"""Segment and Cluster: of unknown size in a live stream, so their children are walked as if they stood beside them."""
_TAG, _SIMPLE_TAG, _NAME, _STRING = 0x7373, 0x67C8, 0x45A3, 0x4487
MOST_BYTES = 64 * 1024 * 1024
"""Of one element: a fragment has at most 50 MB, so a larger size is a broken stream."""


class Malformed(ValueError):
    """Bytes that are no Matroska."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element; of a Segment or a Cluster only the head, since what is in it follows.

    raw    with its head
    whole  False for the rest of a stream that breaks off, whose `name` and `payload` mean nothing
    """

    name: int
    raw: bytes
    payload: bytes
    whole: bool = True


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
    held: list[Element] = []
    for element in elements(pieces):
        if element.name == EBML and held:
            yield _document(held)
            held = []
        held.append(element)
    if held:
        yield _document(held)


def _document(held: list[Element]) -> Document:
    found: dict[str, str] = {}
    for element in held:
        if element.name == TAGS:
            found |= tags_of(element)
    return Document(b"".join(element.raw for element in held), found, held[-1].whole)


def elements(pieces: Iterable[bytes]) -> Iterator[Element]:
    """The elements of files that follow each other. Raises Malformed for what is no Matroska."""
    held = bytearray()
    begun = False
    for piece in pieces:
        held += piece
        at = 0
        while (element := _element(held, at)) is not None:
            if not begun and element.name != EBML:
                raise Malformed("no EBML header where a Matroska file was expected")
            begun = True
            at += len(element.raw)
            yield element
        del held[:at]
    if held:
        yield Element(0, bytes(held), b"", whole=False)


def _element(held: bytearray, at: int) -> Element | None:
    """The element at `at`; None when it is not all there."""
    head = _head(held, at)
    if head is None:
        return None
    name, size, begins = head
    if name in _ENTERED:
        return Element(name, bytes(held[at:begins]), b"")
    if size is None or size > MOST_BYTES:
        raise Malformed(f"element {name:X} has no size that can be")
    if begins + size > len(held):
        return None
    return Element(name, bytes(held[at : begins + size]), bytes(held[begins : begins + size]))


def tags_of(element: Element) -> dict[str, str]:
    """Names to values of the simple tags in a Tags element."""
    found = {}
    for _, tag in children(element.payload, _TAG):
        for _, simple in children(tag, _SIMPLE_TAG):
            parts = dict(children(simple))
            if _NAME in parts:
                found[_text(parts[_NAME])] = _text(parts.get(_STRING, b""))
    return found


def _text(content: bytes) -> str:
    return content.rstrip(b"\0").decode("utf-8", "replace")


def children(content: bytes, only: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Ids and payloads of the elements in a payload, of one id or of all. Raises Malformed."""
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
