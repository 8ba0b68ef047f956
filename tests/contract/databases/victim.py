"""A worker to kill: reads tasks, one a line, and does each in a forked child that nobody mourns.

`python -m tests.contract.databases.victim ENDPOINT` reads one JSON list a line, the seconds after which to kill the
worker (or `null`) and the task, and prints the outcome, or `killed`, and how long it took. Forking spares each task
the imports.
"""

import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import boto3

from chalicelib.adapters.sql import mysql, postgresql  # noqa: F401  # what every child would import
from chalicelib.domain.run.codec import decode_task
from chalicelib.domain.run.task import Task
from chalicelib.work.execute import execute
from chalicelib.work.registry import SERVERLESS
from tests.workbench import tools


def main(endpoint: str) -> None:
    """Until there are no more tasks."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    for line in sys.stdin:
        seconds, task = json.loads(line)
        began = time.monotonic()
        said = _done(decode_task(task), client, seconds)
        _say([said, time.monotonic() - began])


def _done(task: Task, client: Any, seconds: float | None) -> str:
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        outcome = execute(SERVERLESS, task, tools(task, client, Path("/nonexistent"), resumed=True))
        os.write(sink, repr(outcome).encode()[:2000])
        os._exit(0)
    os.close(sink)
    if not select.select([source], [], [], seconds)[0]:
        os.kill(child, signal.SIGKILL)
    said = os.read(source, 4096)
    os.close(source)
    os.waitpid(child, 0)
    return said.decode() or "killed"


def _say(told: list[Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
