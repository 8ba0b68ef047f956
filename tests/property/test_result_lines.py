"""The item of a result's line is found whatever it is called, however long the line."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.inference.results import Result, encode_result, item_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.text(), st.text())
def test_the_item_of_a_line_is_that_of_its_result(item: str, output: str) -> None:
    clean = [text.encode(errors="replace").decode() for text in (item, output)]
    assert item_of(encode_result(Result(clean[0], "m", clean[1], NOW))) == clean[0]


def test_a_long_item_and_a_line_of_another_hand_are_read_whole() -> None:
    assert item_of(encode_result(Result("ü" * 9000, "m", None, NOW))) == "ü" * 9000
    assert item_of(json.dumps({"output": 1, "item": "a"}).encode()) == "a"
    assert item_of(b'{"item": "a"}') == "a"
