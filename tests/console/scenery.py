"""What every view is looked at with: pipelines that ran, failed, wait and were started by events."""

import json
import socket
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from local.inputs import BUCKET, put_inputs
from tests.console.rest import Rest
from tests.e2e.definitions import default
from tests.e2e.plane import Plane, eventually

HOURS = 6
GATE = "gate-pictures"
INGEST_KEY = "penstock-local"


@dataclass(frozen=True, slots=True)
class Scenery:
    """Ids of pipelines, and of what is looked at in them."""

    weather: str
    before: str
    after: str
    run: str
    failed: str
    finished: str
    data: str
    readings: str
    plant: str
    faces: str
    seen: str

    @classmethod
    def set(cls, plane: Plane, rest: Rest) -> "Scenery":
        """Make it all and wait until it stands."""
        put_inputs(plane.client("s3"))
        now = datetime.now(UTC)
        weather = rest.pipeline("Seattle weather", weather_by_hour(now, "0"), description=_WEATHER, tags=_TAGS)
        rest("PUT", f"/pipelines/{weather}/definition", weather_by_hour(now))
        after, before = (str(each["version"]) for each in rest("GET", f"/pipelines/{weather}/versions")["items"])
        readings = rest.pipeline("Plant readings", readings_by_call(), description="Calls of the plants' gateways")
        plant = rest.pipeline("Nightly count", count_at_plant(now), tags={"team": "plants"})
        pictures(plane)
        faces = rest.pipeline("Faces at the gate", {"objects": faces_in_pictures()}, tags={"team": "safety"})
        for pipeline in (weather, readings, plant, faces):
            rest("POST", f"/pipelines/{pipeline}/activate", {})
        plane.datapipeline.report_task_runner_heartbeat(
            taskrunnerId="plant-north-1", workerGroup="plant-north", hostname=socket.gethostname()[:20]
        )
        for number, bucket in enumerate((BUCKET, BUCKET, "no-such-bucket")):
            call(plane, readings, {"bucket": bucket, "plant": "north", "celsius": 20 + number})
        run = ended(rest, weather, "FAILED")
        instances = {item["componentId"]: item for item in rest("GET", f"/pipelines/{weather}/runs/{run}")["instances"]}
        eventually(lambda: _dead(rest, readings), what="a dead event")
        return cls(
            weather=weather,
            before=before,
            after=after,
            run=run,
            failed=instances["Publish"]["instanceId"],
            finished=instances["TakeSnapshot"]["instanceId"],
            data=instances["Snapshot"]["instanceId"],
            readings=readings,
            plant=plant,
            faces=faces,
            seen=eventually(lambda: _looked(rest, faces), 120, "pictures looked at"),
        )


def _dead(rest: Rest, pipeline: str) -> bool:
    return bool(rest("GET", f"/pipelines/{pipeline}/events?standing=dead")["items"])


def _looked(rest: Rest, pipeline: str) -> str | None:
    found = rest("GET", f"/pipelines/{pipeline}/instances?component=Look")["items"]
    return found[0]["instanceId"] if found and found[0]["status"] == "FINISHED" else None


def pictures(plane: Plane) -> None:
    """A person and a cup."""
    plane.client("s3").create_bucket(Bucket=GATE)
    for name in ("astronaut.png", "coffee.png"):
        body = files("skimage").joinpath("data", name).read_bytes()
        plane.client("s3").put_object(Bucket=GATE, Key=f"pictures/{name}", Body=body)


def faces_in_pictures() -> list[dict[str, Any]]:
    """Look for faces in all of them."""
    return [
        default(),
        {"id": "Pictures", "type": "S3DataNode", "directoryPath": f"s3://{GATE}/pictures"},
        {"id": "Faces", "type": "S3DataNode", "directoryPath": f"s3://{GATE}/faces"},
        {
            "id": "Look",
            "type": "InferenceActivity",
            "analysis": "faces",
            "input": {"ref": "Pictures"},
            "output": {"ref": "Faces"},
        },
    ]


def ended(rest: Rest, pipeline: str, status: str) -> str:
    """The newest run of this status, once as many as there were hours are over."""

    def listed() -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = rest("GET", f"/pipelines/{pipeline}/runs?limit=50")["items"]
        return found

    def found() -> str | None:
        over = [run for run in listed() if run["status"] in ("FINISHED", "FAILED", "CASCADE_FAILED")]
        return next((run["runId"] for run in over if run["status"] == status), None) if len(over) >= HOURS else None

    return eventually(found, 90, lambda: json.dumps(listed()))


