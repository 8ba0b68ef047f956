"""Hadoop's activities on the host of a Task Runner, through the service; small programs stand for Hadoop's."""

from pathlib import Path

from tests.e2e.definitions import default
from tests.e2e.plane import Pipeline, Plane
from tests.e2e.runner import Runner


def install(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_hive_and_hadoop_of_the_host_do_the_work_and_what_it_lacks_is_named(
    plane: Plane, name: str, tmp_path: Path
) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63].rstrip("-"))
    s3 = plane.client("s3")
    s3.put_object(Bucket=bucket, Key="x.jar", Body=b"jar")
    s3.put_object(Bucket=bucket, Key="q.hql", Body=b"SELECT 1;")
    record, programs = tmp_path / "record", tmp_path / "bin"
    install(programs, "hadoop", f'echo "hadoop $1 $(cat "$2") $3" >> {record}')
    install(programs, "hive", f'echo "hive $(cat "$2")" >> {record}')
    on = {"workerGroup": name, "maximumRetries": "0", "stage": "false"}
    pipeline = Pipeline(
        plane,
        name,
        [
            default(pipelineLogUri=f"s3://{bucket}/logs"),
            {"id": "Job", "type": "EmrActivity", "step": f"s3://{bucket}/x.jar,in", "workerGroup": name},
            {"id": "Ask", "type": "HiveActivity", "scriptUri": f"s3://{bucket}/q.hql", "dependsOn": {"ref": "Job"}}
            | on,
            {"id": "Pig", "type": "PigActivity", "script": "A = LOAD 'x';", "dependsOn": {"ref": "Ask"}} | on,
        ],
    )
    runner = Runner(plane, name, tmp_path / "runner", programs=programs)
    try:
        pipeline.activate().until("Ask", "FINISHED", seconds=120)
        pipeline.until("Pig", "FAILED", seconds=120)
    finally:
        runner.stop()
    assert record.read_text().splitlines() == ["hadoop jar jar in", "hive SELECT 1;"]
    assert "no 'pig' on its PATH" in pipeline.of("Pig", "ATTEMPT")[0]["errorMessage"]
