"""Hive predicates: what they keep, and where they are wrong."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.predicate.lexer import BadPredicate
from chalicelib.domain.predicate.parser import compile_predicate

ITEM: Mapping[str, Mapping[str, object]] = {
    "id": {"S": "a-1"},
    "n": {"N": "10"},
    "big": {"N": "12345678901234567890.00000000000000001"},
    "timeStamp": {"N": "1370304000"},
    "day": {"S": "2013-06-04"},
    "yes": {"BOOL": True},
    "none": {"NULL": True},
    "raw": {"B": b"abc"},
    "set": {"SS": ["x"]},
    "odd": {"S": "50% off_x"},
}


def holds(text: str, columns: Mapping[str, str] | None = None) -> bool:
    return compile_predicate(text, columns or {})(ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "n = 10",
        "n == 10.0 and n <> 11 and n != 9",
        "n > 9 AND n >= 10 AND n < 10.5 AND n <= 1e1",
        "n = '10'",
        "'9' < n",
        "big > 12345678901234567890",
        "big = 12345678901234567890.00000000000000001",
        "id = 'a-1'",
        'id = "a-1"',
        "`id` >= 'a' and not id >= 'b'",
        "id IN ('x', 'a-1')",
        "n NOT IN (1, 2)",
        "n BETWEEN 10 AND 20",
        "n NOT BETWEEN 11 AND 20 AND yes",
        "id LIKE 'a%'",
        "id LIKE '__1'",
        "id NOT LIKE 'b%'",
        r"odd LIKE '50\% off\_x'",
        r"NOT id LIKE 'a\%'",
        "none IS NULL AND missing IS NULL AND id IS NOT NULL",
        "(n = 1 OR n = 10) AND (yes = TRUE)",
        "n = 1 OR n = 2 AND n = 3 OR yes",
        "NOT (n = 1) AND ! n = 2",
        "missing <=> NULL",
        "n <=> 10",
        "raw = 'abc'",
        "n + 5 - 1 = 14",
        "n > -1",
        "unix_timestamp(day, 'yyyy-MM-dd') = timeStamp",
        '`timeStamp` > unix_timestamp("2013-06-03T23:59:59", "yyyy-MM-dd\'T\'HH:mm:ss")',
        "timeStamp > unix_timestamp('2013-06-01 00:00:00') - 86400",
        "cast(n as string) = '10' and cast('5' as int) = 5",
    ],
)
def test_it_keeps(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "n = 11",
        "missing = 1",
        "missing <> 1",
        "NOT missing = 1",
        "none = NULL",
        "missing NOT IN (1)",
        "n NOT IN (1, NULL)",
        "set = 'x'",
        "id < 5",
        "n LIKE '1%'",
        "unix_timestamp('soon') > 0",
        "id",
    ],
)
def test_it_leaves_out(text: str) -> None:
    assert not holds(text)


def test_declared_columns_are_found_in_any_case_and_read_by_their_types() -> None:
    assert holds("TIMESTAMP_ > 1 OR timestamp = 1370304000", {"timeStamp": "BIGINT", "timestamp_": "INT"})
    assert not holds("id = 'a-1'", {"id": "BIGINT"})
    assert holds("n = '10'", {"n": "STRING"})
    assert not holds("n > '9'", {"n": "STRING"})
    assert holds("n", {"n": "BOOLEAN"})


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", 0, "the end"),
        ("n = ", 4, "the end"),
        ("n = 1 AND", 9, "the end"),
        ("n = 1 2", 6, "'2' cannot"),
        ("n NOT 1", 6, "IN, BETWEEN or LIKE"),
        ("(n = 1", 6, ") was expected"),
        ("n IN 1", 5, "( was expected"),
        ("n BETWEEN 1 OR 2", 12, "AND was expected"),
        ("n ~ 1", 2, "nothing begins"),
        ("n = 'x", 4, "nothing begins"),
        ("lower(id) = 'a'", 0, "the function lower is not known"),
        ("unix_timestamp(day, 'QQ') = 1", 20, "a date pattern"),
        ("unix_timestamp(day, 'yyyy yyyy') = 1", 20, "a date pattern"),
        ("(" * 100 + "n" + ")" * 100, 60, "too deeply"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(text: str, at: int, words: str) -> None:
    with pytest.raises(BadPredicate, match=".*".join(map(_literal, [words, f"column {at + 1} "]))) as found:
        compile_predicate(text, {})
    assert found.value.at == at


def _literal(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "()" else letter for letter in text)


def test_a_column_that_is_not_declared_is_named() -> None:
    with pytest.raises(BadPredicate, match="'tiemStamp' is not declared by the data format, which has timeStamp"):
        compile_predicate("tiemStamp > 1", {"timeStamp": "BIGINT"})
    with pytest.raises(BadPredicate, match="'m' is a map<string,string>"):
        compile_predicate("m = 1", {"m": "map<string,string>"})


WORDS = st.sampled_from(
    ["n", "id", "(", ")", ",", "=", "<", "<=>", "NOT", "AND", "OR", "IN", "BETWEEN", "LIKE", "IS", "NULL", "1", "'a'",
     "-", "+", "cast", "as", "int", "string", "unix_timestamp", "`x y`", "TRUE", "1e999999999"]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.sampled_from(list(ITEM.values()))


@given(
    st.text(max_size=40) | st.lists(WORDS, max_size=12).map(" ".join),
    st.dictionaries(st.sampled_from(["n", "id"]), VALUES),
)
def test_any_text_is_a_condition_or_wrong_for_a_reason(text: str, item: Any) -> None:
    with suppress(BadPredicate):
        assert compile_predicate(text, {})(item) in (True, False)


def test_long_chains_are_no_trouble() -> None:
    assert holds("n = 1" + " OR n = 1" * 900 + " OR n = 10")
    assert holds("n < 1" + " + 1" * 2000)
    assert not holds("NOT " * 2001 + "n = 10")


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadPredicate, match="10240"):
        compile_predicate("n = 1 OR " * 2000, {})
