"""Import of `app` in a fresh interpreter, as a cold start pays for it, against boto3 and chalice alone.

In processor time: what else the machine does meanwhile is not in it.
"""

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
IMPORTED = {
    "boto3 + chalice": (FLOOR, ""),
    "the API": ("import app", "app.app"),
    "a worker": ("import app", "app.tick"),
}
"""What is run, and the function that it is run as."""
TIMED = "import time; before = time.process_time(); {}; print(time.process_time() - before)"


def run(arguments: Sequence[str]) -> Report:
    """Measure all of them, in turns, with bytecode at hand and without any."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    rows: list[tuple[Figure, ...]] = []
    figures: dict[str, Figure] = {}
    for kind, kept in (("bytecode", True), ("no bytecode", False)):
        floor, api, worker = _medians(rounds, kept=kept)
        name = kind.replace(" ", "_")
        figures |= {f"floor_ms_{name}": floor * 1e3, f"api_ms_{name}": api * 1e3, f"worker_ms_{name}": worker * 1e3}
        figures |= {f"ratio_api_{name}": api / floor, f"ratio_worker_{name}": worker / floor}
        rows.append((kind, floor * 1e3, api * 1e3, api / floor, worker * 1e3, worker / floor))
    return Report(
        bench="cold",
        head=("import", "boto3 + chalice ms", "the API ms", "ratio", "a worker ms", "ratio"),
        rows=tuple(rows),
        figures=figures,
        goals=tuple(Goal(name, at_most=1.3) for name in figures if name.startswith("ratio")),
        notes=(f"Processor time, median of {rounds} fresh interpreters each, taken in turns.",),
    )


def _medians(rounds: int, *, kept: bool) -> Sequence[float]:
    """Seconds of what IMPORTED lists; `kept` keeps bytecode between interpreters, else none is read or written."""
    with tempfile.TemporaryDirectory() as cache:
        environment = environment_of(Path(cache), kept=kept)
        times: dict[str, list[float]] = {name: [] for name in IMPORTED}
        for _ in range(rounds + 1):
            for name, (program, function) in IMPORTED.items():
                times[name].append(seconds_of(program, environment | {"_HANDLER": function}))
    return [statistics.median(found[1:]) for found in times.values()]


def environment_of(cache: Path, *, kept: bool) -> dict[str, str]:
    """A cache of bytecode of its own: the machine's may be warm for some modules and cold for others."""
    names = {"PYTHONPYCACHEPREFIX": str(cache), "AWS_DEFAULT_REGION": "us-east-1", "PYTHONPATH": str(ROOT)}
    # Where it is set for all Python programs, nothing would be kept: an empty text is as if it were not.
    return {**os.environ, **names, "PYTHONDONTWRITEBYTECODE": "" if kept else "1"}


def seconds_of(program: str, environment: dict[str, str]) -> float:
    """Processor seconds of a statement in a fresh interpreter."""
    words = [sys.executable, "-c", TIMED.format(program)]
    told = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    return float(told.stdout)
