"""The samples, as a user would run them: through the AWS CLI, followed until every run has ended."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.cli import AwsCli
from local.inputs import BUCKET

SAMPLES = Path(__file__).resolve().parent / "samples"
NAMES = ("copy", "backfill", "shell")
TOPIC = "penstock-samples"
LONGEST = timedelta(minutes=4)
LOOK_SECONDS = 0.5
ENDED = frozenset({"FINISHED", "FAILED", "CASCADE_FAILED", "CANCELED", "TIMEDOUT", "SKIPPED"})
Say = Callable[[str], None]
Run = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was put; `activity_runs` is how many runs of activities its definition asks for."""

    name: str
    pipeline_id: str
    activity_runs: int


def prepared(name: str, now: datetime) -> dict[str, Any]:
    """A sample's definition, its schedules moved so that all their occurrences lie in the last hours before `now`."""
    definition: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    for item in definition["objects"]:
        if "startDateTime" in item:
            start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=int(item["occurrences"]))
            item["startDateTime"] = start.strftime("%Y-%m-%dT%H:%M:%S")
    return definition


class Show:
    """Runs samples and tells what happens."""

    def __init__(self, aws: AwsCli, say: Say, directory: Path) -> None:
        self._aws = aws
        self._say = say
        self._directory = directory

    def run(self, names: Sequence[str] = NAMES) -> bool:
        """Run the samples at the same time; whether every run of every one FINISHED in time."""
        samples = [self._put(name) for name in names]
        for sample in samples:
            self._tell("activate-pipeline", "--pipeline-id", sample.pipeline_id)
        self._say("\nWhat list-runs tells of them, each change once:")
        finished = self._follow(samples)
        for sample in samples:
            self._say(f"\n$ aws datapipeline list-runs --pipeline-id {sample.pipeline_id}")
            self._say(self._aws.text("datapipeline", "list-runs", "--pipeline-id", sample.pipeline_id).rstrip())
        return finished

    def _put(self, name: str) -> Sample:
        now = datetime.now(UTC)
        self._directory.mkdir(parents=True, exist_ok=True)
        file = self._directory / f"{name}.json"
        definition = prepared(name, now)
        file.write_text(json.dumps(definition, indent=2))
        unique = f"{name}-{now:%Y%m%dT%H%M%S%f}"
        created = self._tell("create-pipeline", "--name", name, "--unique-id", unique)
        pipeline = created["pipelineId"]
        put = self._tell(
            "put-pipeline-definition", "--pipeline-id", pipeline, "--pipeline-definition", f"file://{file}"
        )
        if put["errored"]:
            raise RuntimeError(f"sample {name} does not validate: {put['validationErrors']}")
        return Sample(name, pipeline, activity_runs(definition))

    def _tell(self, *arguments: str) -> Any:
        self._say(f"$ aws datapipeline {' '.join(arguments)}")
        return self._aws.json("datapipeline", *arguments)

    def _follow(self, samples: Sequence[Sample]) -> bool:
        deadline = time.monotonic() + LONGEST.total_seconds()
        seen: dict[str, str] = {}
        last: dict[str, Sequence[Run]] = {sample.name: () for sample in samples}
        while time.monotonic() < deadline:
            going = [sample for sample in samples if not over(sample, last[sample.name])]
            if not going:
                return all(run["@status"] == "FINISHED" for runs in last.values() for run in runs)
            for sample in going:
                last[sample.name] = self._look(sample, seen)
            time.sleep(LOOK_SECONDS)
        return False

    def _look(self, sample: Sample, seen: dict[str, str]) -> Sequence[Run]:
        runs: Sequence[Run] = self._aws.json("datapipeline", "list-runs", "--pipeline-id", sample.pipeline_id)
        for run in runs:
            key = f"{sample.name} {run['@id']}"
            if seen.get(key) != run["@status"]:
                seen[key] = run["@status"]
                self._say(f"  {datetime.now(UTC):%H:%M:%S}  {sample.name:<9} {run['@id']:<40} {run['@status']}")
        return runs


def activity_runs(definition: Mapping[str, Any]) -> int:
    """How many runs of activities a definition asks for: one per activity, times the occurrences of its schedule."""
    occurrences = [int(item["occurrences"]) for item in definition["objects"] if "occurrences" in item]
    activities = [item for item in definition["objects"] if item.get("type", "").endswith("Activity")]
    return len(activities) * max(occurrences, default=1)


def over(sample: Sample, runs: Sequence[Run]) -> bool:
    """Whether every run that the sample asks for is there and has ended."""
    activities = [run for run in runs if run.get("type", "").endswith("Activity")]
    return len(activities) >= sample.activity_runs and all(run["@status"] in ENDED for run in runs)


def results(s3: Any, prefixes: Sequence[str] = ("copied/", "hourly/", "counts/")) -> Sequence[str]:
    """One line for each object that the samples made, with its size in bytes, and one for all logs."""
    lines = [f"{size:>10}  s3://{BUCKET}/{key}" for prefix in prefixes for key, size in _listed(s3, prefix)]
    logs = [size for _, size in _listed(s3, "logs/")]
    return [*lines, f"{sum(logs):>10}  s3://{BUCKET}/logs/ ({len(logs)} objects)"]


def _listed(s3: Any, prefix: str) -> Iterator[tuple[str, int]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        yield from ((item["Key"], item["Size"]) for item in page.get("Contents", ()))


def listen(sns: Any, sqs: Any) -> str:
    """Make the samples' topic, with a queue subscribed to it; return the queue's address."""
    topic = sns.create_topic(Name=TOPIC)["TopicArn"]
    address: str = sqs.create_queue(QueueName=TOPIC)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return address


def heard(sqs: Any, address: str) -> Sequence[str]:
    """Subject and message of everything that reached the queue."""
    answer = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=2)
    bodies = [json.loads(item["Body"]) for item in answer.get("Messages", ())]
    return [f"{body.get('Subject')}: {body['Message']}" for body in bodies]
