"""Servers, and one fresh schema per test."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.ports.databases import Address, Engine, Session
from tests import workbench
from tests.servers import mariadb, postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Address]:
    with postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Address]:
    with mariadb() as address:
        yield address


@pytest.fixture
def databases() -> SqlDatabases:
    return workbench.databases()


@pytest.fixture(params=list(Engine)[:2], ids=lambda engine: engine.value)
def address(request: pytest.FixtureRequest, databases: SqlDatabases) -> Address:
    """An empty place of a server of each kind."""
    postgres = request.param is Engine.POSTGRESQL
    server: Address = request.getfixturevalue("postgresql_server" if postgres else "mariadb_server")
    session = databases.open(server)
    session.run("DROP SCHEMA IF EXISTS work" + " CASCADE" * postgres)
    session.run("CREATE SCHEMA work")
    session.commit()
    session.close()
    return replace(server, settings={"search_path": "work"}) if postgres else replace(server, database="work")


@pytest.fixture
def session(address: Address, databases: SqlDatabases) -> Iterator[Session]:
    opened = databases.open(address)
    yield opened
    opened.close()
