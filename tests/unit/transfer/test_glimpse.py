"""The beginning of files, as people look at them."""

import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.transfer.formats.choose import format_of
from chalicelib.transfer.glimpse import MOST_BYTES, Glimpse, Kind, Reading, glimpse_of


def seen(content: bytes, name: str = "x", cut: bool = False) -> Glimpse:
    return glimpse_of(content, name, cut, Reading.GUESSED)


def declared(kind: str, *columns: str, **fields: str) -> PipelineObject:
    given = [Field("column", column) for column in columns] + [Field(key, value) for key, value in fields.items()]
    return PipelineObject("F", "F", (Field("type", kind), *given))


def test_a_table_is_read_as_its_data_format_says() -> None:
    reader = format_of(declared("CSV", "id INT", "name STRING"))
    found = glimpse_of(b"1,a\n2,\\N\n", "x", False, Reading.ROWS, reader)
    assert (found.kind, found.columns, found.rows, found.more) == (
        Kind.ROWS,
        ("id", "name"),
        (("1", "a"), ("2", None)),
        False,
    )


def test_rows_before_one_that_cannot_be_read_are_shown_with_the_reason() -> None:
    reader = format_of(declared("CSV", "id INT"))
    found = glimpse_of(b"1\n2\nx\n4\n", "x", False, Reading.ROWS, reader)
    assert found.rows == (("1",), ("2",))
    assert "'x' is no INT" in found.told


def test_what_a_cut_left_of_the_last_record_is_left_out() -> None:
    assert seen(b"1,2\n3,4\n5,", "a.csv", cut=True).rows == (("1", "2"), ("3", "4"))


def test_lines_are_read_by_a_regular_expression() -> None:
    pattern = declared("RegEx", "host STRING", "bytes INT", inputRegEx=r"(\S+) (\d+)")
    found = glimpse_of(b"a 1\nb 2\n", "x", False, Reading.ROWS, format_of(pattern))
    assert found.rows == (("a", "1"), ("b", "2"))


def test_compressed_tables_are_unpacked_as_far_as_they_were_read() -> None:
    packed = gzip.compress(b"".join(b"%d,%d\n" % (number, number * 7919 % 10007) for number in range(200_000)))
    assert len(packed) > MOST_BYTES
    found = seen(packed[:MOST_BYTES], "a.csv.gz", cut=True)
    assert (found.rows[0], len(found.rows), found.more, found.told) == (("0", "0"), 100, True, "")


def test_a_damaged_archive_says_so() -> None:
    assert "gzip" in seen(gzip.compress(b"hello")[:15], "a.gz").told


def test_items_of_an_export_are_shown_by_their_attributes() -> None:
    lines = [
        {"Item": {"id": {"S": "a"}, "n": {"N": "1.0"}}},
        {"Item": {"id": {"S": "b"}, "m": {"M": {"k": {"L": []}}}}},
    ]
    found = seen("\n".join(map(json.dumps, lines)).encode(), "x.json")
    assert found.columns == ("id", "n", "m")
    assert found.rows == (("a", "1.0", None), ("b", None, '{"k":[]}'))


def test_the_older_form_of_an_export_is_read_too() -> None:
    line = b'id\x03{"s":"a"}\x02n\x03{"n":"2"}\n'
    assert glimpse_of(line, "x", False, Reading.ITEMS).rows == (("a", "2"),)


def test_lines_of_json_are_shown_by_their_members() -> None:
    found = seen(b'{"a":1,"b":[true]}\n{"a":"x"}\n')
    assert (found.columns, found.rows) == (("a", "b"), (("1", "[true]"), ("x", None)))


def test_text_pictures_and_others_are_told_apart() -> None:
    assert (seen(b"hello\nworld").kind, seen(b"hello\nworld").text) == (Kind.TEXT, "hello\nworld")
    assert seen(b"\xff\xd8\xff\xe0rest").picture == ("image/jpeg", b"\xff\xd8\xff\xe0rest")
    assert seen(b"\xff\xd8\xff\xe0rest", cut=True).kind is Kind.NOTHING
    assert seen(bytes(range(256)) * 10).kind is Kind.NOTHING
    assert seen(b"").told == "It is empty."


@given(
    st.binary(max_size=300), st.sampled_from(["a.csv", "a.tsv", "a.gz", "a"]), st.sampled_from(Reading), st.booleans()
)
def test_whatever_a_file_holds_something_is_said(content: bytes, name: str, reading: Reading, cut: bool) -> None:
    found = glimpse_of(content, name, cut, reading, format_of(None))
    assert found.kind in Kind
    assert all(len(row) == len(found.rows[0]) or not found.columns for row in found.rows)
