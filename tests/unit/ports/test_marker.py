"""Markers come back unchanged, or not at all: also those that somebody made who knows how they are made."""

import base64
import json

import pytest

from chalicelib.ports.errors import Rejected
from chalicelib.ports.marker import _checksum, make_marker, read_marker


def forged(listing: str, text: bytes) -> str:
    return base64.urlsafe_b64encode(_checksum(listing, text) + text).decode()


def test_a_marker_is_read_as_it_was_made() -> None:
    assert read_marker("things", make_marker("things", ["-7", "é/§"]), "nt") == ("-7", "é/§")


def test_a_marker_of_another_listing_is_refused() -> None:
    with pytest.raises(Rejected):
        read_marker("others", make_marker("things", ["a"]), "t")


@pytest.mark.parametrize(
    "text",
    [b"", b"5", b"null", b"[]", b'["a", "b"]', b"[1]", b"[[]]", b'{"a": "b"}', b"\xff", b"[" * 100_000, b'["x"]'],
    ids=["nothing", "number", "null", "short", "long", "no text", "list", "object", "no text at all", "deep", "word"],
)
def test_a_forged_marker_of_another_form_is_refused(text: bytes) -> None:
    with pytest.raises(Rejected):
        read_marker("things", forged("things", text), "n")


def test_a_number_that_no_place_has_is_refused() -> None:
    for number in ("1" * 5000, "1.5", "٣", "0x1", " 1"):
        with pytest.raises(Rejected):
            read_marker("things", forged("things", json.dumps([number]).encode()), "n")
