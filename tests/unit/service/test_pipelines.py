"""Making pipelines, through the services and a store in memory."""

from dataclasses import replace

import pytest

from chalicelib.adapters.aws.clock import RandomIds
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.errors import InvalidRequest
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import Caller
from chalicelib.service.pipelines import CreatePipeline, DeletePipeline, create_pipeline, delete_pipeline
from tests.contract.ports.clocks import SetClock
from tests.unit.service.nobody import Nobody

CALLER = Caller("123456789012", "alice")


@pytest.fixture
def ports() -> Ports:
    clock, database = SetClock(), open_database(":memory:")
    store, queues = SqliteStore(database, clock), SqliteQueues(database, clock)
    return Ports(
        store, queues, clock, RandomIds(), KeySealer(b"k" * 32), Nobody(), Nobody(), replace(Limits(), pipelines=2)
    )


def test_an_account_at_its_limit_is_told_so_until_it_deletes_a_pipeline(ports: Ports) -> None:
    first, _ = (create_pipeline(CreatePipeline("n", text), CALLER, ports) for text in "uv")
    with pytest.raises(InvalidRequest, match="has 2 pipelines, which is as many as it may have: delete one"):
        create_pipeline(CreatePipeline("n", "w"), CALLER, ports)
    assert create_pipeline(CreatePipeline("n", "u"), CALLER, ports) == first
    delete_pipeline(DeletePipeline(first), CALLER, ports)
    assert create_pipeline(CreatePipeline("n", "w"), CALLER, ports) != first
