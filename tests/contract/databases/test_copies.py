"""CopyActivity and SqlActivity on real servers, storage on moto."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import AttemptId, Ref
from chalicelib.ports.databases import Address, Engine, Row, Session
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, Finished, Outcome, Unfinished
from chalicelib.work.registry import SERVERLESS
from chalicelib.work.sql.nodes import SqlNode, target_table
from tests.s3_on_moto import s3_client
from tests.workbench import item, task, tools

pytestmark = pytest.mark.xdist_group("databases")  # in one worker: each server starts once

THINGS = "CREATE TABLE things (id INT PRIMARY KEY, name VARCHAR(50), score DECIMAL(8,2))"
CSV = item("Csv", type="CSV", column=["id INT", "name STRING", "score DOUBLE"])
COPY = item("Copy", type="CopyActivity", input=Ref("In"), output=Ref("Out"))
SCHEMES = {Engine.POSTGRESQL: "postgresql", Engine.MYSQL: "mysql"}


@dataclass
class Bench:
    """One server, one storage, and the tasks between them."""

    s3: Any
    scratch: Path
    address: Address
    session: Session
    left: list[timedelta] = field(default_factory=list)

    def run(self, *objects: PipelineObject, attempt: int = 1, activity: PipelineObject = COPY, **more: Any) -> Outcome:
        name = AttemptId(f"@Copy_2026-02-03T04:00:00_Attempt={attempt}")
        given = task(activity, *objects, CSV, self.database(), attempt=name)
        more = {"time_left": lambda: self.left.pop(0) if self.left else None, **more}
        self.session.rollback()
        return execute(SERVERLESS, given, tools(given, self.s3, self.scratch, **more))

    def database(self, name: str = "Db", **fields: str) -> PipelineObject:
        found = self.address
        url = f"jdbc:{SCHEMES[found.engine]}://{found.host}:{found.port}/{found.database}"
        known = {"username": found.user, "*password": found.password, "connectionString": url}
        schema = {"jdbcProperties": "currentSchema=work"} if found.engine is Engine.POSTGRESQL else {}
        return item(name, type="JdbcDatabase", **{**known, **schema, **fields})

    def load(self, *objects: PipelineObject, attempt: int = 1, **fields: Any) -> Outcome:
        """From the input, by default s3://source/in/, into the table."""
        return self.run(*(objects or (s3_in(),)), sql("Out", **fields), attempt=attempt)

    def unload(self, *objects: PipelineObject, **fields: Any) -> Outcome:
        return self.run(sql("In", **fields), *(objects or (s3_out(),)))

    def put(self, key: str, content: str | bytes) -> None:
        body = content.encode() if isinstance(content, str) else content
        self.s3.put_object(Bucket="source", Key=key, Body=body)

    def stored(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket="target", Key=key)["Body"].read())

    def rows(self, query: str = "SELECT * FROM things ORDER BY id") -> list[Row]:
        self.session.rollback()
        return list(self.session.rows(query))


def sql(name: str, **fields: Any) -> PipelineObject:
    return item(name, **{"type": "SqlDataNode", "table": "things", "database": Ref("Db"), **fields})


def s3_in(**fields: Any) -> PipelineObject:
    return item("In", **{"type": "S3DataNode", "directoryPath": "s3://source/in/", "dataFormat": Ref("Csv"), **fields})


def s3_out(**fields: Any) -> PipelineObject:
    return item("Out", **{"type": "S3DataNode", "filePath": "s3://target/out.csv", **fields})


@pytest.fixture(scope="module")
def storage() -> Iterator[Any]:
    with mock_aws():
        yield s3_client()


@pytest.fixture
def bench(storage: Any, address: Address, session: Session, tmp_path: Path) -> Bench:
    for bucket in ("source", "target"):
        for found in storage.list_objects_v2(Bucket=bucket).get("Contents", ()):
            storage.delete_object(Bucket=bucket, Key=found["Key"])
    return Bench(storage, tmp_path, address, session)


@pytest.fixture
def shop(bench: Bench) -> Bench:
    """With the table."""
    bench.session.run(THINGS)
    bench.session.commit()
    return bench


def done(rows: int) -> Finished:
    return Finished((("rowsCopied", str(rows)),))


