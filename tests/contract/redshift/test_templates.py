"""The console's templates for Redshift, through the engine, on real databases."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.run.state import Instance
from chalicelib.ports.databases import Address
from tests.contract.redshift.conftest import Lab
from tests.contract.redshift.runs import Run
from tests.rds_names import PASSWORD, register, user_of
from tests.workbench import databases

TEMPLATES = Path("chalicelib/templates")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
REDSHIFT = {"myRedshiftClusterId": "lab", "myRedshiftUsername": "ann", "myRedshiftTableName": "target"}
RDS = {"myRDSInstanceId": "i", "myRDSDatabaseName": "d", "myRDSUsername": "u", "*myRDSPassword": "p"}
COPY = {**RDS, **REDSHIFT, "myRDSTableName": "orders", "myOutputS3Loc": "s3://b/x", "myLogS3Loc": "s3://b/logs"}
TRANSLATED = {
    "id": "integer",
    "tiny": "smallint",
    "small": "integer",
    "whole": "bigint",
    "large": "character varying(80)",
    "single": "real",
    "pair": "double precision",
    "price": "numeric",
    "code": "character varying(12)",
    "name": "character varying(36)",
    "note": "character varying(65535)",
    "good": "boolean",
    "kind": "character varying(510)",
    "day": "date",
    "at": "character varying(40)",
    "made": "character varying(16)",
    "changed": "timestamp without time zone",
}
"""The guide's translation of MySQL's types, as PostgreSQL in Redshift's place spells them."""


def template(name: str, **values: str | list[str]) -> Definition:
    document = json.loads((TEMPLATES / f"{name}.json").read_text())
    return from_file({**document, "values": values})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("load-s3-data-into-redshift", {**REDSHIFT, "myInputS3Loc": "s3://b/in", "myLogS3Loc": "s3://b/logs"}),
        ("full-copy-of-rds-mysql-table-to-redshift", COPY),
        ("incremental-copy-of-rds-mysql-table-to-redshift", {**COPY, "myRDSTableLastModifiedCol": "changed"}),
    ],
)
def test_a_template_is_valid_once_its_parameters_have_values(name: str, values: dict[str, str]) -> None:
    found = validate(template(name, **values), limits=Limits(), now=NOW)
    # startDateTime takes a literal only, so that a template for any day has to use startAt, which is deprecated.
    warned = {owner for owner, said in found.warnings.items() for text in said if "'startAt' is deprecated" not in text}
    assert (found.fatal, found.errors, warned) == ((), {}, set())
    assert all(parameter.attributes for parameter in template(name).parameters)


def test_s3_data_is_loaded_into_a_table_that_is_made(lab: Lab) -> None:
    lab.put("in/a.csv", '1,"x, y"\n2,z\n')
    definition = template(
        "load-s3-data-into-redshift",
        **REDSHIFT,
        myRedshiftDatabaseName=lab.database,
        myInputS3Loc=lab.place("in"),
        myLogS3Loc=lab.place("logs"),
        myRedshiftCreateTableSql="create table target (id int primary key distkey, name varchar(9));",
    )
    Run(lab, definition).finished("RedshiftLoadActivity")
    assert lab.table() == [(1, "x, y"), (2, "z")]


def perform(server: Address, *sqls: str) -> None:
    session = databases().open(server)
    for sql in sqls:
        session.run(sql)
    session.commit()
    session.close()


def begun(lab: Lab, server: Address, kind: str, *sqls: str, **more: str) -> Run:
    """The copy of the table `orders` that the statements make, of a managed instance with the lab's name."""
    perform(server, "DROP TABLE IF EXISTS orders", *sqls)
    register(lab.clients("rds"), server, lab.database)
    where = {"myRDSInstanceId": lab.database, "myRDSUsername": user_of(server), "*myRDSPassword": PASSWORD}
    places = {"myOutputS3Loc": lab.place("staging"), "myLogS3Loc": lab.place("logs")}
    values = {**COPY, **where, **places, "myRDSDatabaseName": server.database, **more}
    name = f"{kind}-copy-of-rds-mysql-table-to-redshift"
    return Run(lab, template(name, **values, myRedshiftDatabaseName=lab.database))


def copied(lab: Lab, server: Address, *sqls: str) -> Instance:
    return begun(lab, server, "full", *sqls).finished("S3ToRedshiftCopyActivity")


