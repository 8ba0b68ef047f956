"""Copies of tables whose worker dies at any request: whoever goes on ends where an undisturbed one does."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.values import AttemptId
from chalicelib.ports.objects import Place
from chalicelib.ports.tables import Item
from chalicelib.transfer.formats.items import decode_item
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.tables.copy import TableCopy
from chalicelib.work.tables.export import Export
from chalicelib.work.tables.jobs import Job, run_jobs
from chalicelib.work.tables.lanes import Side
from chalicelib.work.tables.restore import Import
from tests.workbench import item, task, tools

ITEMS = 120
OUT = Place("target", "out/")


class Killed(BaseException):
    """The process is gone: nobody cleans up."""


class Fate:
    """Lets so many requests through and then kills, before the request is sent or after it was answered."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.seen = 0

    def watch(self, client: Any) -> Any:
        for moment in ("before-send", "after-call"):
            client.meta.events.register(moment, self._step)
        return client

    def _step(self, **_: Any) -> None:
        self.seen += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


def client(service: str, fate: Fate) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return fate.watch(boto3.client(service, "us-east-1", **keys))


class Worker:
    """Runs jobs, dying as its fate wants."""

    def __init__(self, scratch: Path) -> None:
        self.fate = Fate()
        self._s3, self._dynamo = client("s3", self.fate), client("dynamodb", self.fate)
        self._scratch = scratch

    def once(self, jobs: list[Job], resumed: bool) -> Outcome:
        given = task(item("Work", type="EmrActivity"))
        objects, tables = S3Objects(self._s3), DynamoTables(lambda _: self._dynamo)
        made = tools(given, self._s3, self._scratch, objects=objects, tables=tables, resumed=resumed)
        return run_jobs(jobs, given, made)

    def disturbed(self, jobs: list[Job], chance: random.Random, most: int) -> Outcome:
        """Killed five times, each time taken up by another delivery."""
        for turn in range(5):
            self.fate.left = chance.randrange(most)
            try:
                return self.once(jobs, resumed=turn > 0)
            except Killed:
                continue
        self.fate.left = None
        return self.once(jobs, resumed=True)


@pytest.fixture
def worker(s3: Any, tmp_path: Path) -> Worker:
    made = Worker(tmp_path)
    for name in ("t", "u"):
        made._dynamo.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        )
    for number in range(ITEMS):
        one = {"k": {"S": str(number)}, "long": {"S": "x" * 30_000}, "raw": {"B": bytes([number])}}
        made._dynamo.put_item(TableName="t", Item=one)
    return made


def export(attempt: int = 1) -> list[Job]:
    run = (AttemptId(f"@Work_1_Attempt={attempt}"), "1")
    return [Export(Side("t", None, 1.0), OUT, None, None, ("df-1", "@Work_1"), run, file_items=10)]


def stored(s3: Any) -> dict[str, bytes]:
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket="target").get("Contents", ())]
    return {key: s3.get_object(Bucket="target", Key=key)["Body"].read() for key in keys}


def items(files: dict[str, bytes]) -> list[Item]:
    listed = [entry["url"].removeprefix("s3://target/") for entry in json.loads(files["out/manifest"])["entries"]]
    assert sorted(files) == sorted([*listed, "out/manifest"])
    return [decode_item(line) for key in listed for line in files[key].decode().splitlines()]


def scanned(worker: Worker, name: str) -> list[str]:
    pages = worker._dynamo.get_paginator("scan").paginate(TableName=name)
    return sorted(str(sorted(found.items())) for page in pages for found in page["Items"])


def counted(worker: Worker, act: Callable[[], object]) -> int:
    before = worker.fate.seen
    act()
    return worker.fate.seen - before


def test_an_export_that_is_killed_anywhere_ends_with_the_same_files(s3: Any, worker: Worker) -> None:
    most = counted(worker, lambda: worker.once(export(), resumed=False))
    wanted = stored(s3)
    assert len(items(wanted)) == ITEMS
    for seed in range(6):
        for key in stored(s3):
            s3.delete_object(Bucket="target", Key=key)
        outcome = worker.disturbed(export(), random.Random(seed), most)
        assert outcome == Finished((("itemsCopied", str(ITEMS)),))
        assert stored(s3) == wanted


def test_an_attempt_after_one_that_was_killed_leaves_only_its_own_files(s3: Any, worker: Worker) -> None:
    chance = random.Random(1)
    for attempt in range(1, 4):
        worker.fate.left = chance.randrange(10, 60)
        with suppress(Killed):
            worker.once(export(attempt), resumed=attempt > 1)
    worker.fate.left = None
    worker.once(export(4), resumed=True)
    assert sorted(str(one["k"]["S"]) for one in items(stored(s3))) == sorted(map(str, range(ITEMS)))


@pytest.mark.parametrize("kind", ["import", "copy"])
def test_a_load_that_is_killed_anywhere_ends_with_the_same_table(s3: Any, worker: Worker, kind: str) -> None:
    target = Side("u", None, 1.0)
    worker.once(export(), resumed=False)
    jobs: list[Job] = [Import(OUT, target, None) if kind == "import" else TableCopy(Side("t", None, 1.0), target, None)]
    for seed in range(3):
        outcome = worker.disturbed(jobs, random.Random(seed), 30)
        assert outcome == Finished((("itemsCopied", str(ITEMS)),))
        assert scanned(worker, "u") == scanned(worker, "t")
        for number in range(ITEMS):
            worker._dynamo.delete_item(TableName="u", Key={"k": {"S": str(number)}})
