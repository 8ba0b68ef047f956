"""Every `aws datapipeline` command against a running system."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.definitions import copy
from tests.e2e.plane import Plane, eventually

DAY = timedelta(days=1)


@pytest.fixture
def definition(plane: Plane, name: str, tmp_path: Path) -> str:
    """A file:// address of a definition with parameters, whose input exists."""
    bucket = plane.bucket(f"{name}-{plane.control}")
    plane.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"a,b\n1,2\n")
    document: dict[str, Any] = {
        "objects": copy("#{myBucket}"),
        "parameters": [{"id": "myBucket", "type": "String", "description": "bucket", "default": bucket}],
        "values": {"myBucket": bucket},
    }
    file = tmp_path / "definition.json"
    file.write_text(json.dumps(document))
    return f"file://{file}"


def created(plane: Plane, name: str, definition: str) -> str:
    pipeline: str = plane.aws("create-pipeline", "--name", name, "--unique-id", name)["pipelineId"]
    answer = plane.aws("put-pipeline-definition", "--pipeline-id", pipeline, "--pipeline-definition", definition)
    assert answer == {"validationErrors": [], "validationWarnings": [], "errored": False}
    return pipeline


def finished(plane: Plane, pipeline: str) -> list[dict[str, str]]:
    """The runs, once all of them ended."""

    def look() -> list[dict[str, str]] | None:
        runs: list[dict[str, str]] = plane.aws("list-runs", "--pipeline-id", pipeline)
        ended = [run for run in runs if run["@status"] == "FINISHED"]
        return runs if len(ended) == 3 else None

    return eventually(look)


def test_a_pipeline_is_created_defined_activated_followed_and_deleted(plane: Plane, name: str, definition: str) -> None:
    pipeline = created(plane, name, definition)
    plane.aws("activate-pipeline", "--pipeline-id", pipeline)
    runs = finished(plane, pipeline)
    assert {run["@componentParent"] for run in runs} == {"In", "Out", "Copy"}
    listed = plane.aws("list-pipelines")["pipelineIdList"]
    assert {"id": pipeline, "name": name} in listed
    plane.aws("delete-pipeline", "--pipeline-id", pipeline)
    assert pipeline not in {item["id"] for item in plane.aws("list-pipelines")["pipelineIdList"]}


def test_list_runs_prints_its_table_and_honours_each_of_its_options(plane: Plane, name: str, definition: str) -> None:
    pipeline = created(plane, name, definition)
    plane.aws("activate-pipeline", "--pipeline-id", pipeline)
    finished(plane, pipeline)
    now = datetime.now(UTC)
    around = f"{now - DAY:%Y-%m-%dT%H:%M:%S},{now + DAY:%Y-%m-%dT%H:%M:%S}"
    before = f"{now - 3 * DAY:%Y-%m-%d},{now - 2 * DAY:%Y-%m-%d}"

    def count(*options: str) -> int:
        return len(plane.aws("list-runs", "--pipeline-id", pipeline, *options))

    assert count("--status", "finished") == 3
    assert count("--status", "running,cancelled") == 0
    assert count("--start-interval", around) == 3
    assert count("--start-interval", before) == 0
    assert count("--schedule-interval", around) == 3
    assert count("--schedule-interval", before, "--status", "finished") == 0
    table = plane.cli("datapipeline", "list-runs", "--pipeline-id", pipeline).stdout
    assert "Copy" in table
    assert table.count("FINISHED") == 3


def test_a_definition_comes_back_as_it_was_put(plane: Plane, name: str, definition: str) -> None:
    pipeline = created(plane, name, definition)
    given = json.loads(Path(definition.removeprefix("file://")).read_text())
    got = plane.aws("get-pipeline-definition", "--pipeline-id", pipeline)
    named = [{"name": item["id"]} | item for item in given["objects"]]
    assert got["objects"] == named
    assert got["parameters"] == given["parameters"]
    assert got["values"] == given["values"]
    plane.aws("activate-pipeline", "--pipeline-id", pipeline)
    assert plane.aws("get-pipeline-definition", "--pipeline-id", pipeline, "--pipeline-version", "active") == got


def test_parameter_values_given_on_the_command_line_are_used(plane: Plane, name: str, definition: str) -> None:
    pipeline = created(plane, name, definition)
    other = plane.bucket(f"{name}-other-{plane.control}"[:63])
    plane.client("s3").put_object(Bucket=other, Key="in/a.csv", Body=b"x\n")
    plane.aws("activate-pipeline", "--pipeline-id", pipeline, "--parameter-values", f"myBucket={other}")
    finished(plane, pipeline)
    assert plane.client("s3").get_object(Bucket=other, Key="out/a.csv")["Body"].read() == b"x\n"


def test_the_remaining_commands_answer(plane: Plane, name: str, definition: str) -> None:
    pipeline = created(plane, name, definition)
    at = ("--pipeline-id", pipeline)
    plane.aws("add-tags", *at, "--tags", "key=team,value=data", "key=stage,value=test")
    plane.aws("remove-tags", *at, "--tag-keys", "stage")
    described = plane.aws("describe-pipelines", "--pipeline-ids", pipeline)["pipelineDescriptionList"][0]
    assert described["tags"] == [{"key": "team", "value": "data"}]
    raw = json.dumps([{"id": "Lonely", "name": "Lonely", "fields": [{"key": "type", "stringValue": "CopyActivity"}]}])
    verdict = plane.aws("validate-pipeline-definition", *at, "--pipeline-objects", raw)
    assert verdict["errored"] is True
    assert verdict["validationErrors"][0]["id"] == "Lonely"
    components = plane.aws("query-objects", *at, "--sphere", "COMPONENT")["ids"]
    assert {"In", "Out", "Copy"} <= set(components)
    objects = plane.aws("describe-objects", *at, "--object-ids", "Copy")["pipelineObjects"]
    assert [item["id"] for item in objects] == ["Copy"]
    evaluated = plane.aws("evaluate-expression", *at, "--object-id", "In", "--expression", "#{1 + 2} #{type}")
    assert evaluated == {"evaluatedExpression": "3 S3DataNode"}
    assert plane.aws("poll-for-task", "--worker-group", name, "--cli-read-timeout", "90") in (None, {})
    heartbeat = plane.aws("report-task-runner-heartbeat", "--taskrunner-id", name)
    assert heartbeat == {"terminate": False}
    plane.aws("activate-pipeline", *at)
    finished(plane, pipeline)
    plane.aws("set-status", *at, "--object-ids", "Copy", "--status", "PAUSE")
    plane.aws("deactivate-pipeline", *at, "--no-cancel-active")


def test_default_roles_can_be_created(plane: Plane) -> None:
    done = plane.cli("datapipeline", "create-default-roles")
    assert done.returncode == 0, done.stderr


def test_a_wrong_request_is_a_modelled_error(plane: Plane) -> None:
    for command in (
        ("describe-pipelines", "--pipeline-ids", "df-NOSUCHPIPELINE"),
        ("activate-pipeline", "--pipeline-id", "df-NOSUCHPIPELINE"),
    ):
        done = plane.cli("datapipeline", *command)
        assert done.returncode != 0
        assert "PipelineNotFoundException" in done.stderr


def test_one_endpoint_variable_is_enough(plane: Plane) -> None:
    environment = plane.environment
    environment.pop("AWS_ENDPOINT_URL_DATA_PIPELINE")
    client = plane.client("sts")
    assert client.get_caller_identity()["Account"] == "123456789012"
    program = str(Path(sys.executable).with_name("aws"))
    done = subprocess.run(
        [program, "datapipeline", "list-pipelines"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
