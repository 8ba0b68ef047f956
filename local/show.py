"""The samples, as a user would run them: through the AWS CLI, followed until every run has ended."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.cli import AwsCli
from local.follow import Follower, Sample, Say
from local.inputs import BUCKET

SAMPLES = Path(__file__).resolve().parent / "samples"
NAMES = ("copy", "backfill", "shell")
TOPIC = "penstock-samples"


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

    def run(self, datapipeline: Any, names: Sequence[str] = NAMES) -> bool:
        """Run the samples at the same time; whether every run of every one FINISHED in time."""
        samples = [self._put(name) for name in names]
        follower = Follower(datapipeline, samples, self._say)
        follower.start()
        for sample in samples:
            self._tell("activate-pipeline", "--pipeline-id", sample.pipeline_id)
        finished = follower.finished()
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


def activity_runs(definition: Mapping[str, Any]) -> int:
    """How many runs of activities a definition asks for: one per activity, times the occurrences of its schedule."""
    occurrences = [int(item["occurrences"]) for item in definition["objects"] if "occurrences" in item]
    activities = [item for item in definition["objects"] if item.get("type", "").endswith("Activity")]
    return len(activities) * max(occurrences, default=1)


def results(s3: Any, prefixes: Sequence[str] = ("copied/", "hourly/", "counts/")) -> Sequence[str]:
    """One line for each object that the samples made, with its size in bytes, and one for all logs."""
    lines = [f"{size:>10}  s3://{BUCKET}/{key}" for prefix in prefixes for key, size in _listed(s3, prefix)]
    logs = [size for _, size in _listed(s3, "logs/")]
    return [*lines, f"{sum(logs):>10}  s3://{BUCKET}/logs/ ({len(logs)} objects)"]


def _listed(s3: Any, prefix: str) -> Iterator[tuple[str, int]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        yield from ((item["Key"], item["Size"]) for item in page.get("Contents", ()))


def counted(s3: Any) -> Sequence[str]:
    """The lines that the shell sample's command wrote: how many days, and how many of each kind of weather."""
    kinds: bytes = s3.get_object(Bucket=BUCKET, Key="counts/kinds.txt")["Body"].read()
    days: bytes = s3.get_object(Bucket=BUCKET, Key="counts/days.txt")["Body"].read()
    return [f"{days.decode().strip():>7} days", *kinds.decode().splitlines()]


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
