"""SQL for Redshift as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ports.errors import Rejected
from chalicelib.work.redshift.sql import (
    Column,
    InsertMode,
    Target,
    authority,
    identifier,
    literal,
    load,
    option,
    says,
)

ID = Column("id", "integer", nullable=False, distributes=True, sort=1)
NAME = Column("name", "character varying", nullable=True, distributes=False, sort=0)
KEYED = Target("Shop", "Orders", (ID, NAME), ("id",), ("id",))
FILL = "COPY x"


@pytest.mark.parametrize(
    ("name", "sql"), [("Orders", '"orders"'), ('a"b', '"a""b"'), ("a; drop", '"a; drop"'), ("Ä'", '"ä\'"')]
)
def test_a_name_is_folded_and_quoted(name: str, sql: str) -> None:
    assert identifier(name) == sql


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 128])
def test_what_can_be_no_name_is_refused(name: str) -> None:
    with pytest.raises(Rejected):
        identifier(name)


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_a_literal_ends_where_it_should(text: str) -> None:
    inside = literal(text)[1:-1]
    assert inside.replace("\\\\", "").replace("''", "").count("'") == 0
    assert not inside.replace("\\\\", "").endswith("\\")
    assert inside.replace("''", "'").replace("\\\\", "\\") == text


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("EMPTYASNULL", "EMPTYASNULL"),
        (" IGNOREHEADER  AS 1 ", "IGNOREHEADER AS 1"),
        ("null as 'it''s \\' ;--'", "null as 'it''s \\' ;--'"),
        ('PARTITION BY (a, "b")', 'PARTITION BY ( a , "b" )'),
    ],
)
def test_an_option_is_read_token_by_token(text: str, sql: str) -> None:
    assert option(text) == sql


@pytest.mark.parametrize("text", ["GZIP;", "-- GZIP", "/* */", "NULL AS 'x", "a.b", "x'y''", "$$"])
def test_what_is_no_option_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        option(text)


def test_an_option_is_found_outside_of_strings_only() -> None:
    assert says(["delimiter ','", "gzip"], "GZIP")
    assert not says(["NULL AS 'GZIP'"], "GZIP")


@pytest.mark.parametrize(
    ("role", "options", "told"),
    [
        (None, [], ("IAM_ROLE default",)),
        ("arn:aws:iam::1:role/r", [], ("IAM_ROLE 'arn:aws:iam::1:role/r'",)),
        ("arn:aws:iam::1:role/r", ["iam_role 'arn:other'"], ()),
        (None, ["CREDENTIALS 'aws_iam_role=x'"], ()),
    ],
)
def test_copy_acts_under_the_role_that_is_given(role: str | None, options: list[str], told: tuple[str, ...]) -> None:
    assert authority(role, options) == told


@pytest.mark.parametrize("mode", list(InsertMode))
def test_a_load_fills_first_and_inserts_last(mode: InsertMode) -> None:
    sqls = load(KEYED, FILL, mode, None)
    assert sqls[:2] == ('CREATE TEMP TABLE "staging" (LIKE "shop"."orders")', FILL)
    assert sqls[-1].startswith('INSERT INTO "shop"."orders" ("id", "name") SELECT "id", "name" FROM ')


def test_no_load_commits_before_its_end() -> None:
    sqls = [sql for mode in InsertMode for sql in load(KEYED, FILL, mode, "SELECT * FROM staging")]
    assert not [sql for sql in sqls if sql.startswith(("TRUNCATE", "COMMIT", "ALTER"))]


def test_only_a_primary_key_drops_incoming_rows() -> None:
    by_sort = Target("s", "t", (ID, NAME), (), ("id",))
    assert "ROW_NUMBER" not in " ".join(load(by_sort, FILL, InsertMode.KEEP_EXISTING, None))
    assert "ROW_NUMBER" in " ".join(load(KEYED, FILL, InsertMode.KEEP_EXISTING, None))


def test_a_transform_fills_a_second_table_that_the_merge_reads() -> None:
    sqls = load(KEYED, FILL, InsertMode.APPEND, "SELECT 1, 'a;b' FROM staging; ")
    assert sqls[3] == 'INSERT INTO "penstock_transformed" ("id", "name") SELECT 1, \'a;b\' FROM staging'
    assert sqls[-1].endswith('FROM "penstock_transformed"')