def test_every_object_of_a_directory_is_loaded(shop: Bench) -> None:
    shop.put("in/", "")
    shop.put("in/a.csv", "1,a\\,b,1.5\n2,\\N,\\N")
    shop.put("in/b.csv", "3,c,2\n")
    assert shop.load() == done(3)
    assert shop.rows() == [("1", "a,b", "1.50"), ("2", None, None), ("3", "c", "2.00")]


def test_columns_go_by_their_declared_names(shop: Bench) -> None:
    named = item("Named", type="TSV", column=["NAME STRING", "id INT"])
    shop.put("f", "x\t7\n")
    assert shop.load(s3_in(directoryPath=[], filePath="s3://source/f", dataFormat=Ref("Named")), named) == done(1)
    assert shop.rows() == [("7", "x", None)]


def test_a_declared_column_that_the_table_lacks_is_named(shop: Bench) -> None:
    other = item("Other", type="CSV", column=["id INT", "colour STRING"])
    shop.put("in/a", "1,x\n")
    assert shop.load(s3_in(dataFormat=Ref("Other")), other) == Failed(
        "Rejected", "load: column colour of the data format is not in things, which has id, name, score"
    )


def test_without_a_format_it_is_csv_for_all_columns(shop: Bench) -> None:
    shop.put("in/a", "1,a,1\n")
    assert shop.load(s3_in(dataFormat=[])) == done(1)


def test_formats_that_no_server_reads_are_converted(shop: Bench) -> None:
    odd = item("Odd", type="TSV", columnSeparator="é", recordSeparator=";", escapeChar="^")
    shop.put("in/a", "1éa,\\^;bé\\N;2é\\NéN;".replace("éN;", "é3;"))
    assert shop.load(s3_in(dataFormat=Ref("Odd")), odd) == done(2)
    assert shop.rows() == [("1", "a,\\;b", None), ("2", None, "3.00")]


def test_lines_are_matched_by_a_regular_expression(shop: Bench) -> None:
    log = item("Log", type="RegEx", inputRegEx=r"(\d+) \[([^\]]*)\] (-?[\d.]+)")
    shop.put("in/a", "1 [a b] 1.5\n2 [] -2\n")
    assert shop.load(s3_in(dataFormat=Ref("Log")), log) == done(2)
    assert shop.rows() == [("1", "a b", "1.50"), ("2", "", "-2.00")]


def test_gzip_is_read_when_declared(shop: Bench) -> None:
    shop.put("in/a.gz", gzip.compress(b"1,a,1\n", mtime=0) + gzip.compress(b"2,b,2\n"))
    assert shop.load(s3_in(compression="GZIP")) == done(2)
    assert len(shop.rows()) == 2


def test_a_missing_table_is_created_where_a_statement_is_given(bench: Bench) -> None:
    bench.put("in/a", "1,a,1\n")
    assert bench.load(createTableSql=THINGS) == done(1)
    assert bench.load(createTableSql=THINGS, schemaName="work", attempt=2) == done(1)
    assert len(bench.rows()) == 1


class Overtaken:
    """A session whose statements each come right behind somebody else's of the same words."""

    def __init__(self, session: Session, other: Session) -> None:
        self._session = session
        self._other = other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, statement: str) -> int:
        self._other.run(statement)
        self._other.commit()
        return self._session.run(statement)


def test_of_two_workers_that_miss_a_table_one_makes_it_and_both_have_it(bench: Bench, databases: SqlDatabases) -> None:
    other = databases.open(bench.address)
    node = SqlNode("Out", bench.address, "things", None, None, None, THINGS)
    table = target_table(Overtaken(bench.session, other), node)  # type: ignore[arg-type]  # the rest is delegated
    other.close()
    assert table is not None
    assert table.columns == ("id", "name", "score")


def test_a_missing_table_is_named(bench: Bench) -> None:
    bench.put("in/a", "1,a,1\n")
    outcome = bench.load(schemaName="work")
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "there is no table things in work" in outcome.message) == ("Missing", True)


def test_rows_go_through_an_insert_query(shop: Bench) -> None:
    shop.put("in/a", "1,a,1.5\n2,b\\,c,\\N\n")
    assert shop.load(insertQuery="INSERT INTO things (id, name, score) VALUES (?, ?, ?)") == done(2)
    assert shop.rows() == [("1", "a", "1.50"), ("2", "b,c", None)]


