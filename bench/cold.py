"""Import of `app` in a fresh interpreter, as a cold start pays for it, against boto3 and chalice alone."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.report import Figure, Goal, Report

ROUNDS = 9
ROOT = Path(__file__).resolve().parent.parent
FLOOR = "import boto3, chalice"
OURS = "import app"
TIMED = "import time; before = time.perf_counter(); {}; print(time.perf_counter() - before)"


def run(arguments: Sequence[str]) -> Report:
    """Measure both, in turns, with bytecode at hand and without any."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    rows: list[tuple[Figure, ...]] = []
    figures: dict[str, Figure] = {}
    for kind, kept in (("bytecode", True), ("no bytecode", False)):
        floor, ours = _medians(rounds, kept=kept)
        name = kind.replace(" ", "_")
        figures |= {f"floor_ms_{name}": floor * 1e3, f"app_ms_{name}": ours * 1e3, f"ratio_{name}": ours / floor}
        rows.append((kind, floor * 1e3, ours * 1e3, ours / floor))
    return Report(
        bench="cold",
        head=("import", "boto3 + chalice ms", "app ms", "ratio"),
        rows=tuple(rows),
        figures=figures,
        goals=tuple(Goal(f"ratio_{name}", at_most=1.3) for name in ("bytecode", "no_bytecode")),
        notes=(f"Median of {rounds} fresh interpreters each, taken in turns.",),
    )


def _medians(rounds: int, *, kept: bool) -> tuple[float, float]:
    """Seconds of the floor and of ours; `kept` keeps bytecode between interpreters, else none is read or written."""
    with tempfile.TemporaryDirectory() as cache:
        environment = environment_of(Path(cache), kept=kept)
        times: dict[str, list[float]] = {FLOOR: [], OURS: []}
        for program in times:
            seconds_of(program, environment)
        for _ in range(rounds):
            for program, found in times.items():
                found.append(seconds_of(program, environment))
    return statistics.median(times[FLOOR]), statistics.median(times[OURS])


def environment_of(cache: Path, *, kept: bool) -> dict[str, str]:
    """A cache of bytecode of its own: the machine's may be warm for some modules and cold for others."""
    names = {"PYTHONPYCACHEPREFIX": str(cache), "AWS_DEFAULT_REGION": "us-east-1", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **names, **({} if kept else {"PYTHONDONTWRITEBYTECODE": "1"})}


def seconds_of(program: str, environment: dict[str, str]) -> float:
    """What a statement takes in a fresh interpreter."""
    words = [sys.executable, "-c", TIMED.format(program)]
    told = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    return float(told.stdout)
