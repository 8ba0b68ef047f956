"""ports/databases.Databases: which driver, and where an RDS instance listens. Must not know SQL."""

import json
from collections.abc import Callable
from typing import Any, assert_never

from chalicelib.adapters.aws.errors import call
from chalicelib.ports.databases import Address, Endpoint, Engine, Session
from chalicelib.ports.errors import Rejected

_ENGINES = {
    "postgres": Engine.POSTGRESQL,
    "aurora-postgresql": Engine.POSTGRESQL,
    "mysql": Engine.MYSQL,
    "mariadb": Engine.MYSQL,
    "aurora-mysql": Engine.MYSQL,
    **dict.fromkeys(("oracle-ee", "oracle-ee-cdb", "oracle-se2", "oracle-se2-cdb"), Engine.ORACLE),
    **dict.fromkeys(("sqlserver-ee", "sqlserver-se", "sqlserver-ex", "sqlserver-web"), Engine.SQLSERVER),
}
_DRIVERS = {
    Engine.POSTGRESQL: "psycopg[binary]",
    Engine.MYSQL: "PyMySQL",
    Engine.ORACLE: "oracledb",
    Engine.SQLSERVER: "python-tds",
}


class SqlDatabases:
    """`client` gives that of a service in a region, or in the process's own."""

    def __init__(self, client: Callable[[str, str | None], Any]) -> None:
        self._client = client

    def open(self, address: Address) -> Session:
        """See ports/databases."""
        try:
            return _session(address)
        except ImportError as error:
            driver = _DRIVERS[address.engine]
            raise Rejected(f"connect to {address}", f"{error}: pip install '{driver}' where this runs") from error

    def find(self, instance: str, region: str | None) -> Endpoint:
        """See ports/databases."""
        operation = f"find DB instance {instance}"
        reply = call(operation, self._client("rds", region).describe_db_instances, DBInstanceIdentifier=instance)
        found = reply["DBInstances"][0]
        engine = _ENGINES.get(found["Engine"])
        if engine is None:
            raise Rejected(operation, f"engine {found['Engine']} given, one of {', '.join(_ENGINES)} expected")
        if "Endpoint" not in found:
            raise Rejected(operation, f"it is {found.get('DBInstanceStatus')} and has no endpoint yet")
        endpoint = found["Endpoint"]
        return Endpoint(engine, endpoint["Address"], endpoint["Port"], found.get("DBName"))

    def secret(self, arn: str) -> str:
        """See ports/databases. The secret's own region is in its ARN."""
        operation = f"read secret {arn}"
        client = self._client("secretsmanager", arn.split(":")[3] or None)
        return _password(operation, call(operation, client.get_secret_value, SecretId=arn).get("SecretString"))


def _password(operation: str, text: str | None) -> str:
    if not text:
        raise Rejected(operation, "its value is binary: text expected")
    if not text.lstrip().startswith("{"):
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return text  # a password may begin like this
    password = found.get("password")
    if not isinstance(password, str):
        raise Rejected(operation, f"it has {', '.join(found) or 'nothing'}: password expected")
    return password


def _session(address: Address) -> Session:
    match address.engine:
        case Engine.POSTGRESQL:
            from chalicelib.adapters.sql.postgresql import PostgresSession  # noqa: PLC0415  # a driver where used

            return PostgresSession(address)
        case Engine.MYSQL:
            from chalicelib.adapters.sql.mysql import MySqlSession  # noqa: PLC0415  # a driver where used

            return MySqlSession(address)
        case Engine.ORACLE:
            from chalicelib.adapters.sql.oracle import open_oracle  # noqa: PLC0415  # a driver where used

            return open_oracle(address)
        case Engine.SQLSERVER:
            from chalicelib.adapters.sql.sqlserver import open_sqlserver  # noqa: PLC0415  # a driver where used

            return open_sqlserver(address)
        case _:
            assert_never(address.engine)