def test_an_empty_directory_and_empty_files_load_nothing(shop: Bench) -> None:
    assert shop.load() == done(0)
    shop.put("in/empty", "")
    assert shop.load(attempt=2) == done(0)


@pytest.mark.parametrize("query", [None, "INSERT INTO things VALUES (?, ?, ?)"])
@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        ("1,a,1\n2,b\n", "s3://source/in/b, line 2", ""),
        ("1,a,1\n2,b,2,x\n", "s3://source/in/b, line 2", ""),
        ("1,a,1\nx,b,2\n", "s3://source/in/b, line 2", "x"),
        ("1,a,1\n0,again,2\n", "s3://source/in/b", "0"),
        (b"1,a,1\n2,\xff,2\n", "s3://source/in/b, line 2, column 2 (name)", "byte 0xff is not valid UTF-8"),
        ("1,a,1\r\n", "s3://source/in/b, line 1", "the line ends with CR LF, LF alone expected"),
        ("1,a,1\n2,b,\\", "s3://source/in/b, line 2, column 3", "bad escape"),
        (gzip.compress(b"1,a,1\n", mtime=0), "s3://source/in/b", "the content is gzip: set compression to gzip"),
        ("1,a,1\n" + "x" * 17_000_000, "s3://source/in/b, line 2", "the record is longer than 16777216 bytes"),
    ],
)
def test_a_bad_record_is_named_and_nothing_is_loaded(
    shop: Bench, query: str | None, content: str | bytes, place: str, reason: str
) -> None:
    shop.put("in/a", "0,good,0\n")
    shop.put("in/b", content)
    outcome = shop.load(**({"insertQuery": query} if query else {}))
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith(place)
    assert reason in outcome.message
    assert outcome.stack_trace == ""
    assert shop.rows() == []


def test_a_truncated_gzip_is_named_and_nothing_is_loaded(shop: Bench) -> None:
    shop.put("in/a.gz", gzip.compress(b"1,a,1\n" * 1)[:-6])
    assert shop.load(s3_in(compression="gzip")) == Failed(
        "BadFile", "s3://source/in/a.gz: the gzip content is truncated"
    )
    assert shop.rows() == []


def test_a_load_that_was_committed_is_not_done_again_by_another_attempt(shop: Bench) -> None:
    shop.put("in/a", "1,a,1\n")
    assert shop.load() == done(1)
    shop.put("in/a", "1,a,1\n9,later,9\n")
    assert shop.load(attempt=2) == done(1)
    assert len(shop.rows()) == 1


def test_a_load_that_is_run_again_after_it_finished_loads_again(shop: Bench) -> None:
    shop.put("in/a", "1,a,1\n")
    assert shop.load() == done(1)
    shop.session.run("DELETE FROM things")
    shop.session.commit()
    again = item("Copy", type="CopyActivity", input=Ref("In"), output=Ref("Out"), **{"@timesFinished": "1"})
    assert shop.run(s3_in(), sql("Out"), attempt=2, activity=again) == done(1)
    assert len(shop.rows()) == 1


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("query", [None, "INSERT INTO things VALUES (?, ?, ?)"])
def test_a_load_out_of_time_goes_on_where_it_stopped(shop: Bench, query: str | None, compression: str) -> None:
    lines = "".join(f"{n},{'x' * 40},1\n" for n in range(30_000)).encode()
    packed = compression == "gzip"
    shop.put("in/a", gzip.compress(lines) if packed else lines)
    shop.put("in/b", gzip.compress(b"99999,last,1", mtime=0) if packed else b"99999,last,1")
    fields = {"insertQuery": query} if query else {}
    turns = 0
    outcome: Outcome = Unfinished("")
    while isinstance(outcome, Unfinished):
        shop.left = [timedelta(minutes=2), timedelta(seconds=10)]
        outcome = shop.load(s3_in(compression=compression), **fields)
        turns += 1
    assert outcome == done(30_001)
    assert turns > 1
    assert shop.rows("SELECT count(*), min(id), max(id) FROM things") == [("30001", "0", "99999")]


