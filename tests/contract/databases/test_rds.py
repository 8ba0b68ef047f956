"""Endpoints of managed instances, on moto."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.ports.databases import Endpoint, Engine
from chalicelib.ports.errors import Missing, Rejected


def create(name: str, engine: str, region: str = "us-east-1", **more: Any) -> None:
    rds = boto3.client("rds", region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing")
    rds.create_db_instance(
        DBInstanceIdentifier=name, Engine=engine, DBInstanceClass="db.t3.micro", AllocatedStorage=20, **more
    )


@mock_aws
@pytest.mark.parametrize(
    ("name", "engine", "port"), [("postgres", Engine.POSTGRESQL, 5432), ("mysql", Engine.MYSQL, 3306)]
)
def test_an_instance_tells_its_engine_and_endpoint(
    databases: SqlDatabases, name: str, engine: Engine, port: int
) -> None:
    create("mine", name, region="eu-west-1", DBName="shop", Port=port)
    found = databases.find("mine", "eu-west-1")
    assert found == Endpoint(engine, found.host, port, "shop")
    assert found.host.startswith("mine.")
    assert found.host.endswith(".eu-west-1.rds.amazonaws.com")


@mock_aws
def test_an_instance_that_does_not_exist_is_missing(databases: SqlDatabases) -> None:
    with pytest.raises(Missing, match="find DB instance nobody"):
        databases.find("nobody", None)


@mock_aws
def test_an_engine_without_a_driver_is_rejected(databases: SqlDatabases) -> None:
    create("mine", "sqlserver-ex")
    with pytest.raises(Rejected, match="engine sqlserver-ex given, one of postgres, "):
        databases.find("mine", None)
