"""Pipelines that move real data, serverless, on a worker group and on a machine."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.e2e.definitions import copy, default, hourly, shell
from tests.e2e.plane import Pipeline, Plane, eventually
from tests.e2e.runner import Runner


class StartRunner(Protocol):
    """Starts a Task Runner that ends with the test."""

    def __call__(self, group: str, tasks: int = 2) -> Runner: ...


@pytest.fixture
def start_runner(plane: Plane, tmp_path: Path) -> Iterator[StartRunner]:
    started: list[Runner] = []

    def start(group: str, tasks: int = 2) -> Runner:
        started.append(Runner(plane, group, tmp_path / f"runner{len(started)}", tasks))
        return started[-1]

    yield start
    for runner in started:
        if runner.process.poll() is None:
            runner.stop()


def hours_ago(hours: int) -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)


def test_an_object_is_copied_once_its_precondition_holds(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    objects = copy(bucket)
    objects[1]["precondition"] = {"ref": "Arrived"}
    objects.append({"id": "Arrived", "type": "S3KeyExists", "s3Key": f"s3://{bucket}/in/a.csv"})
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Copy", "WAITING_ON_DEPENDENCIES")
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n", Metadata={"kind": "test"})
    pipeline.until("Copy", "FINISHED", seconds=90)
    copied = s3.get_object(Bucket=bucket, Key="out/a.csv")
    assert copied["Body"].read() == b"1\n"
    assert copied["Metadata"] == {"kind": "test"}
    assert pipeline.statuses("Arrived") == ["FINISHED"]


def test_a_backfill_makes_one_directory_an_hour(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    for key in ("in/a.csv", "in/b.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    start = hours_ago(3)
    path = f"s3://{bucket}/out/#{{format(@scheduledStartTime, 'YYYY-MM-dd-HH')}}"
    objects = [
        *hourly(f"{start:%Y-%m-%dT%H:%M:%S}", 3),
        {"id": "In", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/in"},
        {"id": "Out", "type": "S3DataNode", "directoryPath": path},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    ]
    pipeline = Pipeline(plane, name, objects).activate()
    runs = pipeline.until("Copy", "FINISHED", "FINISHED", "FINISHED")
    hours = [start + timedelta(hours=count) for count in range(3)]
    assert [run["@scheduledStartTime"] for run in runs] == [f"{hour:%Y-%m-%dT%H:%M:%S}" for hour in hours]
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]}
    assert keys == {f"out/{hour:%Y-%m-%d-%H}/{file}" for hour in hours for file in ("a.csv", "b.csv")}
    eventually(lambda: pipeline.state() == "FINISHED", what=pipeline.story)


def test_a_command_runs_on_a_worker_group_with_staged_data(plane: Plane, name: str, start_runner: StartRunner) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n2\n3\n")
    objects = [
        *shell("wc -l < ${INPUT1_STAGING_DIR}/a.csv > ${OUTPUT1_STAGING_DIR}/lines.txt; echo said", name),
        {"id": "In", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/in"},
        {"id": "Out", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/out"},
    ]
    objects[0] |= {"pipelineLogUri": f"s3://{bucket}/logs"}
    objects[1] |= {"input": {"ref": "In"}, "output": {"ref": "Out"}, "stage": "true"}
    start_runner(name)
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Run", "FINISHED")
    assert s3.get_object(Bucket=bucket, Key="out/lines.txt")["Body"].read().strip() == b"3"
    logs = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=f"logs/{pipeline.id}/Run/")["Contents"]]
    assert any("_Attempt=1/" in key and "stdout" in key.lower() for key in logs), logs


def test_a_machine_is_made_for_its_activity_and_ended_after_it(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    objects = [
        default(pipelineLogUri=f"s3://{bucket}/logs"),
        {"id": "Machine", "type": "Ec2Resource", "terminateAfter": "1 hour"},
        {"id": "Run", "type": "ShellCommandActivity", "command": "true", "runsOn": {"ref": "Machine"}},
    ]
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Run", "FINISHED")
    resource = pipeline.until("Machine", "FINISHED")[0]
    machine = plane.client("ec2").describe_instances(InstanceIds=[resource["@resourceId"]])
    assert machine["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"


def test_a_failing_command_is_retried_then_tells_its_alarm(plane: Plane, name: str, start_runner: StartRunner) -> None:
    sns, sqs = plane.client("sns"), plane.client("sqs")
    topic = sns.create_topic(Name=name)["TopicArn"]
    address = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    objects: list[dict[str, Any]] = [
        *shell("echo oops >&2; exit 3", name, maximumRetries="1", onFail={"ref": "Alarm"}),
        {"id": "After", "type": "ShellCommandActivity", "command": "true", "workerGroup": name},
        {"id": "Alarm", "type": "SnsAlarm", "topicArn": topic, "subject": "Failed", "message": "#{node.name}"},
    ]
    objects[2]["dependsOn"] = {"ref": "Run"}
    start_runner(name)
    pipeline = Pipeline(plane, name, objects).activate()
    run = pipeline.until("Run", "FAILED")[0]
    pipeline.until("After", "CASCADE_FAILED")
    attempts = pipeline.of("Run", "ATTEMPT")
    assert [attempt["@status"] for attempt in attempts] == ["FAILED", "FAILED"]
    assert "3" in attempts[-1]["errorMessage"]
    assert run["@attemptCount"] == "2"
    answer = eventually(lambda: sqs.receive_message(QueueUrl=address, WaitTimeSeconds=1).get("Messages"))
    assert json.loads(answer[0]["Body"])["Subject"] == "Failed"


def test_a_killed_runner_loses_nothing(plane: Plane, name: str, tmp_path: Path, start_runner: StartRunner) -> None:
    marker = tmp_path / "tries"
    command = f"echo try >> {marker}; [ $(wc -l < {marker}) -ge 2 ] || sleep 300"
    objects = shell(command, name)
    # One task at a time: a second thread's poll would outlive the runner and hide the retry for two minutes.
    first = start_runner(name, tasks=1)
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Run", "RUNNING")
    eventually(marker.exists)
    first.kill()
    start_runner(name)
    pipeline.until("Run", "FINISHED", seconds=110)
    assert [attempt["@status"] for attempt in pipeline.of("Run", "ATTEMPT")] == ["FAILED", "FINISHED"]