def test_a_file_that_changed_between_two_functions_is_refused(shop: Bench) -> None:
    lines = "".join(f"{n},{'x' * 40},1\n" for n in range(30_000))
    shop.put("in/a", lines)
    shop.left = [timedelta(minutes=2), timedelta(seconds=10)]
    assert isinstance(shop.load(), Unfinished)
    shop.put("in/a", "x" + lines)
    outcome = shop.load()
    assert isinstance(outcome, Failed)
    assert "s3://source/in/a: it has changed since" in outcome.message


def test_a_canceled_load_leaves_nothing(shop: Bench) -> None:
    shop.put("in/a", "1,a,1\n")
    outcome = shop.run(s3_in(), sql("Out"), cancelled=lambda: True)
    assert outcome == Failed("Canceled", "canceled after 1 rows")
    assert shop.rows() == []


def fill(shop: Bench) -> None:
    shop.session.run("INSERT INTO things VALUES (1, 'a,b', 1.5), (2, NULL, NULL), (3, '', 0)")
    shop.session.commit()


def test_a_whole_table_becomes_a_file(shop: Bench) -> None:
    fill(shop)
    assert shop.unload() == Finished((("rowsCopied", "3"), ("bytesCopied", "28")))
    assert sorted(shop.stored("out.csv").splitlines()) == [b"1,a\\,b,1.50", b"2,\\N,\\N", b"3,,0.00"]


def test_a_query_becomes_one_named_part_of_a_directory(shop: Bench) -> None:
    fill(shop)
    query = "SELECT name, id FROM things WHERE name LIKE '%a%' ORDER BY id;"
    node = s3_out(
        filePath=[], directoryPath="s3://target/d", compression="gzip", s3EncryptionType="SERVER_SIDE_ENCRYPTION"
    )
    assert isinstance(shop.unload(node, selectQuery=query), Finished)
    assert gzip.decompress(shop.stored("d/part-00000.gz")) == b"a\\,b,1\n"
    first = shop.stored("d/part-00000.gz")
    assert isinstance(shop.unload(node, selectQuery=query), Finished)
    assert shop.stored("d/part-00000.gz") == first


def test_an_empty_table_becomes_an_empty_file(shop: Bench) -> None:
    assert shop.unload() == Finished((("rowsCopied", "0"), ("bytesCopied", "0")))
    assert shop.stored("out.csv") == b""


@pytest.mark.parametrize(
    ("wanted", "content"),
    [
        (item("F", type="TSV"), b"1\ta,b\t1.50\n2\t\\N\t\\N\n3\t\t0.00\n"),
        (item("F", type="TSV", escapeChar="^", columnSeparator="|"), b"1|a,b|1.50\n2|\\N|\\N\n3||0.00\n"),
        (item("F", type="RegEx", outputFormat="<%2$s> %1$s"), b"<a,b> 1\n<\\N> 2\n<> 3\n"),
    ],
)
def test_rows_are_written_in_the_outputs_format(shop: Bench, wanted: PipelineObject, content: bytes) -> None:
    fill(shop)
    outcome = shop.unload(s3_out(dataFormat=Ref("F")), wanted, selectQuery="SELECT * FROM things ORDER BY id")
    assert isinstance(outcome, Finished)
    assert shop.stored("out.csv") == content


def test_a_query_with_other_columns_than_declared_is_refused(shop: Bench) -> None:
    fill(shop)
    outcome = shop.unload(s3_out(dataFormat=Ref("Csv")), selectQuery="SELECT id FROM things")
    assert outcome == Failed(
        "BadRecord", "s3://target/out.csv, line 1: the query gives 1 columns, the data format declares 3"
    )
    assert "Contents" not in shop.s3.list_objects_v2(Bucket="target")


def test_a_query_that_fails_keeps_the_old_object(shop: Bench) -> None:
    shop.s3.put_object(Bucket="target", Key="out.csv", Body=b"old")
    assert isinstance(shop.unload(selectQuery="SELECT * FROM nothing"), Failed)
    assert isinstance(shop.unload(selectQuery="SELECT 1/0 FROM nothing"), Failed)
    assert shop.stored("out.csv") == b"old"


def test_an_unload_that_has_no_time_says_what_to_do(shop: Bench) -> None:
    fill(shop)
    shop.left = [timedelta(seconds=5)] * 9
    outcome = shop.unload()
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "OutOfTime"
    assert "set placement to resource" in outcome.message


