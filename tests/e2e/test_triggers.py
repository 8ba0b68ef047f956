"""Events from outside start runs: real puts to the embedded S3, through boto3."""

from typing import Any

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


def test_many_objects_dropped_at_once_are_each_copied_once(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    pipeline = Pipeline(plane, name, on_objects(bucket)).activate()
    keys = [f"in/{number}.csv" for number in range(8)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    pipeline.until("Copy", *["FINISHED"] * len(keys))
    copied = s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]
    assert sorted(item["Key"] for item in copied) == [f"out/{key}" for key in keys]
