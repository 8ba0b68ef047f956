"""The implementations that the contract suites run over."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from chalicelib.adapters.aws.clock import RandomIds
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.store import SqliteStore
from tests.contract.ports.clocks import RETENTION, SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def fresh() -> Callable[[], str]:
    """Names that no other test uses, in ascending order."""
    prefix, numbers = RandomIds().fresh(), count()
    return lambda: f"df-{prefix}{next(numbers):04d}"


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, clock: SetClock, tmp_path: Path) -> Iterator[SqliteStore]:
    database = open_database(":memory:" if request.param == "memory" else str(tmp_path / "store.db"))
    yield SqliteStore(database, clock, RETENTION)
    database.close()


@pytest.fixture(params=["memory", "file"])
def queues(request: pytest.FixtureRequest, clock: SetClock, tmp_path: Path) -> Iterator[SqliteQueues]:
    database = open_database(":memory:" if request.param == "memory" else str(tmp_path / "queues.db"))
    yield SqliteQueues(database, clock)
    database.close()


@pytest.fixture
def pass_time(queues: SqliteQueues, clock: SetClock) -> Callable[[timedelta], None]:
    """Let the queues see so much time pass."""
    return clock.advance