@pytest.mark.parametrize("query", [None, "INSERT INTO others VALUES (?, ?, ?)"])
def test_a_table_is_copied_into_another_once(shop: Bench, query: str | None) -> None:
    fill(shop)
    create = THINGS.replace("things", "others")
    node = sql("Out", table="others", createTableSql=create, **({"insertQuery": query} if query else {}))
    assert shop.run(sql("In"), node) == done(3)
    assert shop.run(sql("In"), node, attempt=2) == done(3)
    assert shop.rows("SELECT * FROM others ORDER BY id") == shop.rows()


def test_a_row_that_the_other_table_refuses_is_named(shop: Bench) -> None:
    fill(shop)
    shop.session.run("CREATE TABLE others (id INT, name VARCHAR(50) NOT NULL, score DECIMAL(8,2))")
    shop.session.commit()
    outcome = shop.run(sql("In", selectQuery="SELECT * FROM things ORDER BY id"), sql("Out", table="others"))
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("In (things), line 2")
    assert shop.rows("SELECT * FROM others") == []


def test_rows_cross_from_one_kind_of_server_to_the_other(
    shop: Bench, postgresql_server: Address, mariadb_server: Address, databases: SqlDatabases
) -> None:
    fill(shop)
    here = shop.address.engine
    other = mariadb_server if here is Engine.POSTGRESQL else postgresql_server
    url = f"jdbc:{SCHEMES[other.engine]}://{other.host}:{other.port}/{other.database}"
    there = item("There", type="JdbcDatabase", connectionString=url, username=other.user, **{"*password": ""})
    node = sql("Out", table="crossed", database=Ref("There"), createTableSql=THINGS.replace("things", "crossed"))
    session = databases.open(other)
    session.run("DROP TABLE IF EXISTS crossed")
    session.commit()
    assert shop.run(sql("In"), node, there) == done(3)
    assert list(session.rows("SELECT * FROM crossed ORDER BY id")) == shop.rows()
    session.close()


def script(shop: Bench, *more: PipelineObject, **fields: Any) -> Outcome:
    activity = item("Sql", **{"type": "SqlActivity", "database": Ref("Db"), **fields})
    return shop.run(*more, activity=activity)


def test_a_script_runs_its_statements_in_order(shop: Bench) -> None:
    text = "INSERT INTO things VALUES (1, 'a;b', ?); -- first\nUPDATE things SET name = ? WHERE id = ?;"
    outcome = script(shop, script=text, scriptArgument=["1.5", "it's", "1"])
    assert outcome == Finished((("statementsRun", "2"),))
    assert shop.rows() == [("1", "it's", "1.50")]


def test_a_script_is_read_from_storage(shop: Bench) -> None:
    shop.put("s.sql", "INSERT INTO things (id) VALUES (1)")
    assert script(shop, scriptUri="s3://source/s.sql") == Finished((("statementsRun", "1"),))
    assert len(shop.rows()) == 1


def test_a_script_that_fails_names_its_statement_and_undoes_all(shop: Bench) -> None:
    outcome = script(shop, script="INSERT INTO things (id) VALUES (1); SELECT nonsense FROM things; SELECT 1")
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("run script, statement 2 of 3: ")
    assert "nonsense" in outcome.message
    assert shop.rows() == []


def test_arguments_and_placeholders_must_be_as_many(shop: Bench) -> None:
    assert script(shop, script="SELECT ?", scriptArgument=["a", "b"]) == Failed(
        "Rejected", "run script: 2 scriptArgument given, the script has 1 placeholders '?'"
    )


def test_a_scripts_output_table_is_created(bench: Bench) -> None:
    outcome = script(bench, sql("Out", createTableSql=THINGS), script="SELECT 1", output=Ref("Out"))
    assert isinstance(outcome, Finished)
    assert bench.rows() == []


def test_a_script_needs_one_source(shop: Bench) -> None:
    assert script(shop) == Failed("Rejected", f"run script: {_name(shop)} needs either script or scriptUri")


def _name(_: Bench) -> str:
    return "@Copy_2026-02-03T04:00:00_Attempt=1"


