"""Control packets: bytes to values and back, for versions 4 (3.1.1) and 5.

Source  OASIS MQTT 3.1.1 and 5.0, chapter 3
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from local.iot.mqtt.wire import Cursor, Malformed, Properties, length, properties, text, two

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14
V3, V5 = 4, 5
_NONE: Properties = {}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publish:
    """A message. `packet_id` is 0 for QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    duplicate: bool = False
    packet_id: int = 0
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connect:
    """A client's first packet. `keep_alive` is in seconds; the will is a message without packet id."""

    client: str
    version: int
    clean: bool
    keep_alive: int = 60
    will: Publish | None = None
    username: str | None = None
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnAck:
    """The answer to Connect; `code` is 0 or, by version, why not."""

    session_present: bool
    code: int
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PubAck:
    """The receiver of a QoS 1 message has it."""

    packet_id: int
    code: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One topic filter of a Subscribe; `handling` of retained messages is version 5's."""

    topic_filter: str
    qos: int = 0
    no_local: bool = False
    as_published: bool = False
    handling: int = 0


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Topic filters wanted."""

    packet_id: int
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class SubAck:
    """One code a filter: the QoS granted, or 0x80 and above."""

    packet_id: int
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Topic filters no longer wanted."""

    packet_id: int
    topic_filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnsubAck:
    """One code a filter; version 3.1.1 sends none."""

    packet_id: int
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """PINGREQ or PINGRESP."""

    answer: bool


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The end, with a reason in version 5; 0 is an orderly one."""

    code: int = 0
    properties: Properties = field(default_factory=dict)


Packet: TypeAlias = (
    Connect | ConnAck | Publish | PubAck | Subscribe | SubAck | Unsubscribe | UnsubAck | Ping | Disconnect
)


class Stream:
    """Cuts a byte stream into packets. The version is Connect's, known from the first packet on."""

    def __init__(self, most_bytes: int, version: int = V3) -> None:
        self.version = version
        self._most = most_bytes
        self._held = bytearray()

    def feed(self, content: bytes) -> Iterator[Packet]:
        """Every packet that is complete now. Raises Malformed; one that is too large is refused from its header."""
        self._held += content
        while (bounds := self._bounds()) is not None:
            start, end = bounds
            head, body = self._held[0], bytes(self._held[start:end])
            del self._held[:end]
            packet = decode(head, body, self.version)
            if isinstance(packet, Connect):
                self.version = packet.version
            yield packet

    def _bounds(self) -> tuple[int, int] | None:
        size = 0
        for at, byte in enumerate(self._held[1:5]):
            size |= (byte & 0x7F) << (7 * at)
            if byte < 0x80:
                return self._whole(at + 2, size)
        if len(self._held) >= 5:
            raise Malformed("a length has more than four bytes")
        return None

    def _whole(self, start: int, size: int) -> tuple[int, int] | None:
        if size > self._most:
            raise Malformed(f"a packet of {size} bytes, at most {self._most} are taken", 0x95)
        return (start, start + size) if len(self._held) >= start + size else None


def decode(head: int, body: bytes, version: int) -> Packet:  # noqa: PLR0911 - a table, one return a packet type
    """The packet of a first byte and what follows its length. Raises Malformed."""
    cursor = Cursor(body)
    match head >> 4:
        case 1:
            return _connect(cursor)
        case 3:
            return _publish(head, cursor, version)
        case 4:
            return PubAck(cursor.two(), cursor.byte() if cursor.more() else 0)
        case 8 | 10:
            return _subscriptions(head >> 4, cursor, version)
        case 12 | 13:
            return Ping(answer=head >> 4 == PINGRESP)
        case 14:
            return _disconnect(cursor, version)
    return _answer(head >> 4, cursor, version)


def _connect(cursor: Cursor) -> Connect:
    name, version = cursor.text(), cursor.byte()
    if name != "MQTT" or version not in (V3, V5):
        raise Malformed(f"{name} version {version} is not spoken here", 0x84)
    flags, keep_alive = cursor.byte(), cursor.two()
    given = cursor.properties() if version == V5 else _NONE
    client = cursor.text()
    will = _will(flags, cursor, version) if flags & 0x04 else None
    username = cursor.text() if flags & 0x80 else None
    if flags & 0x40:
        cursor.binary()
    return Connect(client, version, bool(flags & 0x02), keep_alive, will, username, given)


def _will(flags: int, cursor: Cursor, version: int) -> Publish:
    given = cursor.properties() if version == V5 else _NONE
    topic, payload = cursor.text(), cursor.binary()
    return Publish(topic, payload, flags >> 3 & 0x03, bool(flags & 0x20), properties=given)


