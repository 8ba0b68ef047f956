"""Placeholders and statement ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.sql import Spelling, placeholders, statements, with_markers

BOTH = pytest.mark.parametrize("spelling", list(Spelling))


@BOTH
@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("INSERT INTO t VALUES (?, ?)", 2),
        ("SELECT '?', \"?\", ? -- ?\n, ? /* ? */", 2),
        ("SELECT 'it''s ?', ?", 1),
        ("SELECT a ?? 'b', ?", 1),
        ("SELECT 'never closed ?", 0),
    ],
)
def test_placeholders_are_those_outside_of_text(spelling: Spelling, statement: str, number: int) -> None:
    assert placeholders(statement, spelling) == number


def test_a_backslash_escapes_in_mysql_only() -> None:
    assert placeholders(r"SELECT 'C:\', ?", Spelling.STANDARD) == 1
    assert placeholders(r"SELECT 'a\'?', ?", Spelling.MYSQL) == 1
    assert placeholders(r"SELECT E'a\'?', ?", Spelling.STANDARD) == 1


def test_dollar_quotes_and_backticks_are_text() -> None:
    assert placeholders("SELECT $$?$$, $x$ $$ ? $x$, ?", Spelling.STANDARD) == 1
    assert placeholders("SELECT `?`, ? # ?", Spelling.MYSQL) == 1


def test_markers_are_what_drivers_want() -> None:
    assert with_markers("SELECT 5 % ?, '%', a ?? 'x'", Spelling.STANDARD) == "SELECT 5 %% %s, '%%', a ? 'x'"


def test_a_script_is_its_statements() -> None:
    script = "CREATE TABLE t (a text);\n-- done;\nINSERT INTO t VALUES (';');;\nDO $$ BEGIN; END $$; -- the end"
    assert statements(script, Spelling.STANDARD) == (
        "CREATE TABLE t (a text)",
        "-- done;\nINSERT INTO t VALUES (';')",
        "DO $$ BEGIN; END $$",
    )


@BOTH
@given(st.text(st.sampled_from("?%;'\"`$-/*#\\ea \n"), max_size=30))
def test_any_text_is_read_to_its_end(spelling: Spelling, text: str) -> None:
    marked = with_markers(text, spelling)
    assert marked.count("%s") == placeholders(text, spelling)
    assert all(part in text for part in statements(text, spelling))
