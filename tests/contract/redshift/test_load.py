"""RedshiftCopyActivity's loads, row by row, on a real PostgreSQL that plays Redshift."""

import gzip
import json
from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.values import Ref
from chalicelib.ports.warehouse import Warehouse
from chalicelib.work.outcome import Failed, Finished, Outcome
from tests.contract.redshift.conftest import Lab
from tests.workbench import item

KEYED = (
    "CREATE TABLE target (id INTEGER PRIMARY KEY DISTKEY, name VARCHAR(50), score DECIMAL(8,2) ENCODE az64) SORTKEY(id)"
)
BEFORE = "INSERT INTO target VALUES (1, 'old one', 1), (2, 'old two', 2)"


def source(lab: Lab, **fields: Any) -> PipelineObject:
    return item("In", type="S3DataNode", **(fields or {"directoryPath": lab.place("in"), "dataFormat": Ref("Csv")}))


def target(**fields: Any) -> PipelineObject:
    return item("Out", type="RedshiftDataNode", database=Ref("Db"), **{"tableName": "target", **fields})


def load(lab: Lab, mode: str, into: PipelineObject | None = None, **fields: Any) -> Outcome:
    given = lab.copy(source(lab), into or target(), item("Csv", type="CSV"), insertMode=mode, **fields)
    return lab.run(given)


def counted(outcome: Outcome) -> str:
    assert isinstance(outcome, Finished), outcome
    return dict(outcome.fields)["rowsInserted"]


@pytest.mark.parametrize(
    ("mode", "inserted", "rows"),
    [
        ("KEEP_EXISTING", "1", [(1, "old one", "1.00"), (2, "old two", "2.00"), (3, "new three", "3.50")]),
        ("OVERWRITE_EXISTING", "2", [(1, "old one", "1.00"), (2, "new, two", None), (3, "new three", "3.50")]),
        ("TRUNCATE", "2", [(2, "new, two", None), (3, "new three", "3.50")]),
        (
            "APPEND",
            "2",
            [(1, "old one", "1.00"), (2, "new, two", None), (2, "old two", "2.00"), (3, "new three", "3.50")],
        ),
    ],
)
def test_a_mode_decides_about_rows_that_are_there(lab: Lab, mode: str, inserted: str, rows: list[Any]) -> None:
    lab.sql(KEYED)
    lab.sql(BEFORE)
    lab.put("in/a", "2,new\\, two,\\N\n")
    lab.put("in/b", "3,new three,3.50\n")
    assert counted(load(lab, mode)) == inserted
    assert lab.table() == rows


@pytest.mark.parametrize("mode", ["KEEP_EXISTING", "OVERWRITE_EXISTING"])
def test_a_mode_that_matches_needs_keys(lab: Lab, mode: str) -> None:
    lab.sql("CREATE TABLE target (id INT, name VARCHAR(50))")
    lab.put("in/a", "1,a\n")
    outcome = load(lab, mode)
    assert isinstance(outcome, Failed)
    assert "name columns in primaryKeys" in outcome.message


