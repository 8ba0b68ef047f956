"""Instance transitions per second of `advance` on one core, and how the cost of a step grows with live instances.

A transition is one change of status by the transition table; creating an instance costs time and is not counted.
"""

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.lanes import MOVES, Load, load
from bench.report import Figure, Goal, Report
from chalicelib.domain.run.advance import advance
from chalicelib.domain.run.codec import decode_state, encode_state
from chalicelib.domain.run.events import Event

SHAPES = ((1, 5), (10, 5), (100, 5), (1000, 5), (100, 50))
"""Lanes and active intervals of each. An interval keeps two instances live: the copy and its output."""

SECONDS = 1.5


def run(arguments: Sequence[str]) -> Report:
    """Measure every shape with batches of 10 (what a FIFO queue delivers) and of 100 events."""
    seconds = float(arguments[0]) if arguments else SECONDS
    rows: list[tuple[Figure, ...]] = []
    figures: dict[str, Figure] = {}
    for count, active in SHAPES:
        for size in (10, 100):
            made = load(count, active)
            if len(made.reports) < size:
                continue
            live = len(made.state.instances)
            found = _measured(made, size, seconds)
            name = f"live_{live}_lanes_{count}_batch_{size}"
            figures[f"transitions_per_s_{name}"] = found.rate
            figures[f"codec_share_{name}"] = found.codec_share
            times = (found.step * 1e3, found.anew * 1e3, found.codec * 1e3, found.codec_share)
            rows.append((f"{count} x {active}", live, size, found.rate, *times, found.item_bytes))
    figures["transitions_per_s"] = min(
        value for key, value in figures.items() if key.endswith("batch_10") and key.startswith("transitions") and value
    )
    return Report(
        bench="advance",
        head=(
            "lanes x active",
            "live",
            "events",
            "transitions/s",
            "step ms",
            "anew ms",
            "codec ms",
            "codec share",
            "item bytes",
        ),
        rows=tuple(rows),
        figures=figures,
        goals=(Goal("transitions_per_s", at_least=20_000),),
        notes=(
            "One lane is input node -> CopyActivity -> output node, hourly; a step folds in `events` worker reports.",
            "anew: a step without the agenda of the one before, as after a cold start.",
            "codec: decoding the live item before and encoding it after the step.",
        ),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """`rate` is transitions per second of `advance` alone; `step` and `codec` are processor seconds a step.

    Processor time, so that a busy machine measures the same.
    """

    rate: float
    step: float
    anew: float
    codec: float
    item_bytes: int

    @property
    def codec_share(self) -> float:
        """The codec's part of the time a step takes in all."""
        return self.codec / (self.codec + self.step)


def _measured(made: Load, size: int, seconds: float) -> Measured:
    steps, moves, spent = 0, 0.0, 0.0
    gc.collect()
    gc.disable()
    batch: list[Event] = []
    for batch in made.batches(size):
        before = time.process_time()
        result = made.advanced(batch)
        spent += time.process_time() - before
        made.take(result)
        steps += 1
        moves += len(batch) / 2 * MOVES
        if spent > seconds:
            break
    gc.enable()
    codec, item_bytes = _codec(made)
    anew = _anew(made, next(made.batches(size), batch))
    return Measured(moves / spent, spent / steps, anew, codec, item_bytes)


def _anew(made: Load, batch: list[Event]) -> float:
    """Seconds of a step whose agenda has to be made first, as the first one of a container has."""
    before = time.process_time()
    for _ in range(3):
        advance(made.state, batch, made.now, made.plan)
    return (time.process_time() - before) / 3


def _codec(made: Load) -> tuple[float, int]:
    """Seconds to decode the live item and encode it again, and its size."""
    payload = encode_state(made.state)
    rounds = 0
    before = time.process_time()
    while rounds < 3 or time.process_time() - before < 0.3:
        encode_state(decode_state(payload))
        rounds += 1
    return (time.process_time() - before) / rounds, len(payload)
