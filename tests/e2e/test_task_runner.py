"""A Task Runner against the application in process: real threads, real bash, the real wire API without a socket."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib import bootstrap
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.run.codec import decode_event, decode_state
from chalicelib.domain.values import PipelineId
from chalicelib.ports.queues import Queue
from chalicelib.ports.reach import Outside
from chalicelib.ports.store import RunnerRecord
from taskrunner.attempt import Workplace
from taskrunner.logs import LogKeeper
from taskrunner.runner import Runner
from taskrunner.wire import Wire
from tests.contract.wire.conftest import ACCOUNTS, client_of
from tests.s3_on_moto import s3_client
from tests.workbench import databases, warehouses

PATIENCE = 30.0
ALL_BUT_OURS: Any = {"core": {"passthrough": {"urls": ["http://penstock.invalid/.*"]}}}


class Bench:
    """A caller, the engine, and one runner of the caller's group."""

    def __init__(self, s3: Any, folder: Path) -> None:
        self.account = str(next(ACCOUNTS))
        self.instances: dict[str, str] = {}
        self.group = f"group-{self.account}"
        self.client = client_of(self.account)
        dynamo = boto3.client(
            "dynamodb", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        objects = S3Objects(s3)
        wire = Wire(client_of(self.account), self.group, f"runner-{self.account}", "here")
        place = Workplace(
            Outside(objects, DynamoTables(lambda _: dynamo), databases(), warehouses()),
            folder,
            {"PATH": "/usr/bin:/bin"},
            timedelta(seconds=0.3),
            now,
        )
        logs = LogKeeper(folder / "logs", objects, None, now)
        self.runner = Runner(wire, place, logs, 2, timedelta(minutes=15), now)
        self.thread = Thread(target=self.runner.run, daemon=True)

    def activate(self, *objects: dict[str, Any], **more: Any) -> str:
        """Store and activate an on-demand pipeline; its id. `more` of its definition: parameters."""
        pipeline = str(self.client.create_pipeline(name="p", uniqueId="u")["pipelineId"])
        default = {"id": "Default", "scheduleType": "ondemand", "maximumRetries": "0"}
        put = self.client.put_pipeline_definition(
            pipelineId=pipeline, pipelineObjects=[wire_object(item) for item in (default, *objects)], **more
        )
        assert not put.get("errored"), put
        self.begin(pipeline)
        return pipeline

    def begin(self, pipeline: str) -> None:
        self.client.activate_pipeline(pipelineId=pipeline)
        self.pump()
        self.instances[pipeline] = self.instance(pipeline)

    def shell(self, command: str, **fields: str) -> str:
        item = {"id": "Shell", "type": "ShellCommandActivity", "workerGroup": self.group, "command": command}
        return self.activate({**item, **fields})

    def pump(self) -> None:
        """Let the engine take what is on the control queue, whosever it is."""
        receiver, engine = bootstrap.receiver(), bootstrap.engine()
        while batch := receiver.receive(Queue.CONTROL, 10, timedelta(minutes=1), timedelta(0)):
            for item in batch:
                engine.process(PipelineId(item.group or ""), [decode_event(item.body)])
            receiver.delete(Queue.CONTROL, [item.receipt for item in batch])

    def instance(self, pipeline: str) -> str:
        """The only activity's instance, while it is live."""
        stored = bootstrap.ports().store.load_state(PipelineId(pipeline))
        assert stored is not None
        return next(name for name in decode_state(stored.payload).instances if name.startswith(("@Shell", "@Copy")))

    def attempt(self, pipeline: str) -> dict[str, str]:
        """The fields of the activity's attempt."""
        wanted = f"{self.instances[pipeline]}_Attempt=1"
        found = self.client.describe_objects(pipelineId=pipeline, objectIds=[wanted])["pipelineObjects"]
        return {field["key"]: field.get("stringValue", "") for field in found[0]["fields"]}

    def status(self, pipeline: str) -> str:
        self.pump()
        return self.attempt(pipeline)["@status"]


def now() -> datetime:
    return datetime.now(UTC)


def wire_object(item: dict[str, Any]) -> dict[str, Any]:
    fields = [{"key": key, "stringValue": value} for key, value in item.items() if key != "id"]
    return {"id": item["id"], "name": item["id"], "fields": fields}


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that other threads bring about."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with mock_aws(config=ALL_BUT_OURS):
        made = Bench(s3_client(), tmp_path)
        made.thread.start()
        yield made
        made.runner.stop()
        made.runner.stop()
        made.thread.join(PATIENCE)


def test_a_command_is_polled_done_and_reported(bench: Bench, tmp_path: Path) -> None:
    pipeline = bench.shell(f"echo $1 > {tmp_path}/told", scriptArgument="hello")
    until(lambda: bench.status(pipeline) == "FINISHED")
    assert (tmp_path / "told").read_text() == "hello\n"
    assert bench.attempt(pipeline)["hostname"] == "here"


def test_a_failure_is_reported_with_its_reason(bench: Bench) -> None:
    pipeline = bench.shell("echo why >&2; exit 3")
    until(lambda: bench.status(pipeline) == "FAILED")
    attempt = bench.attempt(pipeline)
    assert (attempt["errorId"], attempt["errorMessage"]) == ("ActivityFailed", "the command failed: exit code 3")
    assert "why" in attempt["errorStackTrace"]


def test_a_secret_that_a_command_echoes_is_masked(bench: Bench) -> None:
    command = "echo as #{*myLogin} >&2; echo #{*myLogin}; exit 1"
    shell = {"id": "Shell", "type": "ShellCommandActivity", "workerGroup": bench.group, "command": command}
    pipeline = bench.activate(
        {**shell, "pipelineLogUri": "s3://target/logs"},
        parameterObjects=[{"id": "*myLogin", "attributes": [{"key": "type", "stringValue": "String"}]}],
        parameterValues=[{"id": "*myLogin", "stringValue": "hunter2"}],
    )
    until(lambda: bench.status(pipeline) == "FAILED")
    assert "hunter2" not in str(bench.attempt(pipeline))
    assert bench.attempt(pipeline)["errorStackTrace"] == "as *****\n"
    client = s3_client()
    logs = [found["Key"] for found in client.list_objects_v2(Bucket="target", Prefix="logs/")["Contents"]]
    texts = [client.get_object(Bucket="target", Key=key)["Body"].read().decode() for key in logs]
    assert len(texts) == 3
    assert "hunter2" not in "".join(texts)
    assert "as *****\n" in texts


def test_scratch_directories_are_removed(bench: Bench, tmp_path: Path) -> None:
    pipeline = bench.shell("touch left")
    until(lambda: bench.status(pipeline) == "FINISHED")
    until(lambda: list((tmp_path / "tmp").iterdir()) == [])


def test_a_canceled_task_is_ended_within_an_interval(bench: Bench, tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    pipeline = bench.shell(f"sleep 300 & echo $! > {pids}; wait")
    until(lambda: pids.exists() and pids.read_text() != "")
    until(lambda: bench.status(pipeline) == "RUNNING")
    bench.client.set_status(pipelineId=pipeline, objectIds=[bench.instances[pipeline]], status="TRY_CANCEL")
    bench.pump()
    until(lambda: not is_running(int(pids.read_text())))
    assert bench.status(pipeline) == "CANCELED"


def test_a_stopped_runner_finishes_its_work_first(bench: Bench, tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    pipeline = bench.shell(f"echo $$ > {pids}; exec sleep 1")
    until(lambda: pids.exists() and pids.read_text() != "")
    bench.runner.stop()
    bench.thread.join(PATIENCE)
    assert bench.status(pipeline) == "FINISHED"


def test_a_second_stop_ends_the_work_and_says_so(bench: Bench, tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    pipeline = bench.shell(f"echo $$ > {pids}; exec sleep 300")
    until(lambda: pids.exists() and pids.read_text() != "")
    bench.runner.stop()
    bench.runner.stop()
    bench.thread.join(PATIENCE)
    assert bench.status(pipeline) == "FAILED"
    assert bench.attempt(pipeline)["errorId"] == "TaskRunnerStopped"
    assert not is_running(int(pids.read_text()))


def test_a_runner_that_is_told_to_terminate_ends(tmp_path: Path) -> None:
    with mock_aws(config=ALL_BUT_OURS):
        bench = Bench(s3_client(), tmp_path)
        name = f"{bench.account}/runner-{bench.account}"
        bootstrap.ports().store.put_runner(RunnerRecord(name, bench.group, "here", now(), terminate=True))
        bench.thread.start()
        bench.thread.join(PATIENCE)
        assert not bench.thread.is_alive()


def test_a_copy_runs_on_a_worker_group(bench: Bench) -> None:
    s3 = s3_client()
    for number in range(5):
        s3.put_object(Bucket="source", Key=f"d/{number}", Body=b"x")
    pipeline = bench.client.create_pipeline(name="c", uniqueId="c")["pipelineId"]
    definition = [
        wire_object({"id": "Default", "scheduleType": "ondemand", "maximumRetries": "0"}),
        wire_object({"id": "In", "type": "S3DataNode", "directoryPath": "s3://source/d"}),
        wire_object({"id": "Out", "type": "S3DataNode", "directoryPath": "s3://target/e"}),
        wire_object({"id": "Copy", "type": "CopyActivity", "workerGroup": bench.group}),
    ]
    definition[3]["fields"] += [{"key": "input", "refValue": "In"}, {"key": "output", "refValue": "Out"}]
    definition[3]["fields"] += [{"key": "placement", "stringValue": "resource"}]
    put = bench.client.put_pipeline_definition(pipelineId=pipeline, pipelineObjects=definition)
    assert not put.get("errored"), put
    bench.begin(pipeline)
    until(lambda: bench.status(pipeline) == "FINISHED")
    assert bench.attempt(pipeline)["objectsCopied"] == "5"


def test_the_whole_process_ends_by_a_signal(tmp_path: Path) -> None:
    """Nothing answers at its endpoint, so it backs off, and yet it ends at once."""
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, "-m", "taskrunner", "--workerGroup=g", "--endpoint=http://127.0.0.1:9/datapipeline"]
    process = subprocess.Popen([*command, f"--output={tmp_path}"], env=environment, stderr=subprocess.DEVNULL)
    logs = tmp_path / "logs"
    until(lambda: logs.exists() and any("no poll" in path.read_text() for path in logs.iterdir()))
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
