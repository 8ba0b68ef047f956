"""Endpoints of managed instances and passwords in Secrets Manager, on moto."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.values import Ref
from chalicelib.ports.databases import Endpoint, Engine
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.work.masking import Masker, Overheard, secrets_of
from chalicelib.work.sql.addresses import address_of
from tests import workbench
from tests.workbench import item, task


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
    create("mine", "neptune")
    with pytest.raises(Rejected, match="engine neptune given, one of postgres, "):
        databases.find("mine", None)


def keep(value: str | bytes, region: str = "eu-west-1") -> str:
    client = boto3.client(
        "secretsmanager", region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    kind = {"SecretString": value} if isinstance(value, str) else {"SecretBinary": value}
    return str(client.create_secret(Name="penstock/shop", **kind)["ARN"])


@mock_aws
@pytest.mark.parametrize("value", ["pa55", '{"username": "me", "password": "pa55", "port": 3306}'])
def test_a_password_is_read_where_its_arn_says(databases: SqlDatabases, value: str) -> None:
    arn = keep(value)
    assert databases.secret(arn) == "pa55"
    database = item("Db", type="JdbcDatabase", connectionString="jdbc:mysql://h/d", username="me", **{"*password": arn})
    given = task(item("Sql", type="SqlActivity", database=Ref("Db")), database)
    masker = Masker(secrets_of(given))
    assert address_of(given, given.subject, Overheard(databases, masker)).password == "pa55"
    assert masker.text(f"pa55 of {arn} was refused") == f"***** of {arn} was refused"


@mock_aws
def test_a_password_that_looks_like_an_object_is_one() -> None:
    assert workbench.databases().secret(keep("{brace")) == "{brace"


@mock_aws
def test_a_secret_without_a_password_is_rejected(databases: SqlDatabases) -> None:
    with pytest.raises(Rejected, match="it has username: password expected"):
        databases.secret(keep('{"username": "me"}'))
    with pytest.raises(Rejected, match="its value is binary"):
        databases.secret(keep(b"bytes", region="eu-west-2"))


@mock_aws
def test_a_secret_that_does_not_exist_is_missing(databases: SqlDatabases) -> None:
    with pytest.raises(Missing, match="read secret arn:aws:secretsmanager:us-east-1:1:secret:none"):
        databases.secret("arn:aws:secretsmanager:us-east-1:1:secret:none")