@pytest.mark.parametrize(
    ("change", "error_id"),
    [
        ({"username": "locked", "*password": "wrong"}, "Denied"),
        ({"connectionString": "jdbc:mysql://127.0.0.1:1/x"}, "Unavailable"),
    ],
)
def test_a_server_that_does_not_let_in_is_named(shop: Bench, change: dict[str, str], error_id: str) -> None:
    shop.put("in/a", "1,a,1\n")
    wrong = shop.database("Wrong", **change)
    outcome = shop.run(s3_in(), sql("Out", database=Ref("Wrong")), wrong)
    assert isinstance(outcome, Failed)
    assert outcome.error_id == error_id
    assert "127.0.0.1" in outcome.message
    assert "wrong" not in outcome.message


def counting(limit: int) -> Callable[[], bool]:
    asked = iter(range(limit))
    return lambda: next(asked, None) is None


def test_an_unload_that_is_canceled_midway_writes_nothing(shop: Bench) -> None:
    shop.session.load(
        shop.session.table("things", None), ("id", "name"), [f"{n},{'x' * 40}\n".encode() for n in range(30_000)], ","
    )
    shop.session.commit()
    outcome = shop.run(sql("In"), s3_out(), cancelled=counting(1))
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Canceled"
    assert "Contents" not in shop.s3.list_objects_v2(Bucket="target")


SEVERAL = item("Copy", type="CopyActivity", input=[Ref("In"), Ref("More")], output=Ref("Out"))


def test_the_objects_of_several_inputs_are_loaded(shop: Bench) -> None:
    shop.put("in/a", "1,a,1\n2,b,2\n")
    shop.put("more/a", "3\tc\t3\n")
    more = item("More", type="S3DataNode", filePath="s3://source/more/a", dataFormat=Ref("Tabs"))
    tabs = item("Tabs", type="TSV", column=["id INT", "name STRING", "score DOUBLE"])
    assert shop.run(s3_in(), more, tabs, sql("Out"), activity=SEVERAL) == done(3)
    assert [row[0] for row in shop.rows()] == ["1", "2", "3"]


def test_a_load_of_several_inputs_goes_on_where_it_was_left(shop: Bench) -> None:
    for key in ("in/a", "more/a", "more/b"):
        shop.put(key, f"{len(shop.rows()) + ord(key[-1]) + len(key)},a,1\n")
    more = item("More", type="S3DataNode", directoryPath="s3://source/more/", dataFormat=Ref("Csv"))
    nodes = s3_in(), more, sql("Out")
    turns = 0
    outcome: Outcome = Unfinished("")
    while isinstance(outcome, Unfinished):
        turns += 1
        outcome = shop.run(*nodes, activity=SEVERAL, attempt=turns, time_left=lambda: timedelta(seconds=50))
    assert outcome == done(3)
    assert turns > 1
    assert len(shop.rows()) == 3
    assert shop.run(*nodes, activity=SEVERAL, attempt=9) == done(3)
    assert len(shop.rows()) == 3


def test_several_tables_become_one_object(shop: Bench) -> None:
    fill(shop)
    more = sql("More", selectQuery="SELECT 9, 'nine', 9.5")
    outcome = shop.run(sql("In"), more, s3_out(), activity=SEVERAL)
    assert isinstance(outcome, Finished)
    assert outcome.fields[0] == ("rowsCopied", "4")
    assert shop.stored("out.csv").endswith(b"\n9,nine,9.5\n")
    narrow = sql("More", selectQuery="SELECT 9")
    assert shop.run(sql("In"), narrow, s3_out(), activity=SEVERAL) == Failed(
        "Rejected", "plan copy: More (things) has 1 columns, an input before it 3"
    )


def test_several_tables_are_copied_into_one(shop: Bench) -> None:
    fill(shop)
    shop.session.run(THINGS.replace("things", "others"))
    shop.session.commit()
    more = sql("More", selectQuery="SELECT 9, 'nine', 9.5")
    assert shop.run(sql("In"), more, sql("Out", table="others"), activity=SEVERAL) == done(4)
    assert [row[0] for row in shop.rows("SELECT id FROM others ORDER BY id")][-1] == "9"


def test_tables_and_objects_are_not_copied_together(shop: Bench) -> None:
    outcome = shop.run(s3_in(), sql("More"), sql("Out"), activity=SEVERAL)
    assert outcome == Failed(
        "Rejected", "plan copy: inputs of one kind expected, tables and objects given: use an activity for each"
    )
