"""One copy by its executor, in a process of its own so that its memory can be measured.

`python -m bench.programs.copy_task TASK S3 TABLES` runs the task file's activity against the endpoints; keys and region
are those of the environment. Prints a JSON object: seconds, peak_mb, requests by operation.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.run.codec import decode_task
from chalicelib.work.execute import execute
from chalicelib.work.journal import Journal
from chalicelib.work.outcome import Finished
from chalicelib.work.registry import SERVERLESS
from chalicelib.work.tools import Tools


def main(path: str, s3: str, tables: str) -> int:
    """Copy, and print what it took, without the imports: a function has made them long before."""
    task = decode_task(Path(path).read_text())
    requests: Counter[str] = Counter()
    objects = S3Objects(_counted(boto3.client("s3", endpoint_url=s3, config=_POOL), requests))
    dynamo = _counted(boto3.client("dynamodb", endpoint_url=tables, config=_POOL), requests) if tables else None
    tools = Tools(
        objects=objects,
        tables=DynamoTables(lambda _: dynamo),
        databases=SqlDatabases(lambda *_: None),
        warehouses=RedshiftData(lambda _: None),
        journal=Journal(objects, None, SystemClock().now),
        scratch=Path(tempfile.gettempdir()),
        environment={},
        cancelled=lambda: False,
        time_left=lambda: None,
        report=lambda _: None,
    )
    began, processor = time.perf_counter(), time.process_time()
    outcome = execute(SERVERLESS, task, tools)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    told = {"seconds": seconds, "processor": processor, "peak_mb": peak_mb(), "requests": requests}
    print(json.dumps(told))
    if isinstance(outcome, Finished):
        return 0
    print(outcome, file=sys.stderr)
    return 1


_POOL = Config(s3={"addressing_style": "path"}, max_pool_connections=32)


def _counted(client: Any, requests: Counter[str]) -> Any:
    client.meta.events.register("before-send", lambda event_name, **_: requests.update([event_name.split(".")[-1]]))
    return client


def peak_mb() -> float:
    """Of this program alone: what getrusage tells includes the process that it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
