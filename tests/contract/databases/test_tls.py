"""Connections that prove who they talk to, with servers that show certificates of an authority of ours."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.ports.databases import Address, Engine, Session, Tls
from chalicelib.ports.errors import Denied, Rejected
from tests.tls import Papers, mariadb_with_tls, papers, postgresql_with_tls

pytestmark = pytest.mark.xdist_group("databases")  # in one worker: each server starts once


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module", params=list(Engine)[:2], ids=lambda engine: engine.value)
def server(request: pytest.FixtureRequest, shown: Papers) -> Iterator[Address]:
    started = postgresql_with_tls if request.param is Engine.POSTGRESQL else mariadb_with_tls
    with started(shown) as address:
        yield address


def is_encrypted(session: Session, engine: Engine) -> bool:
    if engine is Engine.MYSQL:
        return bool(session.rows("SHOW STATUS LIKE 'Ssl_cipher'")[0][1])
    connection: object = session
    return bool(connection._connection.pgconn.ssl_in_use)  # type: ignore[attr-defined]  # no word of it in the port


@pytest.mark.parametrize("tls", [Tls.VERIFY_CA, Tls.VERIFY_IDENTITY])
def test_a_known_authority_is_believed(server: Address, shown: Papers, databases: SqlDatabases, tls: Tls) -> None:
    session = databases.open(replace(server, tls=tls, root=shown.root))
    assert is_encrypted(session, server.engine)
    session.run("CREATE TABLE IF NOT EXISTS told (a INT)")
    assert b"".join(session.unload("SELECT 1", ",")) == b"1\n"
    session.close()


@pytest.mark.parametrize("tls", [Tls.VERIFY_CA, Tls.VERIFY_IDENTITY])
def test_an_unknown_authority_is_refused(server: Address, shown: Papers, databases: SqlDatabases, tls: Tls) -> None:
    with pytest.raises(Denied, match=r"(?i)connect to \w+ 127\.0\.0\.1:\d+/\w+: .*certificate verify failed"):
        databases.open(replace(server, tls=tls, root=shown.stranger))


def test_a_certificate_for_another_host_is_refused(server: Address, shown: Papers, databases: SqlDatabases) -> None:
    other = replace(server, host="localhost", root=shown.root)
    databases.open(replace(other, tls=Tls.VERIFY_CA)).close()
    with pytest.raises(Denied, match=r"(?i)localhost.*(does not match|not valid)"):
        databases.open(replace(other, tls=Tls.VERIFY_IDENTITY))


@pytest.mark.parametrize(("tls", "encrypted"), [(Tls.PREFERRED, True), (Tls.REQUIRED, True), (Tls.DISABLED, False)])
def test_without_an_authority_nothing_is_proved(
    server: Address, databases: SqlDatabases, tls: Tls, encrypted: bool
) -> None:
    session = databases.open(replace(server, tls=tls))
    assert is_encrypted(session, server.engine) is encrypted
    session.close()


def test_a_file_that_is_no_certificate_is_named(server: Address, databases: SqlDatabases, tmp_path: Path) -> None:
    path = tmp_path / "notes.pem"
    path.write_text("no certificate\n")
    with pytest.raises(Rejected, match=r"notes\.pem"):
        databases.open(replace(server, tls=Tls.VERIFY_IDENTITY, root=str(path)))


def test_a_file_of_authorities_that_is_not_there_is_named(server: Address, databases: SqlDatabases) -> None:
    with pytest.raises(Rejected, match=r"no-such-file\.pem"):
        databases.open(replace(server, tls=Tls.VERIFY_IDENTITY, root="/no-such-file.pem"))
