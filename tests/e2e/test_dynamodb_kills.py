"""kill -9 of a worker at random moments: the copy that is taken up gives what an undisturbed one gives."""

import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from tests.contract.databases.test_kills import Victim
from tests.workbench import item, task

POINTS = 10
ITEMS = 100
TOOLS = "s3://any/emr-ddb-2.1.0.jar,org.apache.hadoop.dynamodb.tools."
NODES = [item(name, type="DynamoDBDataNode", tableName=name) for name in ("t", "u")]


class Account:
    """Two tables and a bucket behind a server, and a worker that may be killed."""

    def __init__(self, endpoint: str) -> None:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "endpoint_url": endpoint}
        self.s3 = boto3.client("s3", region_name="us-east-1", **keys)
        self.dynamo = boto3.client("dynamodb", region_name="us-east-1", **keys)
        self.victim = Victim(endpoint)
        self.s3.create_bucket(Bucket="target")
        for name in ("t", "u"):
            self.dynamo.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            )
        for number in range(ITEMS):
            self.dynamo.put_item(TableName="t", Item={"k": {"S": str(number)}, "long": {"S": "x" * 40_000}})

    def items(self, table: str) -> list[str]:
        pages = self.dynamo.get_paginator("scan").paginate(TableName=table)
        return sorted(found["k"]["S"] for page in pages for found in page["Items"])

    def lines(self) -> list[str]:
        """Of every file of the export, which are those of the manifest."""
        keys = [found["Key"] for found in self.s3.list_objects_v2(Bucket="target")["Contents"]]
        files = {key: self.s3.get_object(Bucket="target", Key=key)["Body"].read() for key in keys}
        listed = [entry["url"] for entry in json.loads(files.pop("out/manifest"))["entries"]]
        assert listed == [f"s3://target/{key}" for key in sorted(files)]
        return sorted(line for content in files.values() for line in content.decode().splitlines())

    def empty_table(self) -> None:
        for key in self.items("u"):
            self.dynamo.delete_item(TableName="u", Key={"k": {"S": key}})

    def empty_folder(self) -> None:
        for found in self.s3.list_objects_v2(Bucket="target").get("Contents", ()):
            self.s3.delete_object(Bucket="target", Key=found["Key"])

    def disturbed(self, given: Task, empty: Callable[[], None]) -> int:
        """Kill it at ten moments, each time from its beginning on, and let it end at last; how many really died."""
        outcome, took = self.victim.do(given)
        said = []
        for number in range(POINTS):
            empty()
            said.append(self.victim.do(given, took * (number + 0.5) / POINTS)[0])
            outcome, _ = self.victim.do(given)
            assert "Finished" in outcome
        return said.count("killed")


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as patch:
        server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        made = Account(f"http://{host}:{port}")
        yield made
        made.victim.end()
        server.stop()


def step(name: str, table: str) -> Task:
    return task(item("Work", type="EmrActivity", step=f"{TOOLS}{name},s3://target/out,{table},1"))


def test_exports_and_imports_survive_it(account: Account) -> None:
    assert account.disturbed(step("DynamoDbExport", "t"), account.empty_folder) > 0
    assert len(account.lines()) == len(set(account.lines())) == ITEMS
    assert account.disturbed(step("DynamoDbImport", "u"), account.empty_table) > 0
    assert account.items("u") == account.items("t")


def test_copies_from_table_to_table_survive_it(account: Account) -> None:
    given = task(item("Work", type="HiveCopyActivity", input=Ref("t"), output=Ref("u")), *NODES)
    assert account.disturbed(given, account.empty_table) > 0
    assert account.items("u") == account.items("t")
