"""What a tick reads when 10 pipelines are due: of 100 active ones, and of 10,000."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from moto import mock_aws

from bench.counting import counting
from bench.deployed import create_foundation
from bench.engine import Hand, Nowhere
from bench.report import Figure, Goal, Report
from bench.units import units_of
from chalicelib.adapters.aws.dynamodb.items import Item
from chalicelib.adapters.aws.dynamodb.states import DynamoStates
from chalicelib.adapters.aws.dynamodb.store import DynamoStore, TableNames
from chalicelib.adapters.aws.dynamodb.table import Table
from chalicelib.adapters.aws.sqs import QueueUrls, SqsQueues
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.queues import Queue
from chalicelib.ports.store import StoredState
from chalicelib.service.tick import tick

STAGE = "tick"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
DUE = 10
SIZES = (100, 10_000)
ITEM = b"s" * 800
"""Stands for a live item; a tick reads none."""


@dataclass(frozen=True, slots=True)
class Reads:
    """Of one tick: requests by operation, read units, timers sent."""

    requests: Mapping[str, int]
    units: float
    due: int


class Collected(Table):
    """A table that keeps what is put into it, to be written in batches."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def put(self, item: Item, *_: object) -> None:
        self.items.append(item)


def reads_of_a_tick(pipelines: int, due: int) -> Reads:
    """Count on DynamoDB as moto plays it; `due` of the pipelines are due within the minute, the others within a day."""
    with mock_aws():
        outputs = create_foundation(STAGE)
        client, sqs = _client("dynamodb"), _client("sqs")
        names = TableNames(
            *(outputs[f"{part}TableName"] for part in ("Pipelines", "States", "History", "Work", "Events"))
        )
        _fill(Table(client, names.states), pipelines, due)
        ports = _ports(DynamoStore(client, names, Hand(NOW)), _queues(sqs))
        with units_of(client, [names.states]) as units, counting(client) as counted:
            found = tick(ports)
            return Reads(dict(counted.of("dynamodb")), sum(units.reads.values()) / 2, found)


def _fill(table: Table, pipelines: int, due: int) -> None:
    collected = Collected()
    states = DynamoStates(collected)
    for number in range(pipelines):
        wait = timedelta(seconds=2 * number + 1) if number < due else timedelta(seconds=120 + 8 * number)
        states.save_state(PipelineId(f"df-{number:08d}"), StoredState(ITEM, 1), NOW + wait)
    table.put_many(collected.items)


def _queues(client: Any) -> SqsQueues:
    url = client.get_queue_url(QueueName=f"penstock-{STAGE}-timers")["QueueUrl"]
    return SqsQueues(client, {Queue.TIMERS: QueueUrls(url, url)})


def _ports(store: DynamoStore, queues: SqsQueues) -> Ports:
    clock, nowhere = Hand(NOW), Nowhere()
    return Ports(
        store=store,
        sender=queues,
        clock=clock,
        ids=clock,
        sealer=nowhere,
        notifier=nowhere,
        compute=nowhere,
        limits=Limits(),
    )


def _client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="bench", aws_secret_access_key="bench")


def run(_: Sequence[str]) -> Report:
    """Both sizes."""
    found = {size: reads_of_a_tick(size, DUE) for size in SIZES}
    figures: dict[str, Figure] = {}
    for size, reads in found.items():
        figures |= {f"requests_{size}": sum(reads.requests.values()), f"read_units_{size}": reads.units}
    few, many = (found[size] for size in SIZES)
    figures["read_units_growth"] = many.units / few.units
    figures["requests_growth"] = sum(many.requests.values()) / sum(few.requests.values())
    return Report(
        bench="tick",
        head=("active pipelines", "due", "DynamoDB requests", "read units"),
        rows=tuple(
            (f"{size:,}", reads.due, sum(reads.requests.values()), reads.units) for size, reads in found.items()
        ),
        figures=figures,
        goals=(Goal("requests_growth", at_most=1), Goal("read_units_growth", at_most=1)),
        notes=("One query a shard of the wake index; it holds keys only, so live items are not read.",),
    )
