"""A source that has eight of the nineteen operations, and none that says what ran: moto's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from tests.contract.wire.conftest import client_of
from tests.contract.wire.moving import Move, make, scheduled, shell


@pytest.fixture
def poor() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = boto3.Session("a", "b", region_name="us-east-1")
    once = Config(retries={"total_max_attempts": 1})
    yield session.client("datapipeline", endpoint_url=f"http://{host}:{port}", config=once)
    server.stop()


def test_what_a_poor_source_cannot_say_is_said_and_not_guessed(poor: Any, tmp_path: Path) -> None:
    move = Move(poor, client_of("800000000000"), tmp_path)
    made = make(poor, "daily", scheduled(shell()))
    poor.activate_pipeline(pipelineId=made)
    [found] = move.report()["pipelines"]
    assert (found["summary"], found["next"]) == ("needs a Task Runner", {})
    assert "The source does not answer" in found["gaps"][0]
    assert "1 created" in move.run("create", made)[1]
    assert "1 unchanged" in move.run("create", made)[1]
    status, said = move.run("switch", made)
    assert (status, "what ran is not known" in said) == (1, True)
