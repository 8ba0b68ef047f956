"""Page markers: a position in one listing, checked when it comes back.

The checksum is no secret. It keeps a marker from being cut, edited by accident or used with another listing; a forged
one still only reaches rows that the listing may show.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence

from chalicelib.ports.errors import Rejected

_FOREIGN = "not a marker: take it from the answer before, unchanged"
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_SUM_BYTES = 9  # a multiple of three keeps base64 free of padding between the parts


def make_marker(listing: str, position: Sequence[str]) -> str:
    """Printable text that `read_marker` turns back into `position` for the same listing."""
    text = json.dumps(list(position)).encode()
    return base64.urlsafe_b64encode(_checksum(listing, text) + text).decode().rstrip("=")


def read_marker(listing: str, marker: str, form: str) -> tuple[str, ...]:
    """The position again, as texts.

    form     a letter for each part of the position: `n` for a whole number, `t` for any text
    Raises   Rejected for anything that `make_marker` did not make for this listing, forgeries of another form included
    """
    raw = _decoded(marker)
    if raw[:_SUM_BYTES] != _checksum(listing, raw[_SUM_BYTES:]):
        raise Rejected("marker", "not a marker of this listing: take it from the answer before, unchanged")
    position = _parsed(raw[_SUM_BYTES:])
    if not isinstance(position, list) or len(position) != len(form) or not all(map(_fits, form, position)):
        raise Rejected("marker", _FOREIGN)
    return tuple(position)


def _fits(letter: str, part: object) -> bool:
    return isinstance(part, str) and (letter == "t" or _NUMBER.fullmatch(part) is not None)


def _parsed(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("marker", _FOREIGN) from error


def _decoded(marker: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(marker + "=" * (-len(marker) % 4))
    except ValueError as error:
        raise Rejected("marker", _FOREIGN) from error


def _checksum(listing: str, text: bytes) -> bytes:
    return hashlib.sha256(json.dumps(listing).encode() + text).digest()[:_SUM_BYTES]
