"""One fan-out of `bench inference`, in a process of its own: `python -m bench.programs.inference_run ITEMS`.

Prints what it came to as one JSON object.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

from chalicelib import bootstrap
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.codec import decode_event
from chalicelib.domain.run.events import Activated, TaskEnded
from chalicelib.domain.values import PipelineId
from chalicelib.ports.queues import Queue
from chalicelib.service.control import publish
from local import embedded
from local.environment import REPOSITORY, application_environment, environment

THROTTLED = 0.01
WORKERS = 4
KILL_EVERY = 3.0
LANES = 8
BUCKET = "bench"
PIPELINE = PipelineId("df-BENCH")
HIDDEN, WAIT = timedelta(seconds=30), timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Run:
    """What one size came to. Memory in MB: the most that any worker held."""

    items: int
    results: int
    twice_or_lost: int
    errors: int
    wrong_errors: int
    calls: int
    throttled: int
    kills: int
    seconds: float
    worker_mb: float


def measured(items: int) -> Run:
    """One run."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = _Place(home, stack)
        place.fill(items)
        began = time.monotonic()
        workers = stack.enter_context(_Workers(place.environment))
        fields = place.drive(workers)
        seconds = time.monotonic() - began
        return _judged(items, place, fields, workers, seconds)


class _Place:
    """The embedded AWS, the endpoint, and the control plane of one run."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        child, aws = embedded.start(0, "http://127.0.0.1:9/", environment(None, None), home)
        stack.callback(child.stop)
        model = subprocess.Popen(
            [sys.executable, "-m", "bench.programs.moody_endpoint", str(THROTTLED)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(model.kill)
        assert model.stdout is not None
        endpoint = f"http://127.0.0.1:{model.stdout.readline().strip()}"
        base = application_environment(environment(aws, None), "sqlite", home / "control.sqlite", "")
        self.environment = base | {"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": endpoint}
        os.environ.update(self.environment)
        self.s3: Any = boto3.Session(region_name="us-east-1").client("s3", endpoint_url=aws)
        self.s3.create_bucket(Bucket=BUCKET)

    def fill(self, items: int) -> None:
        """Five files of lines."""
        each = items // 5
        for number in range(5):
            first, end = number * each, items if number == 4 else (number + 1) * each
            body = b"".join(b'{"n":%d}\n' % at for at in range(first, end))
            self.s3.put_object(Bucket=BUCKET, Key=f"in/{number}.jsonl", Body=body)

    def drive(self, workers: "_Workers") -> Mapping[str, str]:
        """Activate, advance, kill; the attempt's fields when it has FINISHED."""
        ports = bootstrap.ports()
        ports.store.put_definition(PIPELINE, 1, from_file(_definition()))
        publish(ports.sender, PIPELINE, [("activate", Activated("activate", ports.clock.now(), 1))])
        while True:
            workers.keep_up()
            for message in bootstrap.receiver().receive(Queue.CONTROL, 10, HIDDEN, WAIT):
                event = decode_event(message.body)
                bootstrap.engine().process(PIPELINE, [event])
                bootstrap.receiver().delete(Queue.CONTROL, [message.receipt])
                if isinstance(event, TaskEnded):
                    return _fields(event)

    def results(self, key: str) -> Iterator[dict[str, Any]]:
        """Lines of a result."""
        for line in self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].iter_lines():
            yield json.loads(line)


def _fields(event: TaskEnded) -> Mapping[str, str]:
    if event.error_id is not None:
        raise RuntimeError(f"{event.error_id}: {event.error_message}")
    return dict(event.fields)


def _definition() -> dict[str, Any]:
    return {
        "objects": [
            {"id": "Default", "scheduleType": "ondemand"},
            {"id": "In", "type": "S3DataNode", "directoryPath": f"s3://{BUCKET}/in"},
            {"id": "Out", "type": "S3DataNode", "directoryPath": f"s3://{BUCKET}/out"},
            {
                "id": "Infer",
                "type": "InferenceActivity",
                "endpoint": "moody",
                "items": "lines",
                "maxConcurrency": str(LANES * 8),
                "maximumRetries": "0",
                "input": {"ref": "In"},
                "output": {"ref": "Out"},
            },
        ]
    }


class _Workers:
    """Always as many as there should be, one killed every few seconds."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._source = subprocess.Popen(
            [sys.executable, "-m", "bench.programs.inference_worker"],
            cwd=REPOSITORY,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._dice = random.Random(5)
        self._alive: list[int] = []
        self._next = time.monotonic() + KILL_EVERY
        self.kills = 0
        self.most_mb = 0.0

    def keep_up(self) -> None:
        """Look after them."""
        self.most_mb = max([self.most_mb, *(mb for mb in map(_megabytes, self._alive) if mb)])
        if self._alive and time.monotonic() > self._next:
            self._kill(self._alive.pop(self._dice.randrange(len(self._alive))))
            self.kills += 1
            self._next = time.monotonic() + KILL_EVERY
        while len(self._alive) < WORKERS:
            assert self._source.stdin is not None
            assert self._source.stdout is not None
            self._source.stdin.write("one\n")
            self._source.stdin.flush()
            self._alive.append(int(self._source.stdout.readline()))

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self._alive:
            self._kill(pid)
        self._source.kill()
        self._source.wait()

    def _kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _megabytes(pid: int) -> float:
    """The most memory that the process has held; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((round(int(line.split()[1]) / 1024, 1) for line in text.splitlines() if line.startswith("VmHWM")), 0)


def _judged(items: int, place: _Place, fields: Mapping[str, str], workers: _Workers, seconds: float) -> Run:
    results = wrong = 0
    for number, result in enumerate(place.results("out/results.jsonl")):
        results += 1
        wrong += result["output"] is not None and result["output"]["score"] != number / 2
        wrong += (result["output"] is None) != (number % 1000 == 7)
    errors = [int(result["item"].rpartition("#")[2]) for result in place.results("out/errors.jsonl")]
    should = sum(1 for number in range(items) if number % 1000 == 7)
    return Run(
        items=items,
        results=results,
        twice_or_lost=abs(items - results) + wrong,
        errors=len(errors),
        wrong_errors=abs(len(errors) - should),
        calls=int(fields["modelCalls"]),
        throttled=int(fields["modelCallsThrottled"]),
        kills=workers.kills,
        seconds=seconds,
        worker_mb=workers.most_mb,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(measured(int(sys.argv[1])))), flush=True)
