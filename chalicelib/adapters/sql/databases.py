"""ports/databases.Databases: which driver, and where an RDS instance listens. Must not know SQL."""

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
}
_DRIVERS = {Engine.POSTGRESQL: "psycopg[binary]", Engine.MYSQL: "PyMySQL"}


class SqlDatabases:
    """`rds` gives the RDS client of a region, or of the service's own."""

    def __init__(self, rds: Callable[[str | None], Any]) -> None:
        self._rds = rds

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
        reply = call(operation, self._rds(region).describe_db_instances, DBInstanceIdentifier=instance)
        found = reply["DBInstances"][0]
        engine = _ENGINES.get(found["Engine"])
        if engine is None:
            raise Rejected(operation, f"engine {found['Engine']} given, one of {', '.join(_ENGINES)} expected")
        if "Endpoint" not in found:
            raise Rejected(operation, f"it is {found.get('DBInstanceStatus')} and has no endpoint yet")
        endpoint = found["Endpoint"]
        return Endpoint(engine, endpoint["Address"], endpoint["Port"], found.get("DBName"))


def _session(address: Address) -> Session:
    match address.engine:
        case Engine.POSTGRESQL:
            from chalicelib.adapters.sql.postgresql import PostgresSession  # noqa: PLC0415  # a driver where used

            return PostgresSession(address)
        case Engine.MYSQL:
            from chalicelib.adapters.sql.mysql import MySqlSession  # noqa: PLC0415  # a driver where used

            return MySqlSession(address)
        case _:
            assert_never(address.engine)
