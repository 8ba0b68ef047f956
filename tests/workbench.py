"""Tasks and tools for tests of executors: real storage on moto, a clock that stands still."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId, Ref
from chalicelib.work.journal import Journal, log_folder
from chalicelib.work.tools import Tools

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
ATTEMPT = AttemptId("@Work_2026-02-03T04:00:00_Attempt=1")


def item(name: str, **fields: str | Ref | list[str | Ref]) -> PipelineObject:
    """An evaluated object; a list is a field with several values."""
    flat = [
        Field(key.replace("AT_", "@"), one)
        for key, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return PipelineObject(name, name, tuple(flat))


def task(subject: PipelineObject, *others: PipelineObject, attempt: AttemptId = ATTEMPT) -> Task:
    """A task whose attempt has the fields of `subject`."""
    own = PipelineObject(attempt, attempt, subject.fields)
    objects: Mapping[str, PipelineObject] = {attempt: own, **{other.id: other for other in others}}
    return Task(PipelineId("df-1"), attempt, 1, Placement.SERVERLESS, None, objects)


def databases() -> SqlDatabases:
    """Any server; RDS and Secrets Manager are moto's."""
    return SqlDatabases(lambda service, region: _client(service, region or "us-east-1"))


def warehouses() -> RedshiftData:
    """moto's."""
    return RedshiftData(lambda region: _client("redshift-data", region or "us-east-1"))


@cache
def _client(service: str, region: str) -> Any:
    """Making one takes longer than most tests; moto answers them whenever they were made."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name=region, **keys)


def dynamodb(region: str | None = None) -> Any:
    """A client of moto's tables in a region."""
    return _client("dynamodb", region or "us-east-1")


def tools(given: Task, client: Any, scratch: Path, **changes: Any) -> Tools:
    """Tools over moto, to be used inside `mock_aws`."""
    objects = S3Objects(client)
    defaults: dict[str, Any] = {
        "objects": objects,
        "tables": DynamoTables(dynamodb),
        "databases": databases(),
        "warehouses": warehouses(),
        "journal": Journal(objects, log_folder(given), lambda: NOW),
        "scratch": scratch,
        "environment": {"PATH": "/usr/bin:/bin"},
        "cancelled": lambda: False,
        "time_left": lambda: None,
        "report": lambda fields: None,
    }
    return Tools(**{**defaults, **changes})
