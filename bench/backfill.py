"""Three years of hourly backfill, 26,280 intervals of a copy and its two nodes, through the engine on SQLite.

What must stay flat from the first interval to the last: the live item, memory, and the cost of a commit.
"""

import statistics
import tempfile
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.engine import PIPELINE, EngineRoom
from bench.report import Figure, Goal, Report
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.status import PipelineStatus

HOURS = 3 * 365 * 24
START = datetime(2023, 1, 1, tzinfo=UTC)
WINDOW = 60
"""Commits that one measurement looks at."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One window: intervals done when it began, largest live item, median commit, Python memory at its peak."""

    done: int
    state_bytes: int
    commit_seconds: float
    peak_bytes: int


def backfill(hours: int, folder: Path) -> list[Sample]:
    """Run the whole backfill, measured at its start, middle and end."""
    room = EngineRoom(folder / "backfill.db", START + timedelta(hours=hours))
    room.activate(from_file({"objects": _objects(hours)}))
    room.advance()
    samples = []
    done = 0
    for begin in (50, hours // 2, hours - 50 - 2 * 5 * WINDOW):
        while done < begin:
            done += _turn(room)
        samples.append(_sample(room, done))
        done += 2 * WINDOW * 5
    while _turn(room):
        pass
    stored = room.ports.store.load_state(PIPELINE)
    if stored is None or decode_state(stored.payload).status is not PipelineStatus.FINISHED:
        raise RuntimeError("the backfill did not finish")
    return samples


def _turn(room: EngineRoom) -> int:
    """The five active copies are done and their results folded in; how many there were."""
    done = room.work()
    while room.advance():
        pass
    return done


def _sample(room: EngineRoom, done: int) -> Sample:
    room.commit_seconds.clear()
    sizes = []
    for _ in range(WINDOW):
        _turn(room)
        sizes.append(room.state_bytes)
    cost = statistics.median(room.commit_seconds)
    tracemalloc.start()
    for _ in range(WINDOW):
        _turn(room)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Sample(done, max(sizes), cost, peak)


def _objects(hours: int) -> list[dict[str, object]]:
    schedule = {"period": "1 hour", "startDateTime": f"{START:%Y-%m-%dT%H:%M:%S}", "occurrences": str(hours)}
    return [
        {"id": "Hourly", "type": "Schedule", **schedule},
        {"id": "Default", "scheduleType": "timeseries", "schedule": {"ref": "Hourly"}},
        {"id": "In", "type": "S3DataNode", "filePath": "s3://bench/in/#{@scheduledStartTime}.csv"},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://bench/out/#{@scheduledStartTime}.csv"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    ]


def run(arguments: Sequence[str]) -> Report:
    """All three years, or as many hours as the first argument says."""
    hours = int(arguments[0]) if arguments else HOURS
    with tempfile.TemporaryDirectory() as folder:
        samples = backfill(hours, Path(folder))
    first = samples[0]
    rows = [
        (f"after {item.done:,}", item.state_bytes, item.commit_seconds * 1e3, item.peak_bytes / 1024)
        for item in samples
    ]
    figures: dict[str, Figure] = {
        "intervals": hours,
        "state_growth": max(item.state_bytes for item in samples) / first.state_bytes,
        "commit_growth": max(item.commit_seconds for item in samples) / first.commit_seconds,
        "memory_growth": max(item.peak_bytes for item in samples) / first.peak_bytes,
    }
    return Report(
        bench="backfill",
        head=("intervals", "state bytes", "commit ms", "peak KiB"),
        rows=tuple(rows),
        figures=figures,
        goals=(
            Goal("state_growth", at_most=1.2),
            Goal("commit_growth", at_most=1.5),
            Goal("memory_growth", at_most=1.2),
        ),
        notes=(
            f"{WINDOW} commits a row: largest live item, median processor time of a commit with its history rows,",
            "then peak of Python's own memory. Five intervals are active at a time.",
        ),
    )
