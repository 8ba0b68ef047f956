"""Events from outside start runs: real puts to the embedded S3 through boto3, real calls of the ingest endpoint."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.e2e.definitions import default
from tests.e2e.plane import Pipeline, Plane, eventually

KEY = "in/a b+c%20ü.csv"


def on_objects(bucket: str, **fields: str) -> list[dict[str, Any]]:
    """Copy every object that arrives under in/ to out/."""
    return [
        default(maxActiveInstances="3") | {"trigger": {"ref": "Dropped"}},
        {"id": "Dropped", "type": "S3EventTrigger", "bucket": bucket, "prefix": "in/"} | fields,
        {"id": "In", "type": "S3DataNode", "filePath": "s3://#{trigger.@bucket}/#{trigger.@key}"},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://#{trigger.@bucket}/out/#{trigger.@key}"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    ]


def test_an_object_that_is_dropped_is_copied_by_one_run(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    pipeline = Pipeline(plane, name, on_objects(bucket)).activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)
    assert pipeline.ids() == []
    s3.put_object(Bucket=bucket, Key="elsewhere/x.csv", Body=b"0")
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"1")
    pipeline.until("Copy", "FINISHED")
    assert s3.get_object(Bucket=bucket, Key=f"out/{KEY}")["Body"].read() == b"1"
    (instance,) = pipeline.of("Copy")
    told = plane.datapipeline.evaluate_expression(
        pipelineId=pipeline.id, objectId=instance["@id"], expression="#{trigger.@key} of #{trigger.@size}"
    )
    assert told["evaluatedExpression"] == f"{KEY} of 1"


def test_many_objects_dropped_at_once_are_each_copied_once(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    pipeline = Pipeline(plane, name, on_objects(bucket)).activate()
    keys = [f"in/{number}.csv" for number in range(8)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    pipeline.until("Copy", *["FINISHED"] * len(keys))
    copied = s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]
    assert sorted(item["Key"] for item in copied) == [f"out/{key}" for key in keys]


def test_objects_that_notify_the_queue_straight_and_through_a_topic_start_one_run_each(plane: Plane, name: str) -> None:
    s3, sns, sqs = (plane.client(service) for service in ("s3", "sns", "sqs"))
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    pipeline = Pipeline(plane, name, on_objects(bucket)).activate()
    address = sqs.get_queue_url(QueueName="penstock-local-arrivals")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    told = {
        "QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}],
        "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}],
        "EventBridgeConfiguration": {},
    }
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    for key in ("in/1", KEY):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    pipeline.until("Copy", "FINISHED", "FINISHED")
    depth = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    eventually(
        lambda: set(sqs.get_queue_attributes(QueueUrl=address, AttributeNames=depth)["Attributes"].values()) == {"0"}
    )
    assert pipeline.statuses("Copy") == ["FINISHED", "FINISHED"]


def called(plane: Plane, pipeline: str, body: str, **headers: str) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(f"{plane.endpoints['api']}/v1/ingest/{pipeline}", body.encode(), method="POST")
    for key, value in {"Content-Type": "application/json", **headers}.items():
        request.add_header(key.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.fixture
def readings(plane: Plane, name: str) -> Pipeline:
    """A pipeline that writes its calls down, two a run."""
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    objects = [
        default() | {"trigger": {"ref": "Called"}},
        {"id": "Called", "type": "HttpTrigger", "keyId": "local", "batchSize": "2", "batchWindow": "1 minute"},
        {"id": "Calls", "type": "EventBatchDataNode"},
        {"id": "Out", "type": "S3DataNode", "filePath": f"s3://{bucket}/#{{trigger.@payload.plant}}.jsonl"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "Calls"}, "output": {"ref": "Out"}},
    ]
    return Pipeline(plane, name, objects).activate()


def test_calls_are_written_down_as_one_batch(plane: Plane, name: str, readings: Pipeline) -> None:
    key = {"x_api_key": "penstock-local"}
    assert called(plane, readings.id, "{}")[0] == 403
    answers = [
        called(plane, readings.id, json.dumps({"plant": "north", "value": value}), idempotency_key=f"k{value}", **key)
        for value in (7, 7, 8)
    ]
    assert [status for status, _ in answers] == [202] * 3
    assert answers[0][1]["event"] == answers[1][1]["event"] != answers[2][1]["event"]
    readings.until("Copy", "FINISHED")
    bucket = f"{name}-{plane.control}"[:63]
    written = plane.client("s3").get_object(Bucket=bucket, Key="north.jsonl")["Body"].read()
    assert [json.loads(line)["payload"]["value"] for line in written.splitlines()] == [7, 8]


def test_a_pipeline_that_was_deactivated_no_longer_listens(plane: Plane, readings: Pipeline) -> None:
    plane.datapipeline.deactivate_pipeline(pipelineId=readings.id)
    assert called(plane, readings.id, "{}", x_api_key="penstock-local")[0] == 404
