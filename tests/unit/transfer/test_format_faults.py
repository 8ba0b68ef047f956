"""Formats: the documented dialect, and what each fault says."""

import tracemalloc
from collections.abc import Iterator

import pytest

from chalicelib.domain.dialect import BadFormat, dialect_of
from chalicelib.transfer.formats.blocks import blocks
from chalicelib.transfer.formats.choose import format_of
from chalicelib.transfer.formats.columns import Column, columns_of
from chalicelib.transfer.formats.delimited import Row
from chalicelib.transfer.formats.faults import BadFile, BadRecord
from chalicelib.transfer.formats.java import compile_format
from tests.workbench import item

TYPED = item("Typed", type="CSV", column=["Name STRING", "Score INT", "Born TIMESTAMP"])
LOG = item("Log", type="RegEx", inputRegEx=r"([^ ]*) (\[[^\]]*\]) (-|\d*)(?: (\w+))?", outputFormat="%2$s|%1$-4s|%4$s")


def read(text: str | bytes, name: str = "CSV", **fields: str | list[str]) -> list[Row]:
    content = text.encode() if isinstance(text, str) else text
    return list(format_of(item("Format", type=name, **fields)).read([content], "s3://b/f"))


def written(row: Row, name: str = "CSV", **fields: str) -> bytes:
    return b"".join(format_of(item("Format", type=name, **fields)).write([row]))


def fault_of(text: str | bytes, name: str = "CSV", **fields: str | list[str]) -> str:
    with pytest.raises((BadRecord, BadFile)) as caught:
        read(text, name, **fields)
    return str(caught.value)


def test_a_node_without_a_format_is_csv() -> None:
    assert list(format_of(None).read([b"a,b\n"], "f")) == [("a", "b")]


def test_quotes_mean_nothing() -> None:
    assert read('"a,b"\n') == [('"a', 'b"')]


def test_the_escape_takes_the_next_character_literally() -> None:
    assert read("a\\,b,c\\\nd,\\\\,\\n\n") == [("a,b", "c\nd", "\\", "n")]


def test_null_is_backslash_n_alone_and_empty_is_empty() -> None:
    assert read("\\N,,\\\\N,x\\N\n") == [(None, "", "\\N", "xN")]


def test_null_is_written_as_backslash_n() -> None:
    assert written((None, "", "\\N", "a,b\n\r")) == b"\\N,,\\\\N,a\\,b\\\n\\\r\n"


def test_null_stays_backslash_n_with_another_escape_character() -> None:
    assert written((None, "\\N", "a,^"), escapeChar="^") == b"\\N,^\\N,a^,^^\n"
    assert read("\\N,^\\N,\\,^,\n", escapeChar="^") == [(None, "\\N", "\\", ",")]


def test_tsv_has_tabs_unless_told_otherwise() -> None:
    assert read("a\tb\n", "TSV") == [("a", "b")]
    assert read("a|b;c|d;", "TSV", columnSeparator="|", recordSeparator=";") == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize("spelled", ["\\t", "\\u0009", "\\x09", "\\011"])
def test_separators_may_be_spelled_out(spelled: str) -> None:
    assert read("a\tb\n", "Custom", columnSeparator=spelled) == [("a", "b")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"columnSeparator": "::"}, "columnSeparator is '::', one character expected"),
        ({"columnSeparator": ",", "recordSeparator": "é"}, "recordSeparator is 'é', an ASCII character expected"),
        ({"columnSeparator": ";", "recordSeparator": ";"}, "columnSeparator is ';', another character"),
        ({"columnSeparator": "N"}, "columnSeparator is 'N', neither N"),
    ],
)
def test_separators_that_cannot_work_are_refused(fields: dict[str, str], field: str) -> None:
    with pytest.raises(BadFormat, match=field):
        dialect_of(item("F", type="Custom", **fields))


def test_columns_are_a_name_and_a_type() -> None:
    found = columns_of(item("F", type="CSV", column=["a STRING, b decimal(10,2)", " c "]))
    assert found == (Column("a"), Column("b", "DECIMAL"), Column("c"))


