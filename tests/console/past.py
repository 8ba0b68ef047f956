"""Runs that a pipeline never had: instances written into its history by the store itself, as many as a test wants."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.run.plan import instance_id
from chalicelib.domain.run.state import Attempt, Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import ComponentId, PipelineId
from tests.e2e.plane import Plane

HOUR = timedelta(hours=1)
NEWEST = datetime(2026, 11, 20, 12, tzinfo=UTC)


def put_past(plane: Plane, pipeline: str, components: Sequence[str], runs: int) -> None:
    """One run an hour, the newest beginning at NEWEST; every seventh instance FAILED, with two attempts."""
    store = SqliteStore(open_database(str(plane.home / "penstock.sqlite")), SystemClock())
    numbered = [(name, back) for back in range(runs) for name in components]
    instances = [_instance(name, back, (back * 3 + place) % 7 == 0) for place, (name, back) in enumerate(numbered)]
    store.put_history(PipelineId(pipeline), instances)


def _instance(component: str, back: int, failed: bool) -> Instance:
    start = NEWEST - back * HOUR
    status = Status.FAILED if failed else Status.FINISHED
    ended = start + timedelta(minutes=5)
    attempts = tuple(Attempt(number, status, start, ended=ended) for number in range(1, 3 if failed else 2))
    return Instance(
        id=instance_id(ComponentId(component), start),
        component=ComponentId(component),
        index=1_000_000 - back,
        start=start,
        end=start + HOUR,
        version=1,
        status=status,
        created=start,
        tries_left=0,
        attempts=attempts,
        ended=ended,
    )
