"""Recoding: the same bytes whatever pieces the input arrives in."""

import gzip as reference
from collections.abc import Iterator
from random import Random

import pytest

from chalicelib.transfer.formats.choose import format_of
from chalicelib.transfer.formats.compression import gunzip, gzip
from chalicelib.transfer.recode import Recoding
from tests.workbench import item

CSV, TSV = format_of(None), format_of(item("Tsv", type="TSV"))

FIELDS = [
    {"columnSeparator": "|"},
    {"columnSeparator": ",", "escapeChar": "^"},
    {"columnSeparator": "é"},
    {"columnSeparator": "\\001", "recordSeparator": ";"},
]


def pieces(content: bytes, chance: Random) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        size = chance.choice((1, 7, 4_096, 300_000))
        yield content[at : at + size]
        at += size


@pytest.mark.parametrize("seed", range(5))
def test_compressed_bytes_do_not_depend_on_how_their_input_was_cut(seed: int) -> None:
    chance = Random(seed)
    content = b"".join(b"%d,%d\n" % (number, chance.randrange(50)) for number in range(100_000))
    packed = b"".join(gzip([content]))
    assert b"".join(gzip(pieces(content, chance))) == packed
    assert reference.decompress(packed) == content
    assert b"".join(gunzip(pieces(packed, chance), "f")) == content


@pytest.mark.parametrize("seed", range(5))
def test_recoded_bytes_do_not_depend_on_how_their_input_was_cut(seed: int) -> None:
    chance = Random(seed)
    content = b"".join(b"%d,a\\\nb\\,%d\n" % (number, chance.randrange(50)) for number in range(50_000))
    recoding = Recoding(unpack=False, pack=True, source=CSV, target=TSV)
    assert b"".join(recoding.one(pieces(content, chance), "f")) == b"".join(recoding.one([content], "f"))
    once = b"".join(recoding.joined([("f", [content]), ("g", [content])]))
    again = b"".join(recoding.joined([("f", pieces(content, chance)), ("g", pieces(content, chance))]))
    assert once == again


@pytest.mark.parametrize("seed", range(10))
def test_separators_are_exchanged_to_what_rows_would_give(seed: int) -> None:
    chance = Random(seed)
    formats = [CSV, TSV, *(format_of(item("C", type="Custom", **fields)) for fields in FIELDS)]
    source, target = chance.choice(formats), chance.choice(formats)
    odd = ["", "\\N", "\\", "a\tb", "x,y", "é|", "\r", "\n", "^", ";"] if seed % 2 else ["plain", "\t", ""]
    rows = [(str(number), chance.choice(odd), None if seed % 3 else "x") for number in range(2_000)]
    content = b"".join(source.write(rows))
    written = b"".join(Recoding(False, False, source, target).one(pieces(content, chance), "f"))
    assert list(target.read([written], "f")) == rows
    assert written == b"".join(target.write(rows))
