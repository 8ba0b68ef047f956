"""The translation of column types to Redshift's."""

import pytest

from chalicelib.ports.databases import Engine
from chalicelib.ports.errors import Rejected
from chalicelib.work.redshift.types import SourceColumn, create_table, redshift_type

MYSQL = [
    ("tinyint(4)", "SMALLINT"),
    ("tinyint(3) unsigned", "SMALLINT"),
    ("tinyint(1)", "BOOLEAN"),
    ("smallint", "SMALLINT"),
    ("smallint(5) unsigned", "INTEGER"),
    ("mediumint(9)", "INTEGER"),
    ("mediumint unsigned", "INTEGER"),
    ("INT(11)", "INTEGER"),
    ("int(10) unsigned zerofill", "BIGINT"),
    ("bigint(20)", "BIGINT"),
    ("bigint(20) unsigned", "VARCHAR(80)"),
    ("float(7,2) unsigned", "REAL"),
    ("double", "DOUBLE PRECISION"),
    ("decimal(10,2)", "DECIMAL(10,2)"),
    ("decimal(10,2) unsigned", "DECIMAL(10,2)"),
    ("char(10)", "VARCHAR(40)"),
    ("varchar(255)", "VARCHAR(1020)"),
    ("varchar(20000)", "VARCHAR(MAX)"),
    ("tinytext", "VARCHAR(1020)"),
    ("text", "VARCHAR(MAX)"),
    ("mediumtext", "VARCHAR(MAX)"),
    ("longtext", "VARCHAR(MAX)"),
    ("boolean", "BOOLEAN"),
    ("binary(16)", "VARCHAR(255)"),
    ("varbinary(20)", "VARCHAR(MAX)"),
    ("tinyblob", "VARCHAR(255)"),
    ("blob", "VARCHAR(MAX)"),
    ("longblob", "VARCHAR(MAX)"),
    ("enum('a','b)')", "VARCHAR(510)"),
    ("set('a','b')", "VARCHAR(510)"),
    ("date", "DATE"),
    ("time(3)", "VARCHAR(40)"),
    ("datetime(6)", "TIMESTAMP"),
    ("timestamp", "TIMESTAMP"),
    ("year(4)", "VARCHAR(16)"),
]
POSTGRESQL = [
    ("integer", "INTEGER"),
    ("numeric", "DECIMAL(38,10)"),
    ("numeric(8,2)", "DECIMAL(8,2)"),
    ("character varying(50)", "VARCHAR(200)"),
    ("character varying", "VARCHAR(MAX)"),
    ("text", "VARCHAR(MAX)"),
    ("timestamp without time zone", "TIMESTAMP"),
    ("timestamp(3) with time zone", "TIMESTAMPTZ"),
    ("uuid", "VARCHAR(36)"),
]
COLUMNS = (
    SourceColumn("Id", "int(11)", nullable=False, key=True),
    SourceColumn("part", "int(11)", nullable=False, key=True),
    SourceColumn("name", "varchar(10)", nullable=True, key=False),
)


@pytest.mark.parametrize(("written", "expected"), MYSQL)
def test_a_mysql_type_has_a_counterpart(written: str, expected: str) -> None:
    assert redshift_type(Engine.MYSQL, written) == expected


@pytest.mark.parametrize(("written", "expected"), POSTGRESQL)
def test_a_postgresql_type_has_a_counterpart(written: str, expected: str) -> None:
    assert redshift_type(Engine.POSTGRESQL, written) == expected


@pytest.mark.parametrize("written", ["geometry", "integer[]", "", "point"])
def test_a_type_without_counterpart_is_refused(written: str) -> None:
    with pytest.raises(Rejected):
        redshift_type(Engine.POSTGRESQL, written)


def test_the_first_key_column_is_primary_and_distribution_key() -> None:
    assert create_table(Engine.MYSQL, "PUBLIC", "Orders", COLUMNS, ["NAME char(3)"]) == (
        'CREATE TABLE "public"."orders" ("id" INTEGER NOT NULL, "part" INTEGER NOT NULL, "name" char(3),'
        ' PRIMARY KEY ("id")) DISTKEY ("id")'
    )


@pytest.mark.parametrize("override", ["other INT", "name", "name INT); DROP TABLE x; --", "name INT, x INT"])
def test_an_override_is_a_column_and_a_type(override: str) -> None:
    with pytest.raises(Rejected, match="columnTypes"):
        create_table(Engine.MYSQL, "public", "t", COLUMNS, [override])
