"""Running pipelines can be cancelled, rerun, paused, stopped and started again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.e2e.definitions import copy, hourly, shell
from tests.e2e.plane import Pipeline, Plane, eventually
from tests.e2e.runner import Runner


@pytest.fixture
def group(plane: Plane, name: str, tmp_path: Path) -> Iterator[str]:
    """A worker group with a Task Runner on it."""
    runner = Runner(plane, name, tmp_path / "runner")
    yield name
    runner.stop()


def test_a_running_command_is_cancelled_with_everything_it_started(
    plane: Plane, name: str, group: str, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    objects = shell(f"sleep 300 & echo $! > {pids}; sleep 300", group)
    pipeline = Pipeline(plane, name, objects).activate()
    run = pipeline.until("Run", "RUNNING")[0]
    eventually(lambda: pids.exists() and pids.read_text().strip())
    pipeline.set_status("TRY_CANCEL", run["@id"])
    pipeline.until("Run", "CANCELED")
    child = Path(f"/proc/{pids.read_text().strip()}")
    eventually(lambda: not child.exists() or " Z " in (child / "stat").read_text(), what="the command's child lives")


def test_a_failed_run_is_rerun_and_finishes(plane: Plane, name: str, group: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    pipeline = Pipeline(plane, name, shell(f"test -e {gate}", group, maximumRetries="0")).activate()
    run = pipeline.until("Run", "FAILED")[0]
    gate.touch()
    pipeline.set_status("RERUN", run["@id"])
    pipeline.until("Run", "FINISHED")


def test_a_failed_run_can_be_marked_finished(plane: Plane, name: str, group: str) -> None:
    pipeline = Pipeline(plane, name, shell("false", group, maximumRetries="0")).activate()
    run = pipeline.until("Run", "FAILED")[0]
    pipeline.set_status("MARK_FINISHED", run["@id"])
    pipeline.until("Run", "FINISHED")


def test_a_paused_component_waits_until_it_is_resumed(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n")
    objects = copy(bucket)
    objects[1]["precondition"] = {"ref": "Arrived"}
    objects.append({"id": "Arrived", "type": "S3KeyExists", "s3Key": f"s3://{bucket}/in/gate"})
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Copy", "WAITING_ON_DEPENDENCIES")
    pipeline.set_status("PAUSE", "Copy")
    eventually(lambda: pipeline.objects("COMPONENT")["Copy"].get("@status") == "PAUSED", what=pipeline.story)
    s3.put_object(Bucket=bucket, Key="in/gate", Body=b"")
    pipeline.until("In", "FINISHED", seconds=90)
    assert pipeline.statuses("Copy") != ["FINISHED"]
    pipeline.set_status("RESUME", "Copy")
    pipeline.until("Copy", "FINISHED")


def test_a_deactivated_pipeline_cancels_its_work_and_can_be_activated_again(
    plane: Plane, name: str, group: str
) -> None:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    command = {"id": "Run", "type": "ShellCommandActivity", "command": "sleep 300", "workerGroup": group}
    pipeline = Pipeline(plane, name, [*hourly(f"{start:%Y-%m-%dT%H:%M:%S}", 2), command]).activate()
    pipeline.until("Run", "RUNNING", "RUNNING")
    plane.datapipeline.deactivate_pipeline(pipelineId=pipeline.id, cancelActive=True)
    eventually(lambda: pipeline.state() == "INACTIVE", what=pipeline.story)
    pipeline.until("Run", "CANCELED", "CANCELED")
    pipeline.put([*hourly(f"{start:%Y-%m-%dT%H:%M:%S}", 4), command | {"command": "true"}])
    pipeline.activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)


def test_a_deleted_pipeline_ends_its_work_and_is_gone(plane: Plane, name: str, group: str, tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    pipeline = Pipeline(plane, name, shell(f"echo $$ > {pids}; exec sleep 300", group)).activate()
    pipeline.until("Run", "RUNNING")
    eventually(lambda: pids.exists() and pids.read_text().strip())
    plane.datapipeline.delete_pipeline(pipelineId=pipeline.id)
    with pytest.raises(ClientError, match=r"Pipeline(Deleted|NotFound)Exception"):
        plane.datapipeline.describe_pipelines(pipelineIds=[pipeline.id])
    process = Path(f"/proc/{pids.read_text().strip()}")
    eventually(lambda: not process.exists() or " Z " in (process / "stat").read_text(), what="the command lives")


def test_accounts_do_not_see_each_others_pipelines(plane: Plane, name: str) -> None:
    mine = plane.datapipeline.create_pipeline(name=name, uniqueId=name)["pipelineId"]
    stranger = plane.client("datapipeline", key="999900001111")
    assert mine not in {item["id"] for item in stranger.list_pipelines()["pipelineIdList"]}
    with pytest.raises(stranger.exceptions.PipelineNotFoundException):
        stranger.get_pipeline_definition(pipelineId=mine)
