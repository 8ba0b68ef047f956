"""Random pipelines in a hostile world, by blocks of seeds; and a replay that goes the same way.

Of two thousand, fifteen hundred are usual stories and two hundred are mostly backfills, which take longer.
`PENSTOCK_SEEDS=20000` runs more of both. A seed that breaks a rule prints its story; `python -m tests.simulation SEED`,
with `--backfills` for the others, prints it again.
"""

import os
import subprocess
import sys

import pytest

from tests.simulation.house import House
from tests.simulation.scenario import scenario

SEEDS = int(os.environ.get("PENSTOCK_SEEDS", "2000"))
BLOCK = 50


@pytest.mark.parametrize("first", range(0, SEEDS * 3 // 4, BLOCK))
def test_every_rule_holds_whatever_goes_wrong(first: int) -> None:
    for seed in range(first, first + BLOCK):
        play(seed)


@pytest.mark.parametrize("first", range(0, SEEDS // 10, BLOCK))
def test_every_rule_holds_where_the_past_is_run_again_and_again(first: int) -> None:
    for seed in range(first, first + BLOCK):
        play(seed, backfills=True)


def play(seed: int, *, backfills: bool = False) -> None:
    """From activation to the end; a broken rule fails the test with the story."""
    house = House(scenario(seed, backfills=backfills))
    try:
        house.run()
    except Exception as error:
        pytest.fail(f"seed {seed}: {error}\n{house.story}")


def digest(seed: int) -> str:
    house = House(scenario(seed))
    house.run()
    return house.story.digest()


def test_a_replay_is_identical_in_another_process() -> None:
    seeds = range(3, 2000, 199)
    program = (
        "import sys; from tests.simulation.test_simulation import digest; print(*map(digest, map(int, sys.argv[1:])))"
    )
    words = [sys.executable, "-c", program, *map(str, seeds)]
    told = subprocess.run(words, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert told.stdout.split() == [digest(seed) for seed in seeds]