def test_a_postgresql_table_is_copied_by_way_of_s3(lab: Lab, postgres: Address) -> None:
    copied(
        lab,
        postgres,
        "CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(9), price NUMERIC(8,2), at TIMESTAMP)",
        "INSERT INTO orders VALUES (1, 'a,\\b', 1.5, '2026-01-01 10:00'), (2, NULL, NULL, NULL)",
    )
    assert lab.table() == [(1, "a,\\b", "1.50", "2026-01-01 10:00:00"), (2, None, None, None)]


def test_a_mysql_table_is_copied_by_way_of_s3(lab: Lab, mysql: Address) -> None:
    columns = "id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, good TINYINT(1), name VARCHAR(9), at DATETIME"
    insert = "INSERT INTO orders (good, name, at) VALUES (1, 'ä', '2026-01-01 10:00'), (0, NULL, NULL)"
    copied(lab, mysql, f"CREATE TABLE orders ({columns})", insert)
    assert lab.table() == [("1", True, "ä", "2026-01-01 10:00:00"), ("2", False, None, None)]


def test_an_empty_table_is_copied_too(lab: Lab, postgres: Address) -> None:
    row = copied(lab, postgres, "CREATE TABLE orders (id INT PRIMARY KEY)")
    assert (dict(row.attempts[-1].fields)["rowsInserted"], lab.table()) == ("0", [])


def test_each_interval_brings_the_rows_that_were_changed_in_it_with_their_types_translated(
    lab: Lab, mysql: Address
) -> None:
    columns = (
        "id INT AUTO_INCREMENT PRIMARY KEY, tiny TINYINT, small SMALLINT UNSIGNED, whole INT UNSIGNED,"
        " large BIGINT UNSIGNED, single FLOAT, pair DOUBLE, price DECIMAL(8,2), code CHAR(3), name VARCHAR(9),"
        " note TEXT, good BOOLEAN, kind ENUM('a','b'), day DATE, at TIME, made YEAR, changed DATETIME NOT NULL"
    )
    row = "({}, -1, 65535, 4294967295, 18446744073709551615, 0.5, 0.25, 1.10, 'ab', '{}', 'n', 1, 'b', '2026-01-01',"
    row += " '10:00:00', 2026, '{}')"
    rows = [
        row.format(*each)
        for each in [(1, "before", "2025-12-31 23:59"), (2, "first", "2026-01-01 00:00"), (3, "ä", "2026-01-01 23:59")]
    ]
    run = begun(
        lab,
        mysql,
        "incremental",
        f"CREATE TABLE orders ({columns})",
        f"INSERT INTO orders VALUES {', '.join(rows)}",
        myRDSTableLastModifiedCol="changed",
    )
    run.pass_time(timedelta(days=1))
    run.finished("S3ToRedshiftCopyActivity", 1)
    assert lab.sql("SELECT id, name FROM target ORDER BY id") == [(2, "first"), (3, "ä")]
    perform(
        mysql,
        "UPDATE orders SET name = 'second', changed = '2026-01-02 10:00' WHERE id = 2",
        f"INSERT INTO orders VALUES {row.format(4, 'added', '2026-01-02 11:00')}",
    )
    run.pass_time(timedelta(days=1))
    run.finished("S3ToRedshiftCopyActivity", 2)
    assert lab.sql("SELECT id, name FROM target ORDER BY id") == [(2, "second"), (3, "ä"), (4, "added")]
    (added,) = lab.sql("SELECT * FROM target WHERE id = 4")
    assert added[:9] == (4, -1, 65535, 4294967295, "18446744073709551615", 0.5, 0.25, "1.10", "ab")
    assert added[9:] == ("added", "n", True, "b", "2026-01-01", "10:00:00", "2026", "2026-01-02 11:00:00")
    assert types(lab) == TRANSLATED


def types(lab: Lab) -> dict[str, str]:
    """Of the target's columns, as the Redshift's PostgreSQL knows them."""
    query = "SELECT column_name, data_type, character_maximum_length FROM information_schema.columns"
    found = lab.sql(f"{query} WHERE table_name = 'target' ORDER BY ordinal_position")
    return {name: kind if size is None else f"{kind}({size})" for name, kind, size in found}
