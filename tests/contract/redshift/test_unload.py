"""RedshiftCopyActivity's unloads, on a real PostgreSQL that plays Redshift."""

import gzip
from typing import Any

from chalicelib.domain.values import Ref
from chalicelib.work.outcome import Failed, Finished, Outcome
from tests.contract.redshift.conftest import Lab
from tests.workbench import item


def unload(lab: Lab, options: list[str] | None = None, **fields: Any) -> Outcome:
    target = item("Out", type="S3DataNode", **(fields or {"directoryPath": lab.place("out")}))
    source = item("In", type="RedshiftDataNode", database=Ref("Db"), tableName="source")
    more: dict[str, Any] = {"commandOptions": options} if options else {}
    given = lab.copy(source, target, item("Csv", type="CSV"), insertMode="TRUNCATE", **more)
    return lab.run(given)


def filled(lab: Lab) -> None:
    lab.sql(
        "CREATE TABLE source (id INT, name VARCHAR(50), good BOOLEAN)",
        "INSERT INTO source VALUES (1, 'a,b', true), (2, NULL, false), (3, 'c\\\\d', NULL)",
    )


def test_a_format_is_written_as_copies_read_it(lab: Lab) -> None:
    filled(lab)
    outcome = unload(lab, directoryPath=lab.place("out"), dataFormat=Ref("Csv"))
    assert isinstance(outcome, Finished), outcome
    assert dict(outcome.fields)["rowsUnloaded"] == "3"
    content = b"".join(lab.read(key) for key in lab.keys("out/"))
    assert sorted(content.splitlines()) == [b"1,a\\,b,t", b"2,\\N,f", b"3,c\\\\d,\\N"]


def test_a_repeated_unload_writes_the_same_files(lab: Lab) -> None:
    filled(lab)
    unload(lab)
    before = {key: lab.read(key) for key in lab.keys("out/")}
    assert isinstance(unload(lab), Finished)
    assert {key: lab.read(key) for key in lab.keys("out/")} == before


def test_options_are_unloads_own(lab: Lab) -> None:
    filled(lab)
    outcome = unload(lab, ["PARALLEL OFF", "GZIP", "HEADER", "NULL AS 'none'", "DELIMITER AS '\\t'", "MANIFEST"])
    assert isinstance(outcome, Finished), outcome
    assert lab.keys("out/") == ["out/000.gz", "out/manifest"]
    assert gzip.decompress(lab.read("out/000.gz")).splitlines()[:3] == [b"id\tname\tgood", b"1\ta,b\tt", b"2\tnone\tf"]


def test_what_was_unloaded_loads_again(lab: Lab) -> None:
    filled(lab)
    unload(lab, directoryPath=lab.place("out"), dataFormat=Ref("Csv"), compression="gzip")
    lab.sql("CREATE TABLE target (id INT, name VARCHAR(50), good BOOLEAN)")
    source = item("In", type="S3DataNode", directoryPath=lab.place("out"), dataFormat=Ref("Csv"), compression="gzip")
    target = item("Out", type="RedshiftDataNode", database=Ref("Db"), tableName="target")
    outcome = lab.run(lab.copy(source, target, item("Csv", type="CSV"), insertMode="APPEND"))
    assert isinstance(outcome, Finished), outcome
    assert lab.table() == lab.table("source")


def test_an_unload_transforms_nothing(lab: Lab) -> None:
    filled(lab)
    target = item("Out", type="S3DataNode", directoryPath=lab.place("out"))
    source = item("In", type="RedshiftDataNode", database=Ref("Db"), tableName="source")
    given = lab.copy(source, target, insertMode="APPEND", transformSql="SELECT 1")
    outcome = lab.run(given)
    assert isinstance(outcome, Failed)
    assert "transformSql given for an unload" in outcome.message


def test_nodes_that_make_no_copy_are_named(lab: Lab) -> None:
    node = item("In", type="S3DataNode", directoryPath=lab.place("in"))
    outcome = lab.run(lab.copy(node, item("Out", type="S3DataNode", directoryPath="s3://b/c"), insertMode="APPEND"))
    assert isinstance(outcome, Failed)
    assert "input In is a S3DataNode, output Out a S3DataNode" in outcome.message