def call(plane: Plane, pipeline: str, payload: Mapping[str, Any]) -> None:
    """Start a run of a pipeline that listens for calls."""
    address = f"{plane.endpoints['api']}/v1/ingest/{pipeline}"
    headers = {"Content-Type": "application/json", "X-Api-Key": INGEST_KEY}
    request = urllib.request.Request(address, json.dumps(payload).encode(), headers, method="POST")
    ask: Callable[[], Any] = lambda: urllib.request.urlopen(request, timeout=30).status  # noqa: E731
    assert ask() == 202


_WEATHER = "Takes a snapshot of the public data sets every hour and publishes the weather of Seattle"
_TAGS = {"team": "climate", "stage": "production"}


def weather_by_hour(now: datetime, retries: str = "1") -> dict[str, Any]:
    """Hourly snapshots; where they are published does not exist."""
    start = (now - timedelta(hours=HOURS)).strftime("%Y-%m-%dT%H:00:00")
    hourly = default(scheduleType="timeseries", pipelineLogUri=f"s3://{BUCKET}/logs/", maximumRetries=retries)
    return {
        "objects": [
            hourly | {"schedule": {"ref": "Hourly"}},
            {
                "id": "Hourly",
                "type": "Schedule",
                "period": "1 hour",
                "startDateTime": start,
            },
            {
                "id": "DataSets",
                "type": "S3DataNode",
                "directoryPath": "s3://#{myBucket}/datasets",
                "precondition": {"ref": "Arrived"},
            },
            {"id": "Arrived", "type": "S3PrefixNotEmpty", "s3Prefix": "s3://#{myBucket}/datasets"},
            {
                "id": "Snapshot",
                "type": "S3DataNode",
                "directoryPath": "s3://#{myBucket}/hourly/#{format(@scheduledStartTime, 'YYYY-MM-dd-HH')}",
            },
            {
                "id": "TakeSnapshot",
                "type": "CopyActivity",
                "input": {"ref": "DataSets"},
                "output": {"ref": "Snapshot"},
            },
            {"id": "Weather", "type": "S3DataNode", "filePath": "s3://#{myBucket}/datasets/seattle-weather.csv"},
            {"id": "Public", "type": "S3DataNode", "filePath": "s3://weather-of-seattle-published/newest.csv"},
            {
                "id": "Publish",
                "type": "CopyActivity",
                "input": {"ref": "Weather"},
                "output": {"ref": "Public"},
                "dependsOn": {"ref": "TakeSnapshot"},
            },
        ],
        "parameters": [{"id": "myBucket", "type": "String", "description": "Bucket that holds datasets/"}],
        "values": {"myBucket": BUCKET},
    }


def readings_by_call() -> dict[str, Any]:
    """Write each call down in the bucket that it names."""
    return {
        "objects": [
            default(maximumRetries="0") | {"trigger": {"ref": "Called"}},
            {"id": "Called", "type": "HttpTrigger"},
            {"id": "Calls", "type": "EventBatchDataNode"},
            {
                "id": "Readings",
                "type": "S3DataNode",
                "filePath": "s3://#{trigger.@payload.bucket}/readings/#{trigger.@payload.celsius}.jsonl",
            },
            {"id": "WriteDown", "type": "CopyActivity", "input": {"ref": "Calls"}, "output": {"ref": "Readings"}},
        ]
    }


def count_at_plant(now: datetime) -> dict[str, Any]:
    """A command for a Task Runner that never comes."""
    return {
        "objects": [
            default(scheduleType="timeseries") | {"schedule": {"ref": "Nightly"}},
            {
                "id": "Nightly",
                "type": "Schedule",
                "period": "1 day",
                "startDateTime": (now - timedelta(hours=2)).strftime("%Y-%m-%dT%H:00:00"),
            },
            {
                "id": "Count",
                "type": "ShellCommandActivity",
                "command": "wc -l /var/plant/#{format(@scheduledStartTime, 'YYYY-MM-dd')}.csv",
                "workerGroup": "plant-north",
            },
        ]
    }