def test_primary_keys_of_the_node_override_the_tables(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.sql(BEFORE)
    lab.put("in/a", "7,old one,9\n8,other,9\n")
    load(lab, "OVERWRITE_EXISTING", target(primaryKeys=["NAME"]))
    assert lab.table() == [(2, "old two", "2.00"), (7, "old one", "9.00"), (8, "other", "9.00")]


def test_rows_are_matched_by_distribution_and_sort_keys_too(lab: Lab) -> None:
    lab.sql("CREATE TABLE target (id INT, name VARCHAR(50) DISTKEY, score INT) COMPOUND SORTKEY (score)")
    lab.sql("INSERT INTO target VALUES (1, 'a', 1), (2, 'a', 2)")
    lab.put("in/a", "9,a,1\n9,a,3\n8,a,3\n")
    load(lab, "OVERWRITE_EXISTING")
    assert lab.table() == [(2, "a", 2), (8, "a", 3), (9, "a", 1), (9, "a", 3)]


@pytest.mark.parametrize("mode", ["KEEP_EXISTING", "OVERWRITE_EXISTING"])
def test_of_incoming_rows_with_one_primary_key_one_stays(lab: Lab, mode: str) -> None:
    lab.sql(KEYED)
    lab.put("in/a", "1,b,1\n1,a,1\n1,b,1\n")
    assert counted(load(lab, mode)) == "1"
    assert lab.table() == [(1, "a", "1.00")]


def test_null_matches_nothing(lab: Lab) -> None:
    lab.sql("CREATE TABLE target (id INT, name VARCHAR(50))")
    lab.sql("INSERT INTO target VALUES (NULL, 'old'), (1, 'old')")
    lab.put("in/a", "\\N,new\n\\N,newer\n1,new\n")
    load(lab, "OVERWRITE_EXISTING", target(primaryKeys=["id"]))
    assert lab.table() == [(1, "new"), (None, "new"), (None, "newer"), (None, "old")]


def test_a_transform_reads_staging_and_gives_the_targets_columns(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.put("in/a", "1,a,1\n2,b,5\n")
    sql = "WITH s AS (SELECT * FROM staging) SELECT id + 10, upper(name) || ';', score * 2 FROM s WHERE score > 1;"
    assert counted(load(lab, "KEEP_EXISTING", transformSql=sql)) == "1"
    assert lab.table() == [(12, "B;", "10.00")]


@pytest.mark.parametrize("sql", ["DROP TABLE target", "SELECT 1; DROP TABLE target", "commit; select 1", ""])
def test_a_transform_is_one_select(lab: Lab, sql: str) -> None:
    lab.sql(KEYED)
    lab.put("in/a", "1,a,1\n")
    outcome = load(lab, "APPEND", transformSql=sql)
    assert isinstance(outcome, Failed)
    assert "one SELECT expected" in outcome.message
    assert lab.table() == []


def test_a_missing_table_is_made(lab: Lab) -> None:
    lab.put("in/a", "1,a,1\n")
    lab.sql("CREATE SCHEMA shop")
    create = "CREATE TABLE shop.Target (id INT PRIMARY KEY, name VARCHAR(MAX), score REAL) DISTSTYLE KEY DISTKEY(id);"
    into = target(schemaName="SHOP", tableName="Target", createTableSql=create)
    assert counted(load(lab, "KEEP_EXISTING", into)) == "1"
    assert lab.table("shop.target") == [(1, "a", 1.0)]


class Overtaken(RedshiftData):
    """A warehouse where somebody else runs every CREATE TABLE a moment before."""

    def submit(self, warehouse: Warehouse, sqls: Sequence[str], name: str, token: str) -> str:
        if sqls[0].startswith("CREATE TABLE"):
            super().submit(warehouse, sqls, "somebody else's", f"{token[1:]}0")
        return super().submit(warehouse, sqls, name, token)


def test_a_missing_table_that_another_worker_makes_first_is_taken(lab: Lab) -> None:
    lab.put("in/a", "1,a,1\n")
    into = target(createTableSql=KEYED)
    given = lab.copy(source(lab), into, item("Csv", type="CSV"), insertMode="KEEP_EXISTING")
    assert counted(lab.run(given, warehouses=Overtaken(lambda region: lab.clients("redshift-data")))) == "1"


def test_a_missing_table_that_nothing_makes_is_named(lab: Lab) -> None:
    lab.put("in/a", "1,a,1\n")
    outcome = load(lab, "APPEND", target(tableName="nowhere"))
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "PUBLIC.nowhere of lab/" in outcome.message) == ("Missing", True)


def test_a_bad_record_fails_the_load_and_leaves_everything_as_it_was(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.sql(BEFORE)
    lab.put("in/a", "5,a,1\n")
    lab.put("in/b", "6,a,1\n7,b\n")
    outcome = load(lab, "TRUNCATE")
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Broken"
    assert f"{lab.place('in/b')}, line 2: Delimiter not found" in outcome.message
    assert lab.table() == [(1, "old one", "1.00"), (2, "old two", "2.00")]


def test_options_are_copys_own_where_no_format_is_given(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.put("in/a.gz", gzip.compress(b"id|name|score\n1||2\n\n2|NA|3\n"))
    options = ["EMPTYASNULL", "IGNOREBLANKLINES", "IGNOREHEADER AS 1", "NULL AS 'NA'"]
    given = lab.copy(
        source(lab, directoryPath=lab.place("in"), compression="GZIP"),
        target(),
        insertMode="APPEND",
        commandOptions=options,
    )
    assert counted(lab.run(given)) == "2"
    assert lab.table() == [(1, None, "2.00"), (2, None, "3.00")]


def test_options_are_ignored_beside_a_format(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.put("in/a", "1,,1\n")
    load(lab, "APPEND", commandOptions="EMPTYASNULL")
    assert lab.table() == [(1, "", "1.00")]


@pytest.mark.parametrize("option", ["GZIP; DROP TABLE target", "NULL AS 'x", "-- x", "DELIMITER ',' /* x */"])
def test_an_option_cannot_be_anything_else(lab: Lab, option: str) -> None:
    lab.sql(KEYED)
    lab.put("in/a", "1,a,1\n")
    given = lab.copy(source(lab, directoryPath=lab.place("in")), target(), insertMode="APPEND", commandOptions=option)
    outcome = lab.run(given)
    assert isinstance(outcome, Failed)
    assert "stops making sense" in outcome.message


def test_json_is_read_by_its_keys(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.put("in/a", '{"name": "a", "id": 1}\n{"ID": 2, "score": 1.5, "more": []}')
    given = lab.copy(
        source(lab, directoryPath=lab.place("in")),
        target(),
        insertMode="APPEND",
        commandOptions="FORMAT AS JSON 'auto'",
    )
    assert counted(lab.run(given)) == "2"
    assert lab.table() == [(1, "a", None), (2, None, "1.50")]


def test_csv_with_quotes_is_read_by_copys_own_option(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.put("in/a", '1,"a, ""b""\nc",1\n')
    given = lab.copy(source(lab, directoryPath=lab.place("in")), target(), insertMode="APPEND", commandOptions="CSV")
    lab.run(given)
    assert lab.table() == [(1, 'a, "b"\nc', "1.00")]


def test_a_manifest_names_the_files(lab: Lab) -> None:
    lab.sql(KEYED)
    for key in ("x/a", "x/b", "x/c"):
        lab.put(key, f"{ord(key[-1])},{key[-1]},1\n")
    entries = [{"url": lab.place(key), "mandatory": True} for key in ("x/a", "x/c")]
    lab.put("manifest", json.dumps({"entries": [*entries, {"url": lab.place("x/d")}]}))
    given = lab.copy(
        source(lab, manifestFilePath=lab.place("manifest"), dataFormat=Ref("Csv")),
        target(),
        item("Csv", type="CSV"),
        insertMode="APPEND",
    )
    assert counted(lab.run(given)) == "2"
    assert [row[1] for row in lab.table()] == ["a", "c"]


def test_a_file_that_another_key_begins_with_is_refused(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.put("in/a.csv", "1,a,1\n")
    lab.put("in/a.csv.bak", "2,b,1\n")
    given = lab.copy(source(lab, filePath=lab.place("in/a.csv")), target(), insertMode="APPEND")
    outcome = lab.run(given)
    assert isinstance(outcome, Failed)
    assert lab.place("in/a.csv.bak") in outcome.message


def test_an_input_without_objects_is_missing(lab: Lab) -> None:
    lab.sql(KEYED)
    outcome = load(lab, "APPEND")
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, lab.place("in/") in outcome.message) == ("Missing", True)


def test_a_dynamodb_table_is_loaded_by_names(lab: Lab) -> None:
    lab.sql(KEYED)
    name = f"things-{lab.database}"
    lab.clients("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    items = [{"Id": {"N": "1"}, "Name": {"S": "a"}, "extra": {"S": "x"}}, {"Id": {"N": "2"}, "name": {"L": []}}]
    for each in items:
        lab.clients("dynamodb").put_item(TableName=name, Item=each)
    node = item("In", type="DynamoDBDataNode", tableName=name, readThroughputPercent="0.5")
    assert counted(lab.run(lab.copy(node, target(), insertMode="KEEP_EXISTING"))) == "2"
    assert lab.table() == [(1, "a", None), (2, None, None)]


def test_one_table_is_loaded_from_another(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.sql(BEFORE)
    lab.sql(
        "CREATE TABLE other (id INT, name VARCHAR(9), score INT)", "INSERT INTO other VALUES (2, 'x', 5), (4, 'y', 6)"
    )
    node = item("In", type="RedshiftDataNode", database=Ref("Db"), tableName="other")
    assert counted(lab.run(lab.copy(node, target(), insertMode="KEEP_EXISTING"))) == "1"
    assert lab.table() == [(1, "old one", "1.00"), (2, "old two", "2.00"), (4, "y", "6.00")]


def test_a_query_group_is_set(lab: Lab) -> None:
    lab.sql(KEYED)
    lab.put("in/a", "1,a,1\n")
    outcome = load(lab, "APPEND", queue="it's mine\\")
    assert counted(outcome) == "1"
    assert isinstance(outcome, Finished)
    statement = dict(outcome.fields)["redshiftStatementId"]
    found = lab.clients("redshift-data").describe_statement(Id=statement)["SubStatements"]
    assert found[0]["QueryString"] == "SET query_group TO 'it''s mine\\\\'"


def test_names_cannot_break_out(lab: Lab) -> None:
    name = 'we"ird; DROP TABLE x; --'
    lab.sql('CREATE TABLE "we""ird; drop table x; --" (id INT PRIMARY KEY, "a b" VARCHAR(9))')
    lab.put("in/a", "1,a\n")
    assert counted(load(lab, "OVERWRITE_EXISTING", target(tableName=name))) == "1"
