"""The console's templates between RDS and S3, through the engine, on real servers whose endpoint moto's RDS tells."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.events import Activated
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import InstanceId
from chalicelib.ports.databases import Address, Engine, Session
from chalicelib.service.tick import tick, wake
from tests.rds_names import PASSWORD, NamedDatabases, register, user_of
from tests.s3_on_moto import s3_client
from tests.unit.service.test_perform import PIPELINE, House
from tests.workbench import databases as any_server

pytestmark = pytest.mark.xdist_group("databases")

TEMPLATES = Path("chalicelib/templates")
UPSERTS = {
    Engine.POSTGRESQL: "ON CONFLICT (id) DO UPDATE SET name = excluded.name, price = excluded.price",
    Engine.MYSQL: "ON DUPLICATE KEY UPDATE name = VALUES(name), price = VALUES(price)",
}
MAKE = "CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2), changed TIMESTAMP NULL)"
FOLDER = "copies/2026-01-0{}-00-00-00/part-00000"


@dataclass
class Bench:
    """A managed instance, storage, and the engine."""

    house: House
    s3: Any
    engine: Engine
    session: Session
    values: dict[str, str]

    def activate(self, name: str, **values: str | list[str]) -> None:
        known = json.loads((TEMPLATES / f"{name}.json").read_text())
        wanted = {each["id"] for each in known["parameters"]}
        given = {key: value for key, value in self.values.items() if key in wanted}
        self.house.store.put_definition(PIPELINE, 1, self.definition(name, **given, **values))
        self.house.publish(Activated("activate", self.house.now(), 1))
        self.work()

    @staticmethod
    def definition(name: str, **values: str | list[str]) -> Definition:
        return from_file({**json.loads((TEMPLATES / f"{name}.json").read_text()), "values": values})

    def work(self) -> None:
        for _ in range(6):
            self.house.perform_tasks()
            self.house.pump()

    def pass_time(self, much: timedelta) -> None:
        self.house.time += much
        tick(self.house.ports)
        wake(PIPELINE, self.house.ports)
        self.house.pump()
        self.work()

    def ended(self, activity: str, day: int = 1) -> Instance:
        name = InstanceId(f"@{activity}_2026-01-0{day}T00:00:00")
        found = self.house.store.history(PIPELINE, [name])
        assert name in found, "it has not ended"
        assert (found[name].status, found[name].attempts[-1].error_message) == (Status.FINISHED, None)
        return found[name]

    def sql(self, *statements: str) -> None:
        for statement in statements:
            self.session.run(statement)
        self.session.commit()

    def rows(self) -> list[tuple[str | None, ...]]:
        self.session.rollback()
        return list(self.session.rows("SELECT id, name, price FROM orders ORDER BY id"))

    def stored(self, key: str) -> str:
        return str(self.s3.get_object(Bucket="target", Key=key)["Body"].read().decode())


def client(service: str, region: str | None) -> Any:
    """One of moto's."""
    return boto3.client(service, region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture(params=list(Engine)[:2], ids=lambda engine: engine.value)
def server(request: pytest.FixtureRequest) -> Address:
    name = "postgresql_server" if request.param is Engine.POSTGRESQL else "mariadb_server"
    found: Address = request.getfixturevalue(name)
    return found


@pytest.fixture
def bench(server: Address, tmp_path: Path) -> Iterator[Bench]:
    session = any_server().open(server)
    values = {
        "myRDSInstanceId": "shop",
        "myRDSRegion": "eu-west-1",
        "myRDSUsername": user_of(server),
        "*myRDSPassword": PASSWORD,
        "myRDSTableName": "orders",
        "myOutputS3Loc": "s3://target/copies",
    }
    with mock_aws():
        register(client("rds", "eu-west-1"), server, "shop")
        s3 = s3_client()
        house = House(s3, tmp_path)
        house.outside = replace(house.outside, databases=NamedDatabases(client))
        made = Bench(house, s3, server.engine, session, values)
        made.sql("DROP TABLE IF EXISTS orders", "DROP TABLE IF EXISTS penstock_loads")
        yield made
    session.close()


def test_a_table_is_copied_whole_into_a_folder_of_the_runs_time(bench: Bench) -> None:
    bench.sql(
        MAKE,
        "INSERT INTO orders (id, name, price) VALUES (1, 'a, \"b\"', 1.5), (2, NULL, NULL), (3, 'ä', -2)",
    )
    bench.activate("full-copy-of-rds-mysql-table-to-s3")
    row = bench.ended("RDSToS3CopyActivity")
    assert dict(row.attempts[0].fields)["rowsCopied"] == "3"
    assert bench.stored(FOLDER.format(1)) == '1,a\\, "b",1.50,\\N\n2,\\N,\\N,\\N\n3,ä,-2.00,\\N\n'


def test_each_interval_copies_the_rows_that_were_changed_inside_it(bench: Bench) -> None:
    bench.sql(
        MAKE,
        "INSERT INTO orders (id, changed) VALUES"
        " (1, '2025-12-31 23:59:59'), (2, '2026-01-01 00:00:00'), (3, '2026-01-01 23:59:59')",
    )
    bench.activate("incremental-copy-of-rds-mysql-table-to-s3", myRDSTableLastModifiedCol="changed")
    bench.pass_time(timedelta(days=1))
    bench.ended("RDSToS3CopyActivity", 1)
    bench.sql("UPDATE orders SET changed = '2026-01-02 00:00:00', name = 'x' WHERE id = 2")
    bench.pass_time(timedelta(days=1))
    bench.ended("RDSToS3CopyActivity", 2)
    first, second = (bench.stored(FOLDER.format(day)).splitlines() for day in (1, 2))
    assert sorted(line[0] for line in first) == ["2", "3"]
    assert [line[:3] for line in second] == ["2,x"]


def test_a_file_is_loaded_into_a_table_that_is_made(bench: Bench) -> None:
    bench.s3.put_object(Bucket="source", Key="orders.csv", Body=b"1,a\\, b,1.50,\\N\n2,\\N,2.00,\\N\n")
    bench.activate("load-s3-data-into-rds-mysql-table", myInputS3Loc="s3://source/orders.csv", myRDSCreateTableSql=MAKE)
    row = bench.ended("S3ToRDSCopyActivity")
    assert dict(row.attempts[0].fields)["rowsCopied"] == "2"
    assert bench.rows() == [("1", "a, b", "1.50"), ("2", None, "2.00")]


def test_a_load_updates_rows_that_are_there_and_adds_the_others(bench: Bench) -> None:
    bench.sql(MAKE, "INSERT INTO orders (id, name, price) VALUES (1, 'old', 1), (7, 'kept', 7)")
    bench.s3.put_object(Bucket="source", Key="orders.csv", Body=b"1,new,2.50\n2,added,3\n")
    bench.activate(
        "load-s3-data-into-rds-mysql-table",
        myInputS3Loc="s3://source/orders.csv",
        myRDSTableInsertSql=f"INSERT INTO orders (id, name, price) VALUES (?, ?, ?) {UPSERTS[bench.engine]}",
    )
    bench.ended("S3ToRDSCopyActivity")
    assert bench.rows() == [("1", "new", "2.50"), ("2", "added", "3.00"), ("7", "kept", "7.00")]
