"""Export of a DynamoDB table to S3 beside a bare parallel scan of it that throws away what it reads, on one server."""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import Goal, Report
from bench.storage import Storage, ministack
from bench.tools import Took, measured
from chalicelib.domain.run.codec import encode_task
from tests.workbench import item, task

ITEMS = 50_000
_SHARES = (100, 10, 1)
_ROUNDS = 3
_STEP = "s3://any/emr-ddb-2.1.0.jar,org.apache.hadoop.dynamodb.tools.DynamoDbExport,s3://bench/out,{},1"


def run(arguments: Sequence[str]) -> Report:
    """`[ITEMS]`: items of 400 bytes; our memory at a hundredth, a tenth and all of them."""
    items = int(arguments[0]) if arguments else ITEMS
    with ministack() as server, tempfile.TemporaryDirectory() as folder:
        server.client().create_bucket(Bucket="bench")
        for share in _SHARES:
            _fill(server, f"table-{share}", items // share)
        lanes = {f"ours 1/{share}": _ours(server, Path(folder), f"table-{share}") for share in _SHARES if share != 1}
        rounds = [(_ours(server, Path(folder), "table-1"), _scan(server, "table-1")) for _ in range(_ROUNDS)]
    lanes["ours"] = min((ours for ours, _ in rounds), key=lambda took: took.seconds)
    lanes["scan"] = min((scan for _, scan in rounds), key=lambda took: took.seconds)
    figures = {f"export_{who}_s".replace(" ", "_"): took.seconds for who, took in lanes.items()}
    figures["export_ratio"] = lanes["scan"].seconds / lanes["ours"].seconds
    figures["export_growth"] = lanes["ours"].peak_mb / lanes["ours 1/10"].peak_mb
    rows = tuple((f"export {who}", took.seconds, took.peak_mb) for who, took in lanes.items())
    notes = (
        f"{items:,} items of about 400 bytes; tables and S3 are {server.name} on this machine; best of {_ROUNDS}.",
        "ratio: a scan of as many segments side by side, that keeps nothing, over ours. Neither counts imports.",
    )
    goals = (Goal("export_ratio", at_least=0.9), Goal("export_growth", at_most=1.5))
    return Report("copy_tables", ("copy", "seconds", "peak MB"), rows, figures, goals, notes)


def _fill(server: Storage, table: str, items: int) -> None:
    client = server.client("dynamodb")
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    for first in range(0, items, 25):
        batch = [{"PutRequest": {"Item": _item(number)}} for number in range(first, min(first + 25, items))]
        client.batch_write_item(RequestItems={table: batch})


def _item(number: int) -> dict[str, Any]:
    return {
        "k": {"S": f"key {number}"},
        "amount": {"N": str(number * 7)},
        "text": {"S": "some words of the item " * 10},
        "tags": {"SS": ["red", "green", "blue"]},
        "more": {"M": {"flag": {"BOOL": True}, "list": {"L": [{"N": "1"}, {"S": "two"}, {"NULL": True}]}}},
    }


def _ours(server: Storage, folder: Path, table: str) -> Took:
    path = folder / "task"
    path.write_text(encode_task(task(item("Work", type="EmrActivity", step=_STEP.format(table)))))
    return _program(server, "copy_task", str(path), server.endpoint, server.endpoint)


def _scan(server: Storage, table: str) -> Took:
    return _program(server, "bare_scan", table, server.endpoint)


def _program(server: Storage, name: str, *arguments: str) -> Took:
    command = [sys.executable, "-m", f"bench.programs.{name}", *arguments]
    environment = {**os.environ, **server.environment()}
    _, said = measured([command], environment)
    told = json.loads(said)
    return Took(told["seconds"], told["peak_mb"])
