"""Oracle and SQL Server as far as they go without a server, and what they share on a real one: SQLite."""

import sqlite3
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from chalicelib.adapters.sql import oracle, sqlserver
from chalicelib.adapters.sql.catalogue import Queries
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.adapters.sql.dbapi import DbApiSession, Manner, text_of
from chalicelib.domain.sql import Spelling, with_placeholders
from chalicelib.ports.databases import Address, BadRow, Engine
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Unavailable

QUERIES = Queries(
    table="SELECT 'main', name FROM sqlite_master WHERE lower(name) = lower(%(name)s) AND %(schema)s IS NULL",
    columns="SELECT name, type, NULL FROM pragma_table_info(%(name)s) ORDER BY cid",
    key="",
    whole=frozenset(),
    text=frozenset(),
)
MANNER = Manner(
    queries=QUERIES,
    written=lambda statement, _: with_placeholders(statement, Spelling.STANDARD, lambda _: "?"),
    marker=lambda _: "?",
    quoted='"{}"'.format,
    errors=(sqlite3.Error,),
    kind=lambda _: Rejected,
    savepoint="SAVEPOINT penstock_batch",
    undo="ROLLBACK TO SAVEPOINT penstock_batch",
)


@pytest.fixture
def session() -> Iterator[DbApiSession]:
    opened = DbApiSession(sqlite3.connect(":memory:"), "SQLite", MANNER)
    opened.run("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, content BLOB)")
    yield opened
    opened.close()


def test_records_are_loaded_and_unloaded_in_the_same_dialect(session: DbApiSession) -> None:
    table = session.table("THINGS", None)
    assert table.columns == ("id", "name", "content")
    assert session.load(table, ("id", "name"), [b"1,a\\,b\n2,\\N\n", b"3,x\\\ny\n"], ",") == 3
    session.commit()
    assert b"".join(session.unload(table, ",")) == b"1,a\\,b,\\N\n2,\\N,\\N\n3,x\\\ny,\\N\n"
    assert b"".join(session.unload("SELECT id FROM things WHERE id > 1 ORDER BY id;", "|")) == b"2\n3\n"
    assert list(session.names("SELECT id, name AS n FROM things")) == ["id", "n"]


def test_the_row_that_is_refused_is_named_and_rolled_back(session: DbApiSession) -> None:
    rows = [("1", "a"), ("2", "b"), ("1", "c")]
    with pytest.raises(BadRow, match="UNIQUE") as caught:
        session.insert("INSERT INTO things (id, name) VALUES (?, ?)", rows)
    assert caught.value.line == 3
    session.rollback()
    assert session.rows("SELECT count(*) FROM things") == [("0",)]


def test_statements_take_arguments_and_tell_what_they_changed(session: DbApiSession) -> None:
    assert session.run("INSERT INTO things (id, name) VALUES (?, 'is it?')", ["7"]) == 1
    assert session.rows("SELECT name FROM things WHERE id = ?", ["7"]) == [("is it?",)]
    with pytest.raises(Rejected, match="run statement in SQLite: near"):
        session.run("SELEKT")
    with pytest.raises(Missing, match="there is no table nothing"):
        session.table("nothing", None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (b"\x00\xff", "\\x00ff"),
        (True, "1"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime.fromisoformat("2026-01-02T03:04:05"), "2026-01-02 03:04:05"),
        (1.5, "1.5"),
        ("é", "é"),
    ],
)
def test_values_are_written_as_the_other_servers_write_them(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_placeholders_are_what_the_drivers_want() -> None:
    statement = "UPDATE t SET a = ?, b = '?', [c?] = '50%' WHERE d = ? AND e ?? 'x'"
    assert oracle.written("SELECT '?' FROM t WHERE a = ? AND b LIKE '5%' AND c = ?", 2) == (
        "SELECT '?' FROM t WHERE a = :1 AND b LIKE '5%' AND c = :2"
    )
    assert sqlserver.written(statement, 2) == "UPDATE t SET a = %s, b = '?', [c?] = '50%%' WHERE d = %s AND e ? 'x'"
    assert sqlserver.written("SELECT '50%'", 0) == "SELECT '50%'"


class Numbered(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(f"error {number}")
        self.number = number


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("ORA-01017: invalid username/password; logon denied", Denied),
        ("ORA-00942: table or view does not exist", Missing),
        ("ORA-00060: deadlock detected", Conflict),
        ("DPY-6005: cannot connect to database", Unavailable),
        ("ORA-00001: unique constraint violated", Rejected),
    ],
)
def test_oracles_errors_are_the_ports(said: str, kind: type[PortError]) -> None:
    assert oracle.kind_of(Exception(said)) is kind


@pytest.mark.parametrize(
    ("number", "kind"), [(18456, Denied), (208, Missing), (1205, Conflict), (40613, Unavailable), (2627, Rejected)]
)
def test_sql_servers_errors_are_the_ports(number: int, kind: type[PortError]) -> None:
    assert sqlserver.kind_of(Numbered(number)) is kind
    assert sqlserver.kind_of(TimeoutError()) is Unavailable


@pytest.mark.parametrize(
    ("engine", "module", "package"),
    [(Engine.ORACLE, "oracledb", "oracledb"), (Engine.SQLSERVER, "pytds", "python-tds")],
)
def test_a_driver_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Rejected, match=rf"connect to {engine.value} h:1/d: .*pip install '{package}' where this runs"):
        SqlDatabases(lambda *_: None).open(Address(engine, "h", 1, "d", "me", "secret"))
