"""What the event samples share: putting a pipeline with the AWS CLI, waiting for its runs, timing them."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.cli import AwsCli
from local.event_samples.watch import Timed, Watch
from local.follow import Say

DEFINITIONS = Path(__file__).resolve().parent.parent / "samples"
LONGEST_SECONDS = 180
LOOK_SECONDS = 0.2
Clients = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a sample works with.

    clients    boto3 clients of the embedded AWS, by service
    mqtt       where MQTT is spoken in the clear
    directory  for definitions, recordings and pictures
    """

    clients: Clients
    mqtt: str
    aws: AwsCli
    say: Say
    directory: Path
    watch: Watch

    def tell(self, *arguments: str) -> Any:
        """Run an AWS CLI command, shown; its JSON."""
        self.say(f"$ aws {' '.join(arguments)}")
        return self.aws.json(*arguments)


def armed(stage: Stage, name: str, values: Mapping[str, str]) -> str:
    """Create, put and activate a sample with the AWS CLI; the pipeline's id, watched from now on."""
    definition: dict[str, Any] = json.loads((DEFINITIONS / f"{name}.json").read_text())
    definition["values"] |= values
    stage.directory.mkdir(parents=True, exist_ok=True)
    file = stage.directory / f"{name}.json"
    file.write_text(json.dumps(definition, indent=2))
    unique = f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    pipeline_id: str = stage.tell("datapipeline", "create-pipeline", "--name", name, "--unique-id", unique)[
        "pipelineId"
    ]
    here = ("--pipeline-id", pipeline_id)
    put = stage.tell("datapipeline", "put-pipeline-definition", *here, "--pipeline-definition", f"file://{file}")
    if put["errored"]:
        raise RuntimeError(f"sample {name} does not validate: {put['validationErrors']}")
    stage.tell("datapipeline", "activate-pipeline", *here)
    wait_for(lambda: _state(stage, pipeline_id) == "SCHEDULED", f"sample {name} to listen")
    stage.watch.follow(pipeline_id)
    return pipeline_id


def _state(stage: Stage, pipeline_id: str) -> str:
    answer = stage.clients("datapipeline").describe_pipelines(pipelineIds=[pipeline_id])
    fields = answer["pipelineDescriptionList"][0]["fields"]
    return next((str(field["stringValue"]) for field in fields if field["key"] == "@pipelineState"), "")


def wait_for(true: Callable[[], bool], what: str) -> None:
    """Look until it is true. Raises RuntimeError when it takes too long."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {LONGEST_SECONDS} s for {what}")
        time.sleep(LOOK_SECONDS)


def statuses(stage: Stage, pipeline_id: str, component: str) -> Sequence[str]:
    """The status of every run of one component."""
    datapipeline = stage.clients("datapipeline")
    query = {"selectors": [{"fieldName": "@componentParent", "operator": {"type": "REF_EQ", "values": [component]}}]}
    pages = datapipeline.get_paginator("query_objects").paginate(pipelineId=pipeline_id, sphere="INSTANCE", query=query)
    ids = [name for page in pages for name in page["ids"]]
    found: list[str] = []
    for at in range(0, len(ids), 100):
        described = datapipeline.describe_objects(pipelineId=pipeline_id, objectIds=ids[at : at + 100])
        found += [_status(item) for item in described["pipelineObjects"]]
    return found


def _status(item: Mapping[str, Any]) -> str:
    return next(str(field["stringValue"]) for field in item["fields"] if field["key"] == "@status")


def elapsed(timed: Sequence[Timed], came: Callable[[Timed], float | None]) -> tuple[list[float], list[float]]:
    """Seconds from the event of each task to its begin, and to its end; tasks of unknown events are left out."""
    pairs = [(came(item), item) for item in timed]
    known = [(at, item) for at, item in pairs if at is not None]
    return [item.begun - at for at, item in known], [(item.ended or item.begun) - at for at, item in known]
