"""A worker to kill: reads tasks, one a line, and does each in a forked child that nobody mourns.

`python -m tests.contract.databases.victim ENDPOINT` reads one JSON list a line, the seconds after which to kill the
worker (or `null`), the task, and, if it is to be done as functions do it, in chunks and one function after the other,
what differs from CopyLimits (otherwise `null`). It prints the outcome, or `killed`, and how long it took. Forking
spares each task the imports.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from chalicelib.adapters.sql import mysql, postgresql  # noqa: F401  # what every child would import
from chalicelib.domain.run.codec import decode_task
from chalicelib.domain.run.task import Task
from chalicelib.transfer.limits import CopyLimits
from chalicelib.work.execute import execute
from chalicelib.work.outcome import FannedOut, Finished, Outcome, Unfinished
from chalicelib.work.registry import CHUNKS, SERVERLESS
from tests.workbench import tools

_NOWHERE = Path("/nonexistent")


def main(endpoint: str) -> None:
    """Until there are no more tasks."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    serve(client, _at_once)


def serve(client: Any, at_once: Callable[[Task, Any], Outcome]) -> None:
    """Do tasks until there are no more; `at_once` does one that is not for functions."""
    for line in sys.stdin:
        seconds, task, limits = json.loads(line)
        began = time.monotonic()
        do = at_once if limits is None else partial(_in_functions, limits=CopyLimits(**limits))
        said = _done(decode_task(task), client, seconds, do)
        _say([said, time.monotonic() - began])


def _at_once(task: Task, client: Any) -> Outcome:
    return execute(SERVERLESS, task, tools(task, client, _NOWHERE, resumed=True))


def _in_functions(task: Task, client: Any, limits: CopyLimits) -> Outcome:
    """Each function has time for a few ranges."""
    looks = count()
    used = tools(
        task,
        client,
        _NOWHERE,
        resumed=True,
        fans_out=True,
        copy_limits=limits,
        time_left=lambda: timedelta(seconds=900 - 60 * (next(looks) % 14)),
    )
    while True:
        outcome = execute(SERVERLESS, task, used)
        if isinstance(outcome, FannedOut):
            chunks = CHUNKS["CopyActivity"]
            done = [chunks.act(task, text, used) for text in outcome.chunks]
            return chunks.finish(task, [one.fields for one in done if isinstance(one, Finished)], used)
        if not isinstance(outcome, Unfinished):
            return outcome
        task = replace(task, checkpoint=outcome.checkpoint)


def _done(task: Task, client: Any, seconds: float | None, do: Callable[[Task, Any], Outcome]) -> str:
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(sink, repr(do(task, client)).encode()[:2000])
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
