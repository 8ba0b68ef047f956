"""A table kept in another region by DynamoDB's own exports, through the service."""

from typing import Any

from tests.e2e.definitions import default
from tests.e2e.plane import Pipeline, Plane


def create(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )


def copying(bucket: str, table: str) -> list[dict[str, Any]]:
    copy = {
        "placement": "serverless",
        "exportType": "FULL_EXPORT",
        "exportDirectoryPath": f"s3://{bucket}/exports",
        "maximumRetries": "0",
    }
    return [
        default(),
        {"id": "Here", "type": "DynamoDBDataNode", "tableName": table, "region": "us-east-1"},
        {"id": "There", "type": "DynamoDBDataNode", "tableName": table, "region": "us-west-2"},
        {"id": "Copy", "type": "HiveCopyActivity", "input": {"ref": "Here"}, "output": {"ref": "There"}, **copy},
    ]


def test_a_table_is_copied_into_another_region_by_a_native_export(plane: Plane, name: str) -> None:
    bucket, table = plane.bucket(f"{name}-{plane.control}"[:63].rstrip("-")), f"{name}-{plane.control}"
    here, there = plane.client("dynamodb"), plane.client("dynamodb", region="us-west-2")
    create(here, table)
    create(there, table)
    for number in range(30):
        here.put_item(TableName=table, Item={"k": {"S": str(number)}, "raw": {"B": b"\x00\xff"}})
    pipeline = Pipeline(plane, name, copying(bucket, table)).activate()
    pipeline.until("Copy", "FAILED")
    message = pipeline.of("Copy", "ATTEMPT")[0]["errorMessage"]
    assert f"{table} in us-east-1: its point-in-time recovery is off" in message
    here.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    pipeline.set_status("RERUN", pipeline.of("Copy")[0]["@id"])
    pipeline.until("Copy", "FINISHED", seconds=90)
    assert pipeline.of("Copy", "ATTEMPT")[-1]["itemsCopied"] == "30"
    found = {item["k"]["S"]: item for item in there.scan(TableName=table)["Items"]}
    assert found == {item["k"]["S"]: item for item in here.scan(TableName=table)["Items"]}
