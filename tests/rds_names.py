"""Managed instances of moto's RDS whose endpoints lead to servers that the tests started."""

from dataclasses import replace
from typing import Any

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.ports.databases import Address, Engine, Session
from tests.workbench import databases

_KINDS = {Engine.POSTGRESQL: "postgres", Engine.MYSQL: "mysql"}
PASSWORD = "p"


class NamedDatabases(SqlDatabases):
    """Servers as their RDS endpoints name them: the names of moto's lead nowhere, so here they lead to loopback."""

    def open(self, address: Address) -> Session:
        """See ports/databases."""
        assert address.host.endswith(".rds.amazonaws.com"), address
        return super().open(replace(address, host="127.0.0.1"))


def register(rds: Any, server: Address, name: str) -> None:
    """An instance that listens where the server does."""
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine=_KINDS[server.engine],
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        Port=server.port,
        DBName=server.database,
    )


def user_of(server: Address) -> str:
    """Of the tests' PostgreSQL, where nobody needs a password, or one of MariaDB whose password is PASSWORD."""
    if server.engine is Engine.POSTGRESQL:
        return server.user
    session = databases().open(server)
    session.run(f"CREATE USER IF NOT EXISTS app@'%' IDENTIFIED BY '{PASSWORD}'")
    session.run(f"GRANT ALL ON {server.database}.* TO app@'%'")
    session.close()
    return "app"
