"""Primitive types of the protocol: integers, strings, variable lengths and version 5's properties.

Source  OASIS MQTT 5.0, 1.5 and 2.2.2
"""

import struct
from collections.abc import Mapping
from typing import TypeAlias

PropertyValue: TypeAlias = int | str | bytes | tuple[tuple[str, str], ...]
Properties: TypeAlias = Mapping[int, PropertyValue]

PAYLOAD_FORMAT, MESSAGE_EXPIRY, CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION = 0x01, 0x02, 0x03, 0x08, 0x09
SUBSCRIPTION_ID, SESSION_EXPIRY, ASSIGNED_CLIENT, SERVER_KEEP_ALIVE = 0x0B, 0x11, 0x12, 0x13
WILL_DELAY, REASON, RECEIVE_MAXIMUM, TOPIC_ALIAS_MAXIMUM, TOPIC_ALIAS = 0x18, 0x1F, 0x21, 0x22, 0x23
MAXIMUM_QOS, USER, MAXIMUM_PACKET, WILDCARD_SUBSCRIPTIONS = 0x24, 0x26, 0x27, 0x28
SUBSCRIPTION_IDS_AVAILABLE, SHARED_SUBSCRIPTIONS = 0x29, 0x2A

_KINDS = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), "byte"),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), "two"),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), "four"),
    **dict.fromkeys((0x03, 0x08, 0x12, 0x15, 0x1A, 0x1C, 0x1F), "text"),
    **dict.fromkeys((0x09, 0x16), "binary"),
    0x0B: "length",
    0x26: "pair",
}
_MOST_LENGTH = 268_435_455


class Malformed(Exception):
    """Bytes that are no packet, or one that breaks the protocol; `code` is version 5's reason."""

    def __init__(self, reason: str, code: int = 0x81) -> None:
        super().__init__(reason)
        self.code = code


class Cursor:
    """Reads primitives from one packet's body. Raises Malformed beyond its end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._content):
            raise Malformed("the packet ends too soon")
        taken = self._content[self._at : end]
        self._at = end
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def two(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def four(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def binary(self) -> bytes:
        return self.take(self.two())

    def text(self) -> str:
        try:
            found = self.binary().decode()
        except UnicodeDecodeError as error:
            raise Malformed("a string is not UTF-8") from error
        if "\0" in found:
            raise Malformed("a string holds U+0000")
        return found

    def length(self) -> int:
        found, shift = 0, 0
        while shift <= 21:
            byte = self.byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7
        raise Malformed("a length has more than four bytes")

    def rest(self) -> bytes:
        return self.take(len(self._content) - self._at)

    def more(self) -> bool:
        return self._at < len(self._content)

    def properties(self) -> dict[int, PropertyValue]:
        inner = Cursor(self.take(self.length()))
        found: dict[int, PropertyValue] = {}
        users: list[tuple[str, str]] = []
        while inner.more():
            number = inner.length()
            if number == USER:
                users.append((inner.text(), inner.text()))
            else:
                found[number] = inner.value(number)
        return found | ({USER: tuple(users)} if users else {})

    def value(self, number: int) -> PropertyValue:
        """The value of one property."""
        match _KINDS.get(number):
            case "byte":
                return self.byte()
            case "two":
                return self.two()
            case "four":
                return self.four()
            case "length":
                return self.length()
            case "text":
                return self.text()
            case "binary":
                return self.binary()
        raise Malformed(f"there is no property {number:#x}")


def two(number: int) -> bytes:
    """A two byte integer."""
    return number.to_bytes(2, "big")


def binary(content: bytes) -> bytes:
    """Binary data with its length before it."""
    return two(len(content)) + content


def text(content: str) -> bytes:
    """A string with its length before it."""
    return binary(content.encode())


def length(number: int) -> bytes:
    """A variable byte integer."""
    if number > _MOST_LENGTH:
        raise ValueError(f"{number} is more than a packet can be long")
    made = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        made.append(low | (0x80 if number else 0))
        if not number:
            return bytes(made)


def properties(given: Properties) -> bytes:
    """Properties with their length before them."""
    made = b"".join(_property(number, value) for number, value in given.items())
    return length(len(made)) + made


def _property(number: int, value: PropertyValue) -> bytes:
    match value:
        case tuple():
            return b"".join(bytes([USER]) + text(key) + text(said) for key, said in value)
        case str():
            return bytes([number]) + text(value)
        case bytes():
            return bytes([number]) + binary(value)
        case _:
            return bytes([number]) + _integer(_KINDS[number], value)


def _integer(kind: str, value: int) -> bytes:
    return length(value) if kind == "length" else struct.pack({"byte": ">B", "two": ">H", "four": ">I"}[kind], value)
