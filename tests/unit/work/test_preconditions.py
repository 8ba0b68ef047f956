"""Preconditions that need no machine, and Exists."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.work.execute import execute
from chalicelib.work.outcome import Failed, Finished, NotSatisfied, Outcome
from chalicelib.work.registry import EVERYWHERE
from tests.workbench import item, task, tools


def check(s3: Any, tmp_path: Path, *objects: Any) -> Outcome:
    given = task(*objects)
    return execute(EVERYWHERE, given, tools(given, s3, tmp_path))


def test_a_key_exists_or_not(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="source", Key="a b/ü", Body=b"")
    assert check(s3, tmp_path, item("P", type="S3KeyExists", s3Key="s3://source/a b/ü")) == Finished()
    verdict = check(s3, tmp_path, item("P", type="S3KeyExists", s3Key="s3://source/a"))
    assert verdict == NotSatisfied("there is no object s3://source/a")


def test_a_prefix_is_empty_or_not(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="source", Key="abc", Body=b"")
    assert check(s3, tmp_path, item("P", type="S3PrefixNotEmpty", s3Prefix="s3://source/ab")) == Finished()
    assert isinstance(check(s3, tmp_path, item("P", type="S3PrefixNotEmpty", s3Prefix="s3://source/b")), NotSatisfied)


def test_a_table_exists_and_has_items(s3: Any, tmp_path: Path) -> None:
    exists, filled = (item("P", type=name, tableName="t") for name in ("DynamoDBTableExists", "DynamoDBDataExists"))
    assert isinstance(check(s3, tmp_path, exists), NotSatisfied)
    assert isinstance(check(s3, tmp_path, filled), NotSatisfied)
    client = make_table()
    assert check(s3, tmp_path, exists) == Finished()
    assert isinstance(check(s3, tmp_path, filled), NotSatisfied)
    client.put_item(TableName="t", Item={"k": {"S": "v"}})
    assert check(s3, tmp_path, filled) == Finished()


@pytest.mark.parametrize("path", [{"filePath": "s3://source/d/f"}, {"directoryPath": "s3://source/d"}])
def test_a_data_node_exists_or_not(s3: Any, tmp_path: Path, path: dict[str, str]) -> None:
    guard, node = item("P", type="Exists"), item("In", type="S3DataNode", **path)
    assert isinstance(check(s3, tmp_path, guard, node), NotSatisfied)
    s3.put_object(Bucket="source", Key="d/f", Body=b"")
    assert check(s3, tmp_path, guard, node) == Finished()


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ([item("P", type="S3KeyExists", s3Key="source/a")], "s3://bucket/key expected"),
        ([item("P", type="S3KeyExists")], "no s3Key"),
        ([item("P", type="S3PrefixNotEmpty", s3Prefix="s3://nowhere/")], "s3://nowhere/"),
        ([item("P", type="Exists")], "one data node expected, 0 given"),
        ([item("P", type="Exists"), item("D", type="SqlDataNode")], "SqlDataNode"),
        ([item("P", type="SomeActivity")], "SomeActivity cannot run here"),
    ],
)
def test_what_cannot_be_checked_says_why(s3: Any, tmp_path: Path, objects: list[Any], words: str) -> None:
    verdict = check(s3, tmp_path, *objects)
    assert isinstance(verdict, Failed)
    assert words in verdict.message


def make_table() -> Any:
    client = boto3.client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    client.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    return client
