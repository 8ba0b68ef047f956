"""DynamoDB's attribute values, and the sort keys made of times and ids."""

import hashlib
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.values import UtcTime

Value = Mapping[str, Any]
Item = Mapping[str, Value]

_LONGEST_ID_BYTES = 900  # a sort key takes 1,024 bytes, of which a time needs up to 27


def text(value: str) -> Value:
    """A string."""
    return {"S": value}


def number(value: int) -> Value:
    """A whole number."""
    return {"N": str(value)}


def flag(value: bool) -> Value:
    """A truth value."""
    return {"BOOL": value}


def packed(value: str) -> Value:
    """Text, compressed: writes cost by the kilobyte."""
    return {"B": zlib.compress(value.encode(), 6)}


def unpacked(value: Value) -> str:
    """The text that `packed` was given."""
    return zlib.decompress(value["B"]).decode()


def sortable(moment: UtcTime) -> str:
    """A time as text whose order is the order of time, to the microsecond."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def moment_of(stored: str) -> UtcTime:
    """The time that `sortable` was given."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def key_part(identifier: str) -> str:
    """An id as part of a sort key: itself, or its beginning and its hash when it is too long for one."""
    raw = identifier.encode()
    if len(raw) <= _LONGEST_ID_BYTES:
        return identifier
    return raw[: _LONGEST_ID_BYTES - 64].decode(errors="ignore") + hashlib.sha256(raw).hexdigest()
