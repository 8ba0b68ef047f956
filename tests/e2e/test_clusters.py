"""Activities on EMR clusters: created, steps run as real processes, terminated."""

import json
from pathlib import Path
from typing import Any

from tests.e2e.definitions import default
from tests.e2e.plane import REPOSITORY, Pipeline, Plane, eventually


def on_cluster(bucket: str, *activities: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        default(pipelineLogUri=f"s3://{bucket}/logs"),
        {"id": "Cluster", "type": "EmrCluster", "releaseLabel": "emr-6.15.0", "terminateAfter": "1 hour"},
        *({"runsOn": {"ref": "Cluster"}, "maximumRetries": "0", **activity} for activity in activities),
    ]


def test_a_cluster_is_made_once_for_its_activities_runs_their_steps_in_order_and_ends(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    say = f"command-runner.jar,bash,-c,aws s3 cp - s3://{bucket}/out/one <<< 'a\\\\,b'"
    first = {
        "id": "First",
        "type": "EmrActivity",
        "preStepCommand": f"echo before | aws s3 cp - s3://{bucket}/out/before",
        "step": [say, f"command-runner.jar,aws,s3,cp,s3://{bucket}/out/one,s3://{bucket}/out/two"],
    }
    second = {"id": "Second", "type": "ShellCommandActivity", "command": "echo hi", "dependsOn": {"ref": "First"}}
    second["stdout"] = f"s3://{bucket}/out/said"
    pipeline = Pipeline(plane, name, on_cluster(bucket, first, second)).activate()
    attempt = pipeline.until("First", "FINISHED", seconds=90) and pipeline.of("First", "ATTEMPT")[0]
    pipeline.until("Second", "FINISHED", seconds=60)
    cluster = pipeline.until("Cluster", "FINISHED")[0]["@resourceId"]
    assert s3.get_object(Bucket=bucket, Key="out/two")["Body"].read() == b"a,b\n"
    assert s3.get_object(Bucket=bucket, Key="out/said")["Body"].read() == b"hi\n"
    assert f"/{cluster}/steps/s-" in attempt["emrStepLog"]
    described = plane.client("emr").describe_cluster(ClusterId=cluster)["Cluster"]
    assert described["Status"]["State"] == "TERMINATED"
    assert described["Name"].startswith(f"{pipeline.id}_@Cluster_")


def test_a_step_that_fails_fails_its_activity_with_the_programs_own_words(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    work = {"id": "Work", "type": "EmrActivity", "step": "command-runner.jar,bash,-c,echo no luck >&2; exit 3"}
    pipeline = Pipeline(plane, name, on_cluster(bucket, work)).activate()
    pipeline.until("Work", "FAILED", seconds=90)
    attempt = pipeline.of("Work", "ATTEMPT")[0]
    assert attempt["errorId"] == "StepFailed"
    assert "exit code 3: no luck" in attempt["errorMessage"]
    pipeline.until("Cluster", "FINISHED")


def test_what_cannot_be_run_here_says_so_by_name(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    work = {"id": "Work", "type": "HiveActivity", "hiveScript": "SELECT 1;", "stage": "false"}
    pipeline = Pipeline(plane, name, on_cluster(bucket, work)).activate()
    pipeline.until("Work", "FAILED", seconds=90)
    assert "the embedded run has no 'hive'" in pipeline.of("Work", "ATTEMPT")[0]["errorMessage"]


def test_a_cancelled_activity_stops_its_step(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    work = {"id": "Work", "type": "EmrActivity", "step": "command-runner.jar,sleep,300"}
    other = {"id": "Other", "type": "EmrActivity", "step": "command-runner.jar,sleep,300"}
    pipeline = Pipeline(plane, name, on_cluster(bucket, work, other)).activate()
    pipeline.until("Work", "RUNNING", seconds=90)
    cluster = pipeline.until("Cluster", "RUNNING")[0]["@resourceId"]
    emr, datapipeline = plane.client("emr"), plane.client("datapipeline")
    eventually(lambda: len(emr.list_steps(ClusterId=cluster)["Steps"]) == 2)
    instance = pipeline.of("Work", "INSTANCE")[0]["@id"]
    datapipeline.set_status(pipelineId=pipeline.id, objectIds=[instance], status="TRY_CANCEL")

    def states() -> list[str]:
        return sorted(step["Status"]["State"] for step in emr.list_steps(ClusterId=cluster)["Steps"])

    eventually(lambda: states() == ["CANCELLED", "RUNNING"], 90, lambda: f"{states()} {pipeline.story()}")
    datapipeline.delete_pipeline(pipelineId=pipeline.id)
    eventually(lambda: emr.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"] == "TERMINATED")


def test_the_console_template_for_a_job_on_a_cluster_runs_it(plane: Plane, name: str, tmp_path: Path) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63].rstrip("-"))
    template = json.loads((REPOSITORY / "chalicelib" / "templates" / "run-job-on-an-emr-cluster.json").read_text())
    steps = [f"command-runner.jar,bash,-c,echo {word} | aws s3 cp - s3://{bucket}/{word}" for word in ("one", "two")]
    filled = tmp_path / "filled.json"
    filled.write_text(json.dumps({**template, "values": {"myEmrStep": steps, "myLogUri": f"s3://{bucket}/logs"}}))
    pipeline = Pipeline(plane, name, [default()])
    where = ("--pipeline-id", pipeline.id, "--pipeline-definition", f"file://{filled}")
    plane.aws("put-pipeline-definition", *where)
    pipeline.activate().until("EmrActivityObj", "FINISHED", seconds=60)
    assert [s3.get_object(Bucket=bucket, Key=word)["Body"].read() for word in ("one", "two")] == [b"one\n", b"two\n"]
    cluster = pipeline.until("EmrClusterObj", "FINISHED")[0]["@resourceId"]
    described = plane.client("emr").describe_cluster(ClusterId=cluster)["Cluster"]
    assert {item["Name"] for item in described["Applications"]} == {"Hadoop", "Hive", "Spark"}