@pytest.mark.parametrize("entry", ["a b c", "a NUMBER", "", "a INT, A INT"])
def test_a_column_that_cannot_be_read_is_refused(entry: str) -> None:
    with pytest.raises(BadFormat, match="column is"):
        columns_of(item("F", type="CSV", column=["x INT", entry]))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a,1,2020-01-01\nb,1\n", "s3://b/f, line 2: too few columns: 2 found, 3 expected"),
        ("a,1,2020-01-01,x\n", "s3://b/f, line 1: too many columns: 4 found, 3 expected"),
        ("a,1.5,2020-01-01\n", "s3://b/f, line 1, column 2 (Score): '1.5' is no INT"),
        ("a,2147483648,\\N\n", "s3://b/f, line 1, column 2 (Score): '2147483648' is no INT"),
        ("a,1,yesterday\n", "s3://b/f, line 1, column 3 (Born): 'yesterday' is no TIMESTAMP"),
        ("a\\\nb,1,\\N\n\n", "s3://b/f, line 2: too few columns: 1 found, 3 expected"),
        (b"a,1,\\N\nb,\xff,\\N\n", "s3://b/f, line 2, column 2 (Score): byte 0xff is not valid UTF-8"),
        ("a,1,\\", "s3://b/f, line 1, column 3: bad escape: nothing follows the escape character"),
        ("a,1,\\N\r\n", "s3://b/f, line 1: the line ends with CR LF, LF alone expected"),
        (b"\x1f\x8b\x08", "s3://b/f: the content is gzip: set compression to gzip on the data node"),
    ],
)
def test_a_fault_names_file_line_and_column(text: str | bytes, fault: str) -> None:
    assert fault_of(text, column=list(TYPED.texts("column"))) == fault


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("TINYINT", ["-128", "+7"], ["128", "", "x"]),
        ("BIGINT", ["9223372036854775807"], ["9223372036854775808", "1e3"]),
        ("DOUBLE", ["1e-3", ".5", "-1.", "NaN"], ["1,5", "", "--1"]),
        ("BOOLEAN", ["TRUE", "f", "0"], ["2", "wahr"]),
        ("DATE", ["2020-02-03"], ["03.02.2020", "2020-02-03 00:00"]),
        ("TIMESTAMP", ["2020-02-03 04:05:06.789", "2020-02-03T04:05Z", "2020-02-03 04:05:06+02"], ["04:05"]),
        ("STRING", ["", "x"], []),
    ],
)
def test_types_accept_their_values_only(kind: str, good: list[str], bad: list[str]) -> None:
    column = Column("c", kind)
    assert [text for text in good + bad if column.accepts(text)] == good


def test_a_record_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    def endless() -> Iterator[bytes]:
        yield b"ok\n"
        while True:
            yield b"x" * 65_536

    tracemalloc.start()
    with pytest.raises(BadRecord, match="line 2: the record is longer than 1000000 bytes"):
        list(blocks(endless(), dialect_of(None), "f", longest=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_reading_takes_the_same_memory_for_any_length() -> None:
    def peak(megabytes: int) -> int:
        content = (b"some text,12345,\\N\n" * 3_500 for _ in range(megabytes * 16))
        tracemalloc.start()
        count = sum(1 for _ in format_of(None).read(content, "f"))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == megabytes * 16 * 3_500
        return found

    assert peak(4) < 1.5 * peak(1)


def test_a_regular_expression_cuts_lines_into_columns() -> None:
    found = format_of(LOG).read([b"h [t] 12 get\nh2 [u] -"], "f")
    assert list(found) == [("h", "[t]", "12", "get"), ("h2", "[u]", "-", None)]


def test_a_line_that_does_not_match_is_named() -> None:
    with pytest.raises(BadRecord, match=r"^f, line 2: 'nothing' does not match inputRegEx$"):
        list(format_of(LOG).read([b"h [t] 12\nnothing\n"], "f"))


def test_columns_are_written_by_the_output_format() -> None:
    assert list(format_of(LOG).write([("h", "[t]", "12", None)])) == [b"[t]|h   |\\N\n"]


def test_a_line_feed_cannot_be_written_into_a_line() -> None:
    with pytest.raises(BadRecord, match="line 1, column 1: the value holds a line feed"):
        list(format_of(LOG).write([("a\nb", "", "", "")]))


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"inputRegEx": "(a"}, "inputRegEx is '\\(a', a regular expression \\(missing \\)"),
        ({"inputRegEx": "(a)", "column": ["x INT", "y INT"]}, "inputRegEx is '1 groups', 2, one for each column"),
        ({"outputFormat": "%1$d"}, "outputFormat is '%1\\$d', a Java format string \\('%1\\$d' at position 1"),
    ],
)
def test_regex_fields_that_make_no_sense_are_refused(fields: dict[str, str | list[str]], fault: str) -> None:
    with pytest.raises(BadFormat, match=fault):
        format_of(item("R", type="RegEx", **fields))


def test_a_format_that_can_only_write_refuses_to_read() -> None:
    with pytest.raises(BadFormat, match="inputRegEx"):
        list(format_of(item("R", type="RegEx", outputFormat="%s")).read([b"x"], "f"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("%s-%s", "a-b"), ("%2$s%1$S%n%%", "bA\n%"), ("[%-3s|%3s]", "[a  |  b]"), ("%1$s%<s%s", "aaa"), ("%.0s%s", "b")],
)
def test_java_formats_mean_what_they_mean_in_java(text: str, expected: str) -> None:
    assert compile_format(text).format(["a", "b"]) == expected
