"""The console's templates for Redshift, through the engine, on real databases."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.run.events import Activated
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import InstanceId
from chalicelib.ports.databases import Address
from chalicelib.ports.reach import Outside
from tests.contract.redshift.conftest import Lab
from tests.unit.service.test_perform import PIPELINE, House
from tests.workbench import databases, item

TEMPLATES = Path("chalicelib/templates")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
REDSHIFT = {"myRedshiftClusterId": "lab", "myRedshiftUsername": "ann", "myRedshiftTableName": "target"}
RDS = {"myRDSInstanceId": "i", "myRDSDatabaseName": "d", "myRDSUsername": "u", "*myRDSPassword": "p"}
COPY = {**RDS, **REDSHIFT, "myRDSTableName": "orders", "myOutputS3Loc": "s3://b/x", "myLogS3Loc": "s3://b/logs"}
TURNS = 20


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


def run(lab: Lab, definition: Definition, activity: str) -> Instance:
    house = House(lab.clients("s3"), lab.scratch)
    house.outside = Outside(
        S3Objects(lab.clients("s3")),
        DynamoTables(lambda region: lab.clients("dynamodb")),
        databases(),
        RedshiftData(lambda region: lab.clients("redshift-data")),
    )
    house.store.put_definition(PIPELINE, 1, definition)
    house.publish(Activated("activate", house.now(), 1))
    for _ in range(TURNS):
        house.perform_tasks()
        house.pump()
    name = InstanceId(f"@{activity}_2026-01-01T00:00:00")
    found = house.store.history(PIPELINE, [name])
    assert name in found, "it has not ended"
    return found[name]


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
    row = run(lab, definition, "RedshiftLoadActivity")
    assert (row.status, row.attempts[-1].error_message) == (Status.FINISHED, None)
    assert lab.table() == [(1, "x, y"), (2, "z")]


def copied(lab: Lab, server: Address, kind: str, *sqls: str) -> Instance:
    """The full copy of the table `orders` that the statements make."""
    session = databases().open(server)
    for sql in ("DROP TABLE IF EXISTS orders", *sqls):
        session.run(sql)
    session.commit()
    session.close()
    definition = template(
        "full-copy-of-rds-mysql-table-to-redshift",
        **{**COPY, "myOutputS3Loc": lab.place("staging"), "myLogS3Loc": lab.place("logs")},
        myRedshiftDatabaseName=lab.database,
    )
    url = f"jdbc:{kind}://{server.host}:{server.port}/{server.database}"
    given = {"connectionString": url, "jdbcDriverClass": "x", "username": server.user, "*password": server.password}
    reached = item("rds_mysql", type="JdbcDatabase", **given)
    objects = tuple(reached if each.id == reached.id else each for each in definition.objects)
    row = run(lab, replace(definition, objects=objects), "S3ToRedshiftCopyActivity")
    assert (row.status, row.attempts[-1].error_message) == (Status.FINISHED, None)
    return row


def test_a_postgresql_table_is_copied_by_way_of_s3(lab: Lab, postgres: Address) -> None:
    copied(
        lab,
        postgres,
        "postgresql",
        "CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(9), price NUMERIC(8,2), at TIMESTAMP)",
        "INSERT INTO orders VALUES (1, 'a,\\b', 1.5, '2026-01-01 10:00'), (2, NULL, NULL, NULL)",
    )
    assert lab.table() == [(1, "a,\\b", "1.50", "2026-01-01 10:00:00"), (2, None, None, None)]


def test_a_mysql_table_is_copied_by_way_of_s3(lab: Lab, mysql: Address) -> None:
    columns = "id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, good TINYINT(1), name VARCHAR(9), at DATETIME"
    insert = "INSERT INTO orders (good, name, at) VALUES (1, 'ä', '2026-01-01 10:00'), (0, NULL, NULL)"
    copied(lab, mysql, "mysql", f"CREATE TABLE orders ({columns})", insert)
    assert lab.table() == [("1", True, "ä", "2026-01-01 10:00:00"), ("2", False, None, None)]


def test_an_empty_table_is_copied_too(lab: Lab, postgres: Address) -> None:
    row = copied(lab, postgres, "postgresql", "CREATE TABLE orders (id INT PRIMARY KEY)")
    assert (dict(row.attempts[-1].fields)["rowsInserted"], lab.table()) == ("0", [])
