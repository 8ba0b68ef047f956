"""What the embedded AWS promises beyond moto: conditional writes that exactly one of many callers wins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.aws.dynamodb.store import DynamoStore, TableNames
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Conflict
from chalicelib.ports.store import StoredState
from local import embedded, foundation
from local.environment import environment
from tests.contract.ports.racing import race

RUNNERS = 12


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoStore]:
    log = tmp_path_factory.mktemp("embedded") / "aws.log"
    child, url = embedded.start(0, "http://127.0.0.1:9/datapipeline", environment(None, None), Path(log))
    outputs = foundation.create(_client("cloudformation", url), "race")
    tables = TableNames(*(outputs[f"{name}TableName"] for name in ("Pipelines", "States", "History", "Work", "Events")))
    yield DynamoStore(_client("dynamodb", url), tables, SystemClock())
    child.stop()


def _client(service: str, url: str) -> Any:
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="penstock",
        aws_secret_access_key="penstock",
        config=Config(max_pool_connections=RUNNERS),
    )


def test_of_many_writers_at_once_one_commits(store: DynamoStore) -> None:
    for number in range(20):
        pipeline = PipelineId(f"df-{number}")

        def commit(writer: int, pipeline: PipelineId = pipeline) -> bool:
            try:
                store.save_state(pipeline, StoredState(bytes([writer]), 1), None)
            except Conflict:
                return False
            return True

        won = race(RUNNERS, commit)
        stored = store.load_state(pipeline)
        assert won.count(True) == 1
        assert stored is not None
        assert stored.payload == bytes([won.index(True)])
