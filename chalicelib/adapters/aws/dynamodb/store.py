"""The whole store over DynamoDB's tables."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.adapters.aws.dynamodb.chunks import DynamoChunks
from chalicelib.adapters.aws.dynamodb.definitions import DynamoDefinitions
from chalicelib.adapters.aws.dynamodb.events import DynamoEvents
from chalicelib.adapters.aws.dynamodb.history import DynamoHistory
from chalicelib.adapters.aws.dynamodb.keys import DynamoKeys
from chalicelib.adapters.aws.dynamodb.pipelines import DynamoPipelines
from chalicelib.adapters.aws.dynamodb.states import DynamoStates
from chalicelib.adapters.aws.dynamodb.table import Pause, Table
from chalicelib.adapters.aws.dynamodb.tasks import DynamoRunners, DynamoTasks
from chalicelib.adapters.aws.dynamodb.waiting import DynamoWaiting
from chalicelib.adapters.records import RETENTION
from chalicelib.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class TableNames:
    """Names of the tables that infra/foundation.yaml makes."""

    pipelines: str
    states: str
    history: str
    work: str
    events: str


class DynamoStore(
    DynamoPipelines,
    DynamoDefinitions,
    DynamoKeys,
    DynamoStates,
    DynamoHistory,
    DynamoTasks,
    DynamoRunners,
    DynamoChunks,
    DynamoEvents,
    DynamoWaiting,
):
    """ports/store.Store.

    client     a boto3 DynamoDB client
    retention  how long history, heartbeats, forgotten fan-outs and tasks are kept
    pause      sleeps so many seconds: between repeated batches and between polls for a task
    """

    def __init__(
        self,
        client: Any,
        tables: TableNames,
        clock: Clock,
        retention: timedelta = RETENTION,
        pause: Pause = time.sleep,
    ) -> None:
        self._pipelines = Table(client, tables.pipelines, pause)
        self._states = Table(client, tables.states, pause)
        self._history = Table(client, tables.history, pause)
        self._work = Table(client, tables.work, pause)
        self._events = Table(client, tables.events, pause)
        self._clock = clock
        self._retention = retention
        self._pause = pause
