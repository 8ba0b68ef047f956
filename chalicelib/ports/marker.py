"""Page markers: a position in one listing, checked when it comes back.

The checksum is no secret. It keeps a marker from being cut, edited by accident or used with another listing; a forged
one still only reaches rows that the listing may show.
"""

import base64
import hashlib
import json
from collections.abc import Sequence

from chalicelib.ports.errors import Rejected

_SUM_BYTES = 9  # a multiple of three keeps base64 free of padding between the parts


def make_marker(listing: str, position: Sequence[str]) -> str:
    """Printable text that `read_marker` turns back into `position` for the same listing."""
    text = json.dumps(list(position)).encode()
    return base64.urlsafe_b64encode(_checksum(listing, text) + text).decode()


def read_marker(listing: str, marker: str) -> tuple[str, ...]:
    """The position again. Raises Rejected for anything that `make_marker` did not make for this listing."""
    raw = _decoded(marker)
    if raw[:_SUM_BYTES] != _checksum(listing, raw[_SUM_BYTES:]):
        raise Rejected("marker", "not a marker of this listing: take it from the answer before, unchanged")
    return tuple(json.loads(raw[_SUM_BYTES:]))


def _decoded(marker: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(marker)
    except ValueError as error:
        raise Rejected("marker", "not a marker: take it from the answer before, unchanged") from error


def _checksum(listing: str, text: bytes) -> bytes:
    return hashlib.sha256(json.dumps(listing).encode() + text).digest()[:_SUM_BYTES]
