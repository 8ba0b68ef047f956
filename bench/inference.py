"""A fan-out to a model that throttles and fails, while its workers are killed: every item once, memory flat.

`python -m bench inference [ITEMS …]`, 10,000 and 100,000 unless others are given.
"""

import json
import os
import subprocess
import sys

from bench.programs.inference_run import KILL_EVERY, LANES, THROTTLED, WORKERS, Run
from bench.report import Figure, Goal, Report
from bench.tools import functions_environment
from local.environment import REPOSITORY

SIZES = (10_000, 100_000)


def run(arguments: list[str]) -> Report:
    """Run every size in a fresh embedded AWS."""
    sizes = [int(text) for text in arguments] or list(SIZES)
    found = [measured(size) for size in sizes]
    last = found[-1]
    figures: dict[str, Figure] = {
        "items": last.items,
        "twice_or_lost": sum(each.twice_or_lost for each in found),
        "wrong_errors": sum(each.wrong_errors for each in found),
        "kills": last.kills,
        "items_per_second": round(last.items / last.seconds, 1),
        "calls_per_item": round(last.calls / last.items, 3),
        "memory_growth": round(last.worker_mb / found[0].worker_mb, 3),
        "worker_mb": last.worker_mb,
    }
    head = ("items", "results", "twice or lost", "errors", "calls", "throttled", "kills", "seconds", "worker MB")
    rows = tuple(
        (
            each.items,
            each.results,
            each.twice_or_lost,
            each.errors,
            each.calls,
            each.throttled,
            each.kills,
            round(each.seconds, 1),
            each.worker_mb,
        )
        for each in found
    )
    goals = (
        Goal("twice_or_lost", at_most=0),
        Goal("wrong_errors", at_most=0),
        Goal("memory_growth", at_most=1.2),
        Goal("kills", at_least=1),
    )
    notes = (
        f"{THROTTLED:.0%} of the calls throttled, 0.1% of the items never answered, {WORKERS} workers, {LANES} lanes,",
        f"one of them killed (-9) every {KILL_EVERY:g} s; calls as the attempt counts them, so without those that died",
        "with their worker before a part was written. S3 is moto, the endpoint a program that speaks its HTTP.",
        "What grows is the upload of the joined results, which holds two parts of 5 MB at most.",
    )
    return Report("inference", head, rows, figures, goals, notes)


def measured(items: int) -> Run:
    """One run, in a process of its own: the application keeps what it made for as long as its process lives."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.programs.inference_run", str(items)],
        cwd=REPOSITORY,
        env=os.environ | functions_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Run(**json.loads(done.stdout.splitlines()[-1]))
