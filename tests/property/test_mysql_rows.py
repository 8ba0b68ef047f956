"""MySQL's row packets to text, however the stream is cut."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymysql.err import OperationalError

from chalicelib.adapters.sql.mysql_joined import Joined
from chalicelib.adapters.sql.mysql_rows import Rows
from chalicelib.domain.dialect import Dialect
from chalicelib.transfer.formats.delimited import Delimited, Row

TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.text(",\\\n\r\tN\x1b\x1c\x1d\x1e\x1f\0", max_size=6)
VALUE = st.none() | TEXT | st.sampled_from([250, 251, 70_000]).map(lambda size: "y" * size)
END = b"\x05\x00\x00\x09\xfe\x00\x00\x02\x00"


def field(value: str | None) -> bytes:
    if value is None:
        return b"\xfb"
    content = value.encode()
    if len(content) < 251:
        return bytes([len(content)]) + content
    if len(content) < 65_536:
        return b"\xfc" + len(content).to_bytes(2, "little") + content
    return b"\xfd" + len(content).to_bytes(3, "little") + content


def packets(payload: bytes) -> bytes:
    """With headers; a payload of 16 MB and more in several."""
    pieces = [payload[at : at + 0xFFFFFF] for at in range(0, len(payload) + 1, 0xFFFFFF)]
    return b"".join(len(piece).to_bytes(3, "little") + b"\x01" + piece for piece in pieces)


def rendered(stream: bytes, columns: int, sizes: list[int], separator: str = ",") -> Iterator[bytes]:
    return Rows(separator, columns, frozenset()).blocks(reader(stream, sizes))


def reader(stream: bytes, sizes: list[int]) -> Callable[[int], bytes]:
    at = 0
    steps = iter(sizes)

    def read(most: int) -> bytes:
        nonlocal at
        piece = stream[at : at + min(most, next(steps, most))]
        at += len(piece)
        return piece

    return read


@given(
    st.integers(1, 4).flatmap(lambda columns: st.lists(st.tuples(*[VALUE] * columns), min_size=1, max_size=6)),
    st.lists(st.integers(1, 40), max_size=20),
    st.sampled_from(",\t\x1f\x01"),
)
def test_rows_come_out_as_they_went_in(rows: list[Row], sizes: list[int], separator: str) -> None:
    stream = b"".join(packets(b"".join(map(field, row))) for row in rows) + END
    text = list(rendered(stream, len(rows[0]), sizes, separator))
    assert list(Delimited(Dialect(separator)).read(text, "rows")) == rows


def test_a_row_over_sixteen_megabytes_is_one_record() -> None:
    stream = packets(field("a")) + packets(b"\xfe" + (17_000_000).to_bytes(8, "little") + b"b" * 17_000_000) + END
    assert b"".join(rendered(stream, 1, [])) == b"a\n" + b"b" * 17_000_000 + b"\n"


def test_an_error_among_the_rows_is_raised() -> None:
    stream = packets(field("a")) + packets(b"\xff\x25\x05#70100Query execution was interrupted")
    with pytest.raises(OperationalError, match="interrupted"):
        list(rendered(stream, 1, []))


def test_a_stream_that_ends_too_early_is_a_lost_connection() -> None:
    with pytest.raises(OperationalError, match="Lost connection"):
        list(rendered(packets(field("a"))[:-1], 1, []))


def joined(row: Row) -> bytes:
    """As the server does, by the expression that it is given."""
    fields = ("\x1fn" if value is None else value.replace("\x1f", "\x1fx").replace("\x1e", "\x1fy") for value in row)
    return ("\x1e".join(fields) + "\x1fr").encode()


@given(
    st.integers(1, 4).flatmap(lambda columns: st.lists(st.tuples(*[VALUE] * columns), max_size=6)),
    st.lists(st.integers(1, 40), max_size=20),
    st.sampled_from(",\t\x01|"),
)
def test_joined_rows_come_out_as_they_went_in(rows: list[Row], sizes: list[int], separator: str) -> None:
    stream = b"".join(packets(field(joined(row).decode())) for row in rows) + END
    text = list(Joined(separator).blocks(reader(stream, sizes)))
    assert list(Delimited(Dialect(separator)).read(text, "rows")) == rows


@pytest.mark.parametrize("length", [0x721F - 5, 0x01721F - 6, 248, 249, 65_533, 65_534])
def test_a_header_that_looks_like_a_mark_is_none(length: int) -> None:
    row = ("z" * length,)
    stream = b"".join(packets(field(joined(row).decode())) for _ in range(3)) + END
    for size in (1, 7, 8, 9, 10, 11, 4096):
        text = list(Joined(",").blocks(reader(stream, [size] * 200)))
        assert list(Delimited(Dialect(",")).read(text, "rows")) == [row] * 3


def test_an_error_behind_joined_rows_is_raised() -> None:
    failed = packets(b"\xff" + (1317).to_bytes(2, "little") + b"#70100Query execution was interrupted")
    stream = packets(field(joined(("a",)).decode())) + failed
    for sizes in ([], [1] * len(stream)):
        with pytest.raises(OperationalError, match="interrupted"):
            list(Joined(",").blocks(reader(stream, sizes)))


def test_a_stream_that_stops_among_joined_rows_is_a_lost_connection() -> None:
    with pytest.raises(OperationalError, match="Lost connection"):
        list(Joined(",").blocks(reader(packets(field(joined(("a",)).decode())), [])))
