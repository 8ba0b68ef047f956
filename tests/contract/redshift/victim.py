"""A worker to kill at Redshift copies: `python -m tests.contract.redshift.victim ENDPOINT`."""

import sys
from pathlib import Path
from typing import Any

import boto3

from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.run.task import Task
from chalicelib.work.execute import execute
from chalicelib.work.outcome import Outcome
from chalicelib.work.registry import SERVERLESS
from tests.contract.databases.victim import serve
from tests.workbench import tools


def main(endpoint: str) -> None:
    """Until there are no more tasks."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    made: dict[str, Any] = {
        service: boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **keys)
        for service in ("s3", "dynamodb", "redshift-data")
    }
    outside: dict[str, Any] = {
        "tables": DynamoTables(lambda _: made["dynamodb"]),
        "warehouses": RedshiftData(lambda _: made["redshift-data"]),
    }

    def do(task: Task, client: Any) -> Outcome:
        return execute(SERVERLESS, task, tools(task, client, Path("/nonexistent"), resumed=True, **outside))

    serve(made["s3"], do)


if __name__ == "__main__":
    main(sys.argv[1])
