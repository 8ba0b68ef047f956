"""CREATE TABLE of Redshift, for PostgreSQL."""

import pytest

from local.redshift.commands import Copy, Unload, command
from local.redshift.tables import Keys, new_table


@pytest.mark.parametrize(
    ("sql", "made", "keys"),
    [
        (
            "create table Logs (t CHAR(30) PRIMARY KEY DISTKEY SORTKEY, d varchar(20) encode lzo default 'x');",
            """create table "logs" ( "t" CHAR ( 30 ) NOT NULL , "d" varchar ( 20 ) default 'x' )""",
            Keys(["t"], ["t"], ["t"]),
        ),
        (
            "CREATE TABLE IF NOT EXISTS s.T (a VARCHAR(MAX), b SUPER, PRIMARY KEY (a, B)) DISTSTYLE KEY "
            "DISTKEY(a) COMPOUND SORTKEY (b, a)",
            'CREATE TABLE IF NOT EXISTS "s"."t" ( "a" VARCHAR ( 65535 ) , "b" jsonb )',
            Keys(["a", "b"], ["a"], ["b", "a"]),
        ),
        (
            "CREATE TABLE t (a INT IDENTITY(0,1), b INT REFERENCES x (y) NOT NULL, FOREIGN KEY (b) REFERENCES x)",
            'CREATE TABLE "t" ( "a" INT GENERATED ALWAYS AS IDENTITY (START WITH 0 INCREMENT BY 1 MINVALUE 0) , '
            '"b" INT NOT NULL )',
            Keys(),
        ),
        ("CREATE TEMP TABLE t (LIKE s.x)", 'CREATE TEMP TABLE "t" ( LIKE s . x )', Keys()),
        ("CREATE TABLE t DISTSTYLE ALL AS SELECT 1 AS a", 'CREATE TABLE "t" AS SELECT 1 AS a', Keys()),
    ],
)
def test_keys_are_noted_and_the_rest_is_dropped(sql: str, made: str, keys: Keys) -> None:
    found = new_table(sql)
    assert found is not None
    assert (found.sql, found.keys) == (made, keys)


def test_what_cannot_be_imitated_is_named() -> None:
    with pytest.raises(ValueError, match="type GEOMETRY"):
        new_table("CREATE TABLE t (a GEOMETRY)")
    with pytest.raises(ValueError, match="option PARQUET"):
        command("COPY t FROM 's3://b/k' PARQUET")


@pytest.mark.parametrize("sql", ["SELECT 1", "CREATE VIEW v AS SELECT 1", "DROP TABLE t", ""])
def test_other_statements_are_left_alone(sql: str) -> None:
    assert new_table(sql) is None
    assert command(sql) is None


def test_commands_are_read_with_their_options() -> None:
    assert command("copy S.\"T\" (A, b) from 's3://b/k' iam_role default gzip delimiter as '\\t' json 'auto'") == Copy(
        '"s"."t"', ("a", "b"), "s3://b/k", {"IAM_ROLE": "default", "GZIP": "", "DELIMITER": "\t", "JSON": "auto"}
    )
    assert command("UNLOAD ('select ''x''') TO 's3://b/k' PARALLEL OFF MANIFEST VERBOSE") == Unload(
        "select 'x'", "s3://b/k", {"PARALLEL": "OFF", "MANIFEST": ""}
    )
