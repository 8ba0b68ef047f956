"""ports/databases.Session on real servers."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.dialect import Dialect
from chalicelib.ports.databases import Address, BadRow, Engine, Row, Session, Span, Tls
from chalicelib.ports.errors import Conflict, Denied, Missing, Rejected, Unavailable
from chalicelib.transfer.formats.delimited import Delimited
from chalicelib.transfer.formats.faults import BadRecord

pytestmark = pytest.mark.xdist_group("databases")  # in one worker: each server starts once

# Neither server stores NUL in text; lone surrogates are no UTF-8.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20) | st.text(
    "\\,\n\r\tnNbtrx0Z.'\"\x1d\x1e\x1f", max_size=12
)
ROWS = st.lists(st.tuples(st.none() | TEXT | st.just("\\N"), st.none() | TEXT), max_size=20)


def create(session: Session, columns: str = "id INT PRIMARY KEY, name VARCHAR(50), score DECIMAL(8,2)") -> None:
    session.run(f"CREATE TABLE things ({columns})")
    session.commit()


def load(session: Session, *records: str, columns: Sequence[str] = ()) -> int:
    table = session.table("things", None)
    return session.load(table, columns or table.columns, [record.encode() for record in records], ",")


def held(session: Session) -> list[Row]:
    return sorted(session.rows("SELECT * FROM things"), key=lambda row: tuple(value or "" for value in row))


def test_text_is_loaded_and_unloaded_in_the_same_dialect(session: Session) -> None:
    create(session)
    assert load(session, "1,a\\,b,1.50\n2,\\N,\\N\n", "3,n\\n\\\\,0\n") == 3
    session.commit()
    assert held(session) == [("1", "a,b", "1.50"), ("2", None, None), ("3", "nn\\", "0.00")]
    content = b"".join(session.unload("SELECT * FROM things ORDER BY id", ","))
    assert content == b"1,a\\,b,1.50\n2,\\N,\\N\n3,nn\\\\,0.00\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, separator=st.sampled_from(",\t|;\x01 "))
def test_any_text_goes_in_and_comes_out_as_it_was(session: Session, rows: list[Row], separator: str) -> None:
    session.run("CREATE TABLE IF NOT EXISTS things (n INT, a TEXT, b TEXT)")
    session.run("DELETE FROM things")
    text = Delimited(Dialect(separator))
    numbered: list[Row] = [(str(n), *row) for n, row in enumerate(rows)]
    session.load(session.table("things", None), ("n", "a", "b"), text.write(numbered), separator)
    content = list(session.unload("SELECT n, a, b FROM things ORDER BY n", separator))
    assert list(text.read(content, "file")) == numbered
    whole = list(text.read(session.unload(session.table("things", None), separator), "file"))
    assert sorted(whole, key=lambda row: int(row[0] or 0)) == numbered


def test_a_table_unloads_all_its_columns(session: Session) -> None:
    create(session, "id INT, name VARCHAR(50)")
    load(session, "1,x\n")
    assert list(session.unload(session.table("things", None), "\t")) == [b"1\tx\n"]
    session.rollback()


def test_an_empty_result_has_no_blocks(session: Session) -> None:
    create(session)
    assert b"".join(session.unload("SELECT * FROM things", ",")) == b""
    assert load(session) == 0


def test_columns_may_be_named_in_any_order(session: Session) -> None:
    create(session)
    load(session, "x,7\n", columns=("name", "id"))
    assert held(session) == [("7", "x", None)]


def test_binary_values_travel_as_hexadecimal_digits(session: Session, address: Address) -> None:
    create(session, "id INT, content " + ("BYTEA" if address.engine is Engine.POSTGRESQL else "BLOB"))
    load(session, "1,\\\\x00ff5c0a\n2,\\N\n")
    assert b"".join(session.unload("SELECT * FROM things ORDER BY id", ",")) == b"1,\\\\x00ff5c0a\n2,\\N\n"


NUMBERS = (
    "a TINYINT, b SMALLINT UNSIGNED, c MEDIUMINT, d INT(6) ZEROFILL, e BIGINT, f DECIMAL(30,6), g FLOAT, h DOUBLE, "
    "i YEAR, j DATE, k DATETIME(3), l TIME(6), m TIMESTAMP NULL, n ENUM('x', 'y,z'), o SET('p', 'q'), "
    "p CHAR(5) CHARACTER SET latin1, q VARCHAR(9) COLLATE utf8mb4_bin, r TINYTEXT"
)
VALUES = (
    "(-1, 65535, -8388608, 42, 9223372036854775807, -0.000001, 0.1, 1e-300, 1999, '1000-01-01', "
    "'2026-01-02 03:04:05.678', '-838:59:59', '2026-01-02 03:04:05', 'y,z', 'p,q', 'é  ', 'a\\b', ''), "
    "(1, 0, 0, 0, -5, 12345678901234567890.5, 3.4e38, -1.7976931348623157e308, 0, '9999-12-31', "
    "'1970-01-01', '00:00:00.5', '1971-01-01 00:00:00', 'x', '', 'e', '😀', '\n'), "
    f"({', '.join(['NULL'] * 18)})"
)


def test_mysql_joins_fields_to_the_same_text_as_we_do(session: Session, address: Address) -> None:
    if address.engine is not Engine.MYSQL:
        return
    session.run(f"CREATE TABLE things ({NUMBERS})")
    session.run(f"INSERT INTO things VALUES {VALUES}")
    by_rows = b"".join(session.unload("SELECT * FROM things", ","))
    assert b"".join(session.unload(session.table("things", None), ",")) == by_rows
    assert by_rows.startswith(b"-1,65535,-8388608,000042,9223372036854775807,-0.000001,0.1,1e-300,1999,1000-01-01,")


def test_a_table_is_read_in_ranges_of_its_key(session: Session) -> None:
    create(session, "id INT PRIMARY KEY, name VARCHAR(50)")
    load(session, "".join(f"{n},n{n}\n" for n in range(-5, 20)))
    session.commit()
    table = session.table("things", None)
    key = session.key(table)
    assert key is not None
    assert (key.column, key.whole) == ("id", True)
    assert session.bound(table, key, None, 10) == "5"
    assert session.bound(table, key, "5", 10) == "15"
    assert session.bound(table, key, "15", 10) is None
    spans = [Span(key, None, "5"), Span(key, "5", "15"), Span(key, "15", None)]
    assert [b"".join(session.unload(table, ",", span)).count(b"\n") for span in spans] == [10, 10, 5]


def test_a_key_of_text_cuts_where_the_server_sorts(session: Session) -> None:
    create(session, "name VARCHAR(20) PRIMARY KEY, id INT")
    names = ["a'b", "B\\\\", "c", "É", "ñ", "10", "9", "Z"]
    load(session, "".join(f"{name},1\n" for name in names))
    session.commit()
    table = session.table("things", None)
    key = session.key(table)
    assert key is not None
    assert not key.whole
    found, first = [], None
    while True:
        stop = session.bound(table, key, first, 3)
        found += b"".join(session.unload(table, ",", Span(key, first, stop))).decode().splitlines()
        first = stop
        if stop is None:
            break
    assert sorted(found) == sorted(f"{name},1" for name in names)


def test_a_key_of_two_columns_or_of_none_cuts_nothing(session: Session) -> None:
    create(session, "a INT, b INT, PRIMARY KEY (a, b)")
    session.run("CREATE TABLE others (a INT)")
    session.run("CREATE TABLE sums (a DECIMAL(8,2) PRIMARY KEY)")
    for name in ("things", "others", "sums"):
        assert session.key(session.table(name, None)) is None


def test_values_larger_than_a_packet_come_whole(session: Session, address: Address) -> None:
    create(session, "id INT, content " + ("TEXT" if address.engine is Engine.POSTGRESQL else "LONGTEXT"))
    if address.engine is Engine.MYSQL:
        session.run("SET SESSION net_read_timeout = 60")
    session.run("INSERT INTO things VALUES (1, repeat('xyz', 300)), (2, repeat('a', 70000)), (3, repeat('b', 4000000))")
    content = b"".join(session.unload("SELECT * FROM things ORDER BY id", ","))
    assert content == b"1," + b"xyz" * 300 + b"\n2," + b"a" * 70000 + b"\n3," + b"b" * 4000000 + b"\n"


@pytest.mark.parametrize(
    ("records", "line", "column"),
    [
        ("1,a,1\n2,b\n", 2, None),
        ("1,a,1,1\n", 1, None),
        ("1,a,1\nx,b,2\n", 2, "id"),
        ("1,a,1\n2,b,two\n", 2, "score"),
    ],
)
def test_a_refused_record_is_named_and_nothing_stays(
    session: Session, records: str, line: int, column: str | None
) -> None:
    create(session)
    with pytest.raises(BadRow) as caught:
        load(session, records)
    assert caught.value.line == line
    assert column is None or caught.value.column == column
    session.rollback()
    assert held(session) == []


def test_a_duplicate_key_refuses_the_load(session: Session) -> None:
    create(session)
    with pytest.raises(BadRow, match="1"):
        load(session, "1,a,1\n1,b,2\n")
    session.rollback()
    assert held(session) == []


def test_a_source_that_breaks_off_breaks_the_load_with_its_own_error(session: Session) -> None:
    def broken() -> Iterator[bytes]:
        yield b"1,a,1\n" * 1
        raise BadRecord("s3://b/f", 2, None, "no more")

    create(session)
    with pytest.raises(BadRecord, match="s3://b/f, line 2: no more"):
        session.load(session.table("things", None), ("id", "name", "score"), broken(), ",")
    session.rollback()
    assert held(session) == []


def test_rows_are_inserted_by_a_statement_of_the_authors(session: Session, address: Address) -> None:
    create(session)
    upsert = (
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        if address.engine is Engine.POSTGRESQL
        else "ON DUPLICATE KEY UPDATE name = VALUES(name)"
    )
    statement = f"INSERT INTO things (id, name) VALUES (?, ?) {upsert}"
    rows: list[Row] = [(str(n % 1500), f"n{n}%s?") for n in range(2500)]
    assert session.insert(statement, rows) == 2500
    assert held(session)[0] == ("0", "n1500%s?", None)
    assert len(held(session)) == 1500


def test_the_row_that_a_statement_refuses_is_named(session: Session) -> None:
    create(session)
    rows: list[Row] = [(str(n), "x") for n in range(1200)] + [("0", "again")]
    with pytest.raises(BadRow) as caught:
        session.insert("INSERT INTO things (id, name) VALUES (?, ?)", rows)
    assert caught.value.line == 1201
    session.rollback()
    assert held(session) == []


def test_too_few_arguments_for_a_statement_are_refused(session: Session) -> None:
    create(session)
    with pytest.raises((BadRow, Rejected)):
        session.insert("INSERT INTO things (id, name) VALUES (?, ?)", [("1",)])


def test_a_table_is_found_whatever_the_case_of_its_name(session: Session) -> None:
    create(session)
    assert session.table("THINGS", None) == session.table("work.things", None) == session.table("things", "work")
    assert session.table("Things", None).columns == ("id", "name", "score")


def test_a_missing_table_is_missing(session: Session) -> None:
    with pytest.raises(Missing, match="there is no table nothing in work"):
        session.table("nothing", "work")
    with pytest.raises(Missing, match="nothing"):
        session.run("INSERT INTO nothing VALUES (1)")
    session.rollback()
    with pytest.raises(Missing, match="nothing"):
        list(session.unload("SELECT * FROM nothing", ","))


def test_sql_that_is_none_is_rejected(session: Session) -> None:
    with pytest.raises(Rejected, match="syntax"):
        session.run("SELEC 1")


def test_rollback_undoes_and_commit_keeps(session: Session, address: Address, databases: SqlDatabases) -> None:
    create(session)
    load(session, "1,a,1\n")
    session.rollback()
    load(session, "2,b,2\n")
    session.commit()
    other = databases.open(address)
    assert held(other) == [("2", "b", "2.00")]
    other.close()


def test_an_unload_left_early_ends_with_rollback(session: Session) -> None:
    create(session)
    load(session, *(f"{n},{'x' * 40},1\n" for n in range(60_000)))
    session.commit()
    blocks = session.unload("SELECT * FROM things", ",")
    assert next(iter(blocks)).startswith(b"0,")
    session.rollback()
    session.close()


def test_a_connection_lost_midway_is_unavailable(session: Session, address: Address, databases: SqlDatabases) -> None:
    create(session)
    postgres = address.engine is Engine.POSTGRESQL
    number = session.rows("SELECT pg_backend_pid()" if postgres else "SELECT connection_id()")[0][0]
    other = databases.open(address)
    other.run(f"SELECT pg_terminate_backend({number})" if postgres else f"KILL {number}")
    other.close()
    with pytest.raises(Unavailable):
        session.run("INSERT INTO things (id) VALUES (1)")
    session.rollback()


def test_a_deadlock_is_a_conflict(session: Session, address: Address, databases: SqlDatabases) -> None:
    create(session)
    load(session, "1,a,1\n2,b,2\n")
    session.commit()
    other = databases.open(address)
    session.run("UPDATE things SET name = 'x' WHERE id = 1")
    other.run("UPDATE things SET name = 'y' WHERE id = 2")
    caught: list[Exception] = []

    def cross(one: Session, number: int) -> None:
        try:
            one.run("UPDATE things SET name = 'z' WHERE id = ?", [str(number)])
        except Conflict as error:
            caught.append(error)
            one.rollback()

    thread = threading.Thread(target=cross, args=(other, 1))
    thread.start()
    cross(session, 2)
    session.rollback()
    thread.join()
    other.close()
    assert len(caught) == 1


def test_a_wrong_password_is_denied(address: Address, databases: SqlDatabases) -> None:
    admin = databases.open(address)
    if address.engine is Engine.POSTGRESQL:
        admin.run("DROP ROLE IF EXISTS locked")
        admin.run("CREATE ROLE locked LOGIN PASSWORD 'right'")
        admin.commit()
    admin.close()
    databases.open(
        replace(address, user="locked", password="right", database="postgres" * bool(address.settings))
    ).close()
    with pytest.raises(Denied, match="locked"):
        databases.open(replace(address, user="locked", password="wrong"))


def test_nobody_there_is_unavailable(address: Address, databases: SqlDatabases) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1/"):
        databases.open(replace(address, port=1))
    with pytest.raises(Unavailable, match=r"no\.such\.host\.invalid"):
        databases.open(replace(address, host="no.such.host.invalid"))


def test_an_unknown_database_is_missing(address: Address, databases: SqlDatabases) -> None:
    with pytest.raises(Missing, match="nowhere"):
        databases.open(replace(address, database="nowhere"))


def test_required_tls_is_never_given_up(address: Address, databases: SqlDatabases) -> None:
    with pytest.raises((Denied, Unavailable), match=r"(?i)ssl|tls"):
        databases.open(replace(address, tls=Tls.REQUIRED))