def _publish(head: int, cursor: Cursor, version: int) -> Publish:
    topic, qos = cursor.text(), head >> 1 & 0x03
    packet_id = cursor.two() if qos else 0
    given = cursor.properties() if version == V5 else _NONE
    return Publish(topic, cursor.rest(), qos, bool(head & 0x01), bool(head & 0x08), packet_id, given)


def _subscriptions(kind: int, cursor: Cursor, version: int) -> Packet:
    packet_id = cursor.two()
    if version == V5:
        cursor.properties()
    if kind == UNSUBSCRIBE:
        return Unsubscribe(packet_id, tuple(_all(cursor, cursor.text)))
    return Subscribe(packet_id, tuple(_all(cursor, lambda: _wanted(cursor))))


def _all(cursor: Cursor, one: Callable[[], T]) -> Iterator[T]:
    if not cursor.more():
        raise Malformed("no topic filter is given", 0x82)
    while cursor.more():
        yield one()


def _wanted(cursor: Cursor) -> Wanted:
    topic_filter, options = cursor.text(), cursor.byte()
    if options & 0x03 == 0x03:
        raise Malformed("there is no QoS 3")
    return Wanted(topic_filter, options & 0x03, bool(options & 0x04), bool(options & 0x08), options >> 4 & 0x03)


def _disconnect(cursor: Cursor, version: int) -> Disconnect:
    code = cursor.byte() if version == V5 and cursor.more() else 0
    return Disconnect(code, cursor.properties() if cursor.more() else _NONE)


def _answer(kind: int, cursor: Cursor, version: int) -> Packet:
    """What a server sends: read by the embedded run's own client."""
    if kind == CONNACK:
        present, code = cursor.byte(), cursor.byte()
        return ConnAck(bool(present & 1), code, cursor.properties() if version == V5 else _NONE)
    if kind not in (SUBACK, UNSUBACK):
        raise Malformed(f"packets of type {kind} are not spoken here", 0x82)
    packet_id = cursor.two()
    if version == V5:
        cursor.properties()
    codes = tuple(cursor.rest())
    return SubAck(packet_id, codes) if kind == SUBACK else UnsubAck(packet_id, codes)


def encode(packet: Packet, version: int) -> bytes:
    """The bytes of a packet."""
    head, body = _encoded(packet, version)
    return bytes([head]) + length(len(body)) + body


def _encoded(packet: Packet, version: int) -> tuple[int, bytes]:  # noqa: PLR0911 - a table, as above
    match packet:
        case Publish():
            return _published(packet, version)
        case PubAck(packet_id, code):
            return PUBACK << 4, two(packet_id) + (bytes([code]) if version == V5 and code else b"")
        case ConnAck(present, code, given):
            return CONNACK << 4, bytes([present, code]) + _properties(given, version)
        case SubAck(packet_id, codes):
            return SUBACK << 4, two(packet_id) + _properties(_NONE, version) + bytes(codes)
        case UnsubAck(packet_id, codes):
            return UNSUBACK << 4, two(packet_id) + (b"\0" + bytes(codes) if version == V5 else b"")
        case Ping(answer):
            return (PINGRESP if answer else PINGREQ) << 4, b""
        case Disconnect(code, _):
            return DISCONNECT << 4, bytes([code]) if version == V5 and code else b""
        case _:
            return _requested(packet, version)


def _published(packet: Publish, version: int) -> tuple[int, bytes]:
    head = PUBLISH << 4 | packet.duplicate << 3 | packet.qos << 1 | packet.retain
    number = two(packet.packet_id) if packet.qos else b""
    return head, text(packet.topic) + number + _properties(packet.properties, version) + packet.payload


def _requested(packet: Connect | Subscribe | Unsubscribe, version: int) -> tuple[int, bytes]:
    """What a client sends: written by the embedded run's own client."""
    match packet:
        case Connect():
            flags = packet.clean << 1
            start = text("MQTT") + bytes([packet.version, flags]) + two(packet.keep_alive)
            return CONNECT << 4, start + _properties(packet.properties, version) + text(packet.client)
        case Subscribe(packet_id, wanted):
            filters = b"".join(text(one.topic_filter) + bytes([one.qos]) for one in wanted)
            return SUBSCRIBE << 4 | 2, two(packet_id) + _properties(_NONE, version) + filters
        case Unsubscribe(packet_id, topic_filters):
            named = b"".join(map(text, topic_filters))
            return UNSUBSCRIBE << 4 | 2, two(packet_id) + _properties(_NONE, version) + named


def _properties(given: Properties, version: int) -> bytes:
    return properties(given) if version == V5 else b""
