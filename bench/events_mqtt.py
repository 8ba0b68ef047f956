"""MQTT messages to the backlog of a pipeline: how many are absorbed a second, and that killing the run loses none.

The whole embedded run as a process of its own, on SQLite: paho clients publish with QoS 1 over the plain port, the
pipeline's topic rule puts messages on the arrivals queue, the arrivals function takes them in. Absorbed is a message
whose event record is stored. In the lane with kills the run is killed by SIGKILL again and again and started anew,
while the clients publish on: what was not acknowledged they publish again, with the same id, so that none counts twice.
"""

import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.report import Figure

CLIENTS = 4
LONGEST_SECONDS = 600
KILL_SECONDS = 6.0
TOPIC = "bench/{}"
T = TypeVar("T")


class Run:
    """An embedded run that can be killed and started again in its directory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoints: Mapping[str, str] = {}

    def start(self) -> None:
        """Start, and wait until it serves."""
        (self.home / "endpoints.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "local", "--no-samples", "--home", str(self.home), "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--aws-port", "0"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        while not (self.home / "endpoints.json").exists():
            if self._process.poll() is not None:
                raise RuntimeError("the embedded run did not start")
            time.sleep(0.05)
        self.endpoints = json.loads((self.home / "endpoints.json").read_text())

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def client(self, service: str) -> Any:
        address = self.endpoints["wire" if service == "datapipeline" else "aws"]
        return boto3.Session("me", "me", region_name="us-east-1").client(service, endpoint_url=address)

    def records(self) -> int:
        """Events that are stored."""
        with closing(sqlite3.connect(self.home / "penstock.sqlite", timeout=30)) as database:
            (count,) = database.execute("SELECT COUNT(*) FROM events").fetchone()
            return int(count)


def mqtt_lanes(counts: Sequence[int], killed: int) -> Mapping[str, Figure]:
    """Absorb so many messages, each count in a run of its own, then `killed` under kills; figures by name."""
    rates = {count: _in_a_run(partial(_absorbed, count=count)) for count in counts}
    kills, stored = _in_a_run(lambda run: _under_kills(run, killed))
    return {
        **{f"mqtt_absorbed_per_s_{count}": rate for count, rate in rates.items()},
        "mqtt_killed_runs": kills,
        "mqtt_killed_lost": max(0, killed - stored),
        "mqtt_killed_doubled": max(0, stored - killed),
    }


def _in_a_run(measure: Callable[[Run], T]) -> T:
    with _armed() as run:
        return measure(run)


@contextmanager
def _armed() -> Iterator[Run]:
    """A run whose one pipeline listens, and is never full."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        run.start()
        try:
            _activate(run.client("datapipeline"))
            yield run
        finally:
            run.kill()


def _activate(wire: Any) -> None:
    made = wire.create_pipeline(name="bench", uniqueId="bench")["pipelineId"]
    objects = [
        _object("Default", {"trigger": "Rule"}, scheduleType="ondemand", maxActiveInstances="1"),
        _object(
            "Rule",
            {},
            type="IotRuleTrigger",
            sql="SELECT * FROM 'bench/+'",
            messageId="n",
            batchSize="10000",
            batchWindow="15 minutes",
        ),
        _object("In", {"trigger": "Rule"}, type="EventBatchDataNode"),
        _object("Out", {}, type="S3DataNode", filePath="s3://bench/out"),
        _object("Copy", {"input": "In", "output": "Out"}, type="CopyActivity"),
    ]
    answer = wire.put_pipeline_definition(pipelineId=made, pipelineObjects=objects)
    if answer["errored"]:
        raise RuntimeError(answer["validationErrors"])
    wire.activate_pipeline(pipelineId=made)


def _object(name: str, references: Mapping[str, str], **fields: str) -> dict[str, Any]:
    written = [{"key": key, "stringValue": value} for key, value in fields.items()]
    referred = [{"key": key, "refValue": value} for key, value in references.items()]
    return {"id": name, "name": name, "fields": [*written, *referred]}


def _absorbed(run: Run, count: int) -> float:
    before = time.perf_counter()
    publishers = [_Publisher(run, number, range(number, count, CLIENTS)) for number in range(CLIENTS)]
    _until(publishers, run, count)
    return count / (time.perf_counter() - before)


def _under_kills(run: Run, count: int) -> tuple[int, int]:
    publishers = [_Publisher(run, number, range(number, count, CLIENTS)) for number in range(CLIENTS)]
    for kills in itertools.count():
        if not any(each.is_alive() for each in publishers):
            _until(publishers, run, count)
            return kills, run.records()
        time.sleep(KILL_SECONDS)
        run.kill()
        run.start()
    raise AssertionError


def _until(publishers: list["_Publisher"], run: Run, count: int) -> None:
    for each in publishers:
        each.join(LONGEST_SECONDS)
    deadline = time.monotonic() + LONGEST_SECONDS
    while run.records() < count and time.monotonic() < deadline:
        time.sleep(0.02)


class _Publisher(threading.Thread):
    """A device: publishes its numbers, each until it is acknowledged, at whichever address the run has by then."""

    WINDOW = 20

    def __init__(self, run: Run, number: int, numbers: range) -> None:
        super().__init__(daemon=True)
        self._run = run
        self._number = number
        self._left = set(numbers)
        self.start()

    def run(self) -> None:
        while self._left:
            try:
                self._session()
            except (OSError, RuntimeError, ValueError):
                time.sleep(0.1)

    def _session(self) -> None:
        address = urlsplit(self._run.endpoints["mqtt"])
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"bench-{self._number}")
        client.connect(address.hostname or "", address.port or 0)
        client.loop_start()
        try:
            self._publish(client)
        finally:
            client.disconnect()
            client.loop_stop()

    def _publish(self, client: paho.Client) -> None:
        waiting = iter(sorted(self._left))
        while numbers := list(itertools.islice(waiting, self.WINDOW)):
            sent = {n: client.publish(TOPIC.format(self._number), json.dumps({"n": n}), 1) for n in numbers}
            for number, message in sent.items():
                message.wait_for_publish(5)
                if not message.is_published():
                    raise RuntimeError("not acknowledged")
                self._left.discard(number)


if __name__ == "__main__":
    print(json.dumps(dict(mqtt_lanes([int(count) for count in sys.argv[2:]], int(sys.argv[1]))), indent=2))
