"""Database objects to addresses."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.values import Ref
from chalicelib.ports.databases import Address, Engine, Tls
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.work.sql.addresses import address_of
from tests.workbench import databases, item, task


def address(*, kind: str = "JdbcDatabase", **fields: Any) -> Address:
    database = item("Db", type=kind, **{"username": "me", "*password": "secret", **fields})
    node = item("Node", type="SqlDataNode", table="t", database=Ref("Db"))
    return address_of(task(item("Copy", type="CopyActivity"), node, database), node, databases())


def jdbc(url: str, *properties: str) -> Address:
    return address(connectionString=url, jdbcProperties=list(properties))


@pytest.mark.parametrize(
    ("url", "engine", "place"),
    [
        ("jdbc:postgresql://h/d", Engine.POSTGRESQL, ("h", 5432, "d")),
        ("jdbc:postgresql://h.x-1:6432/d%20e?a=b", Engine.POSTGRESQL, ("h.x-1", 6432, "d e")),
        ("jdbc:postgresql://[::1]:1/d", Engine.POSTGRESQL, ("::1", 1, "d")),
        ("jdbc:postgresql://h/", Engine.POSTGRESQL, ("h", 5432, "me")),
        ("jdbc:postgresql:d", Engine.POSTGRESQL, ("localhost", 5432, "d")),
        ("jdbc:mysql://h:3307/d", Engine.MYSQL, ("h", 3307, "d")),
        ("jdbc:mysql://h", Engine.MYSQL, ("h", 3306, "")),
        ("jdbc:mariadb:aurora://h/d", Engine.MYSQL, ("h", 3306, "d")),
        ("jdbc:oracle:thin:@//h:1522/shop.example", Engine.ORACLE, ("h", 1522, "shop.example")),
        ("jdbc:oracle:thin:@h/shop", Engine.ORACLE, ("h", 1521, "shop")),
        ("jdbc:oracle:thin:@tcps://h:2484/shop", Engine.ORACLE, ("h", 2484, "shop")),
        ("jdbc:oracle:thin:@h:1521:ORCL", Engine.ORACLE, ("h", 1521, "")),
        ("jdbc:sqlserver://h", Engine.SQLSERVER, ("h", 1433, "")),
        ("jdbc:sqlserver://h:1444;databaseName=shop;encrypt=false", Engine.SQLSERVER, ("h", 1444, "shop")),
    ],
)
def test_a_jdbc_address_is_read(url: str, engine: Engine, place: tuple[str, int, str]) -> None:
    found = jdbc(url)
    assert (found.engine, found.host, found.port, found.database) == (engine, *place)
    assert (found.user, found.password) == ("me", "secret")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/d",
        "jdbc:oracle:oci:@h:1521:x",
        "jdbc:sqlserver://h\\\\SQLEXPRESS",
        "jdbc:oracle:thin:@(DESCRIPTION=x)",
        "jdbc:mysql://h:port/d",
        "jdbc:postgresql://a,b/d",
        "x",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_properties(url: str) -> None:
    with pytest.raises(Rejected, match=r"connectionString of Db is '[^?]*': jdbc:postgresql://host") as caught:
        jdbc(url + "?password=hidden")
    assert "hidden" not in str(caught.value)


def test_a_password_does_not_belong_into_the_address() -> None:
    with pytest.raises(Rejected, match=r"username and \*password expected"):
        jdbc("jdbc:mysql://h/d?password=x")


@pytest.mark.parametrize(
    ("url", "properties", "tls"),
    [
        ("jdbc:postgresql://h/d", [], Tls.PREFERRED),
        ("jdbc:postgresql://h/d?sslmode=require", [], Tls.REQUIRED),
        ("jdbc:postgresql://h/d?ssl=true", [], Tls.VERIFY_IDENTITY),
        ("jdbc:postgresql://h/d", ["ssl=true", "sslfactory=org.postgresql.ssl.NonValidatingFactory"], Tls.REQUIRED),
        ("jdbc:mysql://h/d?useSSL=false", [], Tls.DISABLED),
        ("jdbc:mysql://h/d?useSSL=true", ["verifyServerCertificate=true"], Tls.VERIFY_CA),
        ("jdbc:mysql://h/d?sslMode=VERIFY_IDENTITY", [], Tls.VERIFY_IDENTITY),
        ("jdbc:mysql://h/d?sslMode=VERIFY_IDENTITY", ["sslMode=REQUIRED"], Tls.REQUIRED),
    ],
)
def test_encryption_is_what_the_drivers_call_it(url: str, properties: list[str], tls: Tls) -> None:
    assert jdbc(url, *properties).tls is tls


def test_properties_that_mean_something_here_are_kept() -> None:
    found = jdbc("jdbc:postgresql://h/d?currentSchema=s", "connectTimeout=3", "sslrootcert=/ca.pem", "other=1")
    assert (dict(found.settings), found.connect_seconds, found.root) == ({"search_path": "s"}, 3, "/ca.pem")
    assert jdbc("jdbc:mysql://h/d?connectTimeout=4500").connect_seconds == 4


@pytest.mark.parametrize("text", ["broken", "=x"])
def test_a_property_that_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="'A=B' expected"):
        jdbc("jdbc:mysql://h/d", text)


def test_an_unknown_ssl_mode_is_refused() -> None:
    with pytest.raises(Rejected, match="sslmode of Db is 'sure': one of"):
        jdbc("jdbc:mysql://h/d?sslMode=sure")


def test_the_address_shows_no_password() -> None:
    assert "secret" not in repr(jdbc("jdbc:mysql://h/d"))


def test_an_old_node_has_its_own_connection() -> None:
    fields = {"*password": "secret", "connectionString": "jdbc:mysql://h/d", "username": "me", "table": "t"}
    node = item("Node", type="MySqlDataNode", **fields)
    found = address_of(task(item("Copy", type="CopyActivity"), node), node, databases())
    assert (found.host, found.user, found.password) == ("h", "me", "secret")


def test_a_node_without_a_database_is_told_so() -> None:
    node = item("Node", type="SqlDataNode", table="t", database="just a name")
    with pytest.raises(Rejected, match="Node has no database: a reference to a JdbcDatabase or RdsDatabase expected"):
        address_of(task(item("Copy", type="CopyActivity"), node), node, databases())


def test_a_database_of_another_kind_is_refused() -> None:
    with pytest.raises(Rejected, match="Db is a RedshiftDatabase"):
        address(kind="RedshiftDatabase", clusterId="c")


@mock_aws
def test_an_rds_instance_is_looked_up_in_its_region() -> None:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    boto3.client("rds", region_name="eu-west-1", **keys).create_db_instance(
        DBInstanceIdentifier="mine",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        DBName="shop",
    )
    found = address(kind="RdsDatabase", rdsInstanceId="mine", region="eu-west-1")
    assert (found.engine, found.database) == (Engine.POSTGRESQL, "shop")
    assert found.host.endswith("eu-west-1.rds.amazonaws.com")
    with pytest.raises(Missing, match="mine"):
        address(kind="RdsDatabase", rdsInstanceId="mine")


def test_oracles_sid_and_schemes_are_settings() -> None:
    assert jdbc("jdbc:oracle:thin:@h:1521:ORCL").settings == {"sid": "ORCL"}
    assert jdbc("jdbc:oracle:thin:@tcps://h:2484/shop").tls is Tls.VERIFY_IDENTITY
    assert jdbc("jdbc:oracle:thin:@h:1521/shop").tls is Tls.PREFERRED


@pytest.mark.parametrize(
    ("properties", "tls"),
    [
        ("", Tls.PREFERRED),
        (";encrypt=true", Tls.VERIFY_IDENTITY),
        (";encrypt=true;trustServerCertificate=true", Tls.REQUIRED),
        (";encrypt=false", Tls.DISABLED),
    ],
)
def test_sql_servers_properties_say_how_much_is_proved(properties: str, tls: Tls) -> None:
    assert jdbc("jdbc:sqlserver://h;databaseName=d" + properties).tls is tls


def test_a_user_does_not_belong_into_any_address() -> None:
    with pytest.raises(Rejected, match=r"username and \*password expected"):
        jdbc("jdbc:sqlserver://h;user=me;password=secret")
    with pytest.raises(Rejected, match=r"is '(?!.*secret)[^']*'") as caught:
        jdbc("jdbc:oracle:thin:me/secret@h:1521:x")
    assert "secret" not in str(caught.value)
