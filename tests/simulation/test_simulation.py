"""Two thousand random pipelines in a hostile world, by blocks of seeds; and a replay that goes the same way.

`PENSTOCK_SEEDS=20000` runs more of them. A seed that breaks a rule prints its story; `python -m tests.simulation SEED`
prints it again.
"""

import os
import subprocess
import sys

import pytest

from tests.simulation.house import House
from tests.simulation.scenario import scenario

SEEDS = int(os.environ.get("PENSTOCK_SEEDS", "2000"))
BLOCK = 50


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_every_rule_holds_whatever_goes_wrong(first: int) -> None:
    for seed in range(first, first + BLOCK):
        house = House(scenario(seed))
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
