"""Export of a DynamoDB table to S3 beside a bare parallel scan of it that throws away what it reads, on one server."""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import Goal, Report
from bench.storage import Storage, moto, storage
from bench.tools import Took, measured
from chalicelib.domain.run.codec import encode_task
from tests.workbench import item, task

ITEMS = 5_000
_SHARES = (100, 10, 1)
_ROUNDS = 3
_STEP = "s3://any/emr-ddb-2.1.0.jar,org.apache.hadoop.dynamodb.tools.DynamoDbExport,s3://bench/out,{},1"


def run(arguments: Sequence[str]) -> Report:
    """`[ITEMS]`: items of 4 KB; our memory at a hundredth, a tenth and all of them."""
    items = int(arguments[0]) if arguments else ITEMS
    with moto() as server, storage() as target, tempfile.TemporaryDirectory() as folder:
        bench = _Bench(server, target, Path(folder))
        for share in _SHARES:
            _fill(server, f"table-{share}", items // share)
        lanes = {f"ours 1/{share}": bench.ours(f"table-{share}") for share in _SHARES if share != 1}
        rounds = [(bench.ours("table-1"), bench.scan("table-1")) for _ in range(_ROUNDS)]
    lanes["ours"] = min((ours for ours, _ in rounds), key=lambda took: took.seconds)
    lanes["scan"] = min((scan for _, scan in rounds), key=lambda took: took.seconds)
    figures = {f"export_{who}_s".replace(" ", "_"): took.seconds for who, took in lanes.items()}
    figures["export_ratio"] = lanes["scan"].seconds / lanes["ours"].seconds
    figures["export_peak_mb"] = lanes["ours"].peak_mb
    figures |= {f"export_{who}_processor_s": lanes[who].processor or 0.0 for who in ("ours", "scan")}
    rows = tuple((f"export {who}", took.seconds, took.peak_mb) for who, took in lanes.items())
    notes = (
        f"{items:,} items of 4 KB in {server.name}, files in {target.name}, on this machine; best of {_ROUNDS}.",
        "ratio: a scan of as many segments side by side, that keeps nothing, over ours. Neither counts imports.",
        "Memory is bounded by four segments' files of 16 MiB, which the smaller tables do not fill.",
    )
    goals = (Goal("export_ratio", at_least=0.9), Goal("export_peak_mb", at_most=256))
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
        "text": {"S": "some words of the item " * 170},
        "tags": {"SS": ["red", "green", "blue"]},
        "more": {"M": {"flag": {"BOOL": True}, "list": {"L": [{"N": "1"}, {"S": "two"}, {"NULL": True}]}}},
    }


@dataclass(frozen=True, slots=True)
class _Bench:
    tables: Storage
    target: Storage
    folder: Path

    def ours(self, table: str) -> Took:
        path = self.folder / "task"
        path.write_text(encode_task(task(item("Work", type="EmrActivity", step=_STEP.format(table)))))
        return self._program("copy_task", str(path), self.target.endpoint, self.tables.endpoint)

    def scan(self, table: str) -> Took:
        return self._program("bare_scan", table, self.tables.endpoint)

    def _program(self, name: str, *arguments: str) -> Took:
        command = [sys.executable, "-m", f"bench.programs.{name}", *arguments]
        _, said = measured([command], self.target.environment())
        told = json.loads(said)
        return Took(told["seconds"], told["peak_mb"], processor=told["processor"])
