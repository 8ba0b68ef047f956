"""JSON as callers send it."""

import pytest

from chalicelib.edge.json_text import MOST_DIGITS, NotJson, kind, parsed
from chalicelib.edge.shapes import Faults, Moment


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "line 1, column 2"),
        ("\ufeff{}".encode(), "at line 1, column 1"),
        ("[]".encode("utf-16"), "byte 0 is no UTF-8"),
        (b'"\xff"', "byte 1 is no UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"-Infinity", "-Infinity is not a JSON number"),
        (b"1" * (MOST_DIGITS + 1), f"has {MOST_DIGITS + 1} digits"),
        (b"[1e999]", "1e999 is larger"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_format(body: bytes, says: str) -> None:
    with pytest.raises(NotJson) as refused:
        parsed(body)
    assert says in str(refused.value)
    assert "sys." not in str(refused.value)
    assert "codec" not in str(refused.value)


def test_values_are_called_what_json_calls_them() -> None:
    found = parsed(b'[null, true, 1, 1.5, "x", [], {}]')
    assert [kind(value) for value in found] == [
        "null",
        "true or false",
        "a number",
        "a number",
        "text",
        "a list",
        "an object",
    ]


def test_a_time_that_no_clock_shows_is_a_fault_and_no_error() -> None:
    faults = Faults()
    for given in (10**400, -1, float("inf"), float("nan")):
        assert Moment().read(given, "startTimestamp", faults) is None
    assert len(faults.sentences) == 4
