"""Formats: what is written reads back, however the bytes are cut."""

import gzip as reference
import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.dialect import Dialect
from chalicelib.transfer.formats.compression import gunzip, gzip
from chalicelib.transfer.formats.delimited import Delimited, Row
from chalicelib.transfer.formats.faults import BadFile, BadRecord
from chalicelib.transfer.formats.java import compile_format

TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.text(",\\\n\r\tN^;\"'é", max_size=8)
VALUE = st.none() | TEXT | st.just("\\N")
ROWS = st.lists(st.lists(VALUE, min_size=1, max_size=4).map(tuple), max_size=8)
CUTS = st.lists(st.integers(0, 200), max_size=12)
DIALECT = st.builds(
    Dialect, st.sampled_from(",\t;|é日\x01 "), st.sampled_from("\n;~\x02"), st.sampled_from("\\^\"'")
).filter(lambda found: found.separator != found.record)


def cut(content: bytes, at: list[int]) -> list[bytes]:
    places = [0, *sorted(min(place, len(content)) for place in at), len(content)]
    return [content[start:end] for start, end in pairwise(places)]


def read(given: Delimited, content: Iterable[bytes]) -> list[Row]:
    return list(given.read(content, "file"))


@given(DIALECT, ROWS, CUTS)
def test_what_is_written_reads_back_wherever_the_bytes_are_cut(
    dialect: Dialect, rows: list[Row], places: list[int]
) -> None:
    content = b"".join(Delimited(dialect).write(rows, block=7))
    assert read(Delimited(dialect), cut(content, places)) == rows


@given(DIALECT, ROWS, CUTS)
def test_the_last_record_needs_no_end(dialect: Dialect, rows: list[Row], places: list[int]) -> None:
    assume(rows and rows[-1] != ("",))
    content = b"".join(Delimited(dialect).write(rows)).removesuffix(dialect.record.encode())
    assert read(Delimited(dialect), cut(content, places)) == rows


@given(st.binary(max_size=60) | st.text(",\\\n\rN", max_size=30).map(str.encode), CUTS, CUTS)
def test_any_bytes_give_the_same_rows_or_the_same_fault_wherever_they_are_cut(
    content: bytes, some: list[int], others: list[int]
) -> None:
    def outcome(places: list[int]) -> tuple[list[Row], str]:
        rows: list[Row] = []
        try:
            for row in Delimited(Dialect()).read(cut(content, places), "file"):
                rows.append(row)  # rows before a fault are not part of the outcome
        except (BadRecord, BadFile) as fault:
            return [], str(fault)
        return rows, ""

    assume(not content.startswith(b"\x1f"))
    assert outcome(some) == outcome(others)


@given(st.lists(st.binary(max_size=300), max_size=5), CUTS, st.integers(1, 50))
def test_gzip_goes_in_and_out_and_others_understand_it(members: list[bytes], places: list[int], piece: int) -> None:
    packed = b"".join(b"".join(gzip([member])) for member in members)
    plain = list(gunzip(cut(packed, places), "file", piece))
    assert b"".join(plain) == b"".join(members) == (reference.decompress(packed) if packed else b"")
    assert all(len(found) <= piece for found in plain)


@given(st.binary(max_size=200), st.data())
def test_a_truncated_gzip_is_noticed_wherever_it_ends(content: bytes, data: st.DataObject) -> None:
    packed = b"".join(gzip([content]))
    length = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(BadFile, match="truncated"):
        list(gunzip([packed[:length]], "file"))


@given(st.text(st.sampled_from("%$<-.0123sSdnx "), max_size=12))
def test_any_format_string_compiles_or_says_why_not(text: str) -> None:
    try:
        compiled = compile_format(text)
    except ValueError as fault:
        assert re.search(r"at position \d+", str(fault))  # noqa: PT017  # either outcome is right
        return
    compiled.format(["x"] * compiled.needs)
