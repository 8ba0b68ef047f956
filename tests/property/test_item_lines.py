"""Items as lines: every item comes back from every spelling, wherever the bytes are cut."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ports.tables import Deletion, Item
from chalicelib.transfer.formats.faults import BadRecord
from chalicelib.transfer.formats.items import decode_change, decode_item, encode_item, read_items

TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ["", "Item", "S", "M", "\u2028", "\x02\x03\n\"'\\"]
)
NUMBER = st.sampled_from(
    ["0", "-1.5E-130", "9.9999999999999999999999999999999999999E+125", "12345678901234567890.5", "1e3"]
)
BINARY = st.binary(max_size=8)
SCALAR = (
    TEXT.map(lambda value: {"S": value})
    | NUMBER.map(lambda value: {"N": value})
    | BINARY.map(lambda value: {"B": value})
    | st.booleans().map(lambda value: {"BOOL": value})
    | st.just({"NULL": True})
    | st.lists(TEXT, min_size=1, max_size=3).map(lambda value: {"SS": value})
    | st.lists(NUMBER, min_size=1, max_size=3).map(lambda value: {"NS": value})
    | st.lists(BINARY, min_size=1, max_size=3).map(lambda value: {"BS": value})
)
ATTRIBUTE = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda value: {"L": value})
        | st.dictionaries(TEXT, inner, max_size=3).map(lambda value: {"M": value})
    ),
    max_leaves=8,
)
ITEM: st.SearchStrategy[Item] = st.dictionaries(TEXT, ATTRIBUTE, min_size=1, max_size=4)


def native(value: Any) -> Any:
    """As a table export in DynamoDB JSON has it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: native(inner) for key, inner in value.items()}
    return [native(inner) for inner in value] if isinstance(value, list) else value


@given(ITEM)
def test_a_line_comes_back_as_its_item_and_again_as_the_same_line(item: Item) -> None:
    line = encode_item(item)
    assert "\n" not in line
    assert decode_item(line) == item
    assert encode_item(decode_item(line)) == line


@given(ITEM)
def test_the_form_of_native_exports_is_read(item: Item) -> None:
    assert decode_item(json.dumps({"Item": native(item)})) == item
    assert decode_item(json.dumps(native(item))) == item


@given(ITEM, ITEM, st.none() | ITEM, st.sampled_from(["1680109764000000", {"N": "1680109764000000"}]))
def test_a_line_of_an_incremental_export_is_its_new_image_or_the_end_of_its_key(
    key: Item, old: Item, new: Item | None, written: object
) -> None:
    line: dict[str, Any] = {"Metadata": {"WriteTimestampMicros": written}, "Keys": native(key), "OldImage": native(old)}
    if new is not None:
        line["NewImage"] = native(new)
    assert decode_change(json.dumps(line)) == (Deletion(key) if new is None else new)


@given(st.text() | st.dictionaries(TEXT, TEXT).map(json.dumps) | ITEM.map(encode_item))
def test_what_is_no_change_is_told_and_nothing_else_goes_wrong(line: str) -> None:
    with suppress(ValueError, RecursionError):
        decode_change(line)


@given(st.dictionaries(st.text("abcÄ-_ ", min_size=1), ATTRIBUTE, min_size=1, max_size=3))
def test_the_older_hive_form_is_read(item: Item) -> None:
    fields = [f"{name}\x03{json.dumps(native(value))}" for name, value in item.items()]
    if not fields[0].startswith((" ", "{")):
        assert decode_item("\x02".join(fields)) == item


@given(st.lists(ITEM, max_size=4), st.lists(st.integers(0, 300), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_a_file_reads_the_same_wherever_its_bytes_are_cut(items: list[Item], at: list[int], end: str) -> None:
    content = "".join(encode_item(item) + end for item in items).encode()
    places = [0, *sorted(min(place, len(content)) for place in at), len(content)]
    pieces = [content[a:b] for a, b in pairwise(places)]
    assert list(read_items(pieces, "f")) == list(enumerate(items, 1))
    assert list(read_items(pieces, "f", after=2)) == list(enumerate(items, 1))[2:]


@given(st.text(max_size=30) | st.text('{}[]":sS0,n\x02\x03', max_size=30))
def test_any_line_gives_an_item_or_a_bad_record(line: str) -> None:
    with suppress(BadRecord):
        list(read_items([line.encode("utf-8", "replace")], "f"))


def test_lines_are_written_as_the_tools_write_them() -> None:
    item = {
        "id": {"N": "5"}, "name": {"S": "<a&b>\u2028\x01/"}, "raw": {"B": b"\x00\xff"}, "yes": {"BOOL": True},
        "none": {"NULL": True}, "m": {"M": {"x": {"L": []}}}, "ns": {"NS": ["1"]}, "bs": {"BS": [b"a"]},
        "ss": {"SS": ["a"]},
    }  # fmt: skip
    assert encode_item(item) == (
        '{"id":{"n":"5"},"name":{"s":"<a&b>\\u2028\\u0001/"},"raw":{"b":"AP8="},"yes":{"bOOL":true},'
        '"none":{"nULL":true},"m":{"m":{"x":{"l":[]}}},"ns":{"nS":["1"]},"bs":{"bS":["YQ=="]},"ss":{"sS":["a"]}}'
    )


def test_the_null_key_of_older_libraries_and_numbers_without_quotes_are_read() -> None:
    assert decode_item('{"a":{"nULLValue":true},"b":{"n":1.50}}') == {"a": {"NULL": True}, "b": {"N": "1.50"}}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"a":{"sS":[]}}', "'a': a list of at least one"),
        ('{"a":{}}', "'a' has no value"),
        ('{"a":{"m":{"b":{"q":1}}}}', "'a': attribute 'b' has no value"),
        ('{"a":{"b":"?"}}', "'a': no base64"),
        ('{"a":', "Expecting value"),
        ("a,b", "neither"),
        ("[1]", "neither"),
    ],
)
def test_a_bad_line_is_named_with_its_attribute(line: str, reason: str) -> None:
    with pytest.raises(BadRecord, match=reason) as found:
        list(read_items([b'{"k":{"s":"1"}}\n\n', line.encode()], "s3://b/f"))
    assert (found.value.file, found.value.line) == ("s3://b/f", 3)


def test_an_item_of_400_kb_survives() -> None:
    item: Item = {"k": {"S": "\x01" * 200_000}, "l": {"L": [{"NULL": True}] * 100_000}}
    assert list(read_items([(encode_item(item) + "\n").encode()], "f")) == [(1, item)]


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(BadRecord, match="longer"):
        list(read_items((b"x" * 1_000_000 for _ in range(100)), "f"))
