"""`python -m tests.simulation SEED` replays a seed and prints its story; two numbers run a range of seeds in short.

`--backfills` before them takes the seeds' namesakes among the stories that are mostly backfills.
"""

import json
import sys
import time
import traceback

from tests.simulation.house import House
from tests.simulation.scenario import scenario


def replay(seed: int, *, backfills: bool) -> int:
    """Print the definition and the story; 1 when a rule was broken."""
    house = House(scenario(seed, backfills=backfills))
    print(json.dumps(house.scenario.document, indent=1))
    try:
        house.run()
    except Exception as error:
        print(house.story)
        traceback.print_exception(error)
        return 1
    print(house.story)
    print(f"seed {seed} keeps every rule; trace {house.story.digest()}")
    return 0


def survey(first: int, last: int, *, backfills: bool) -> int:
    """Run many seeds; print those that break a rule."""
    broken = 0
    begin = time.perf_counter()
    steps = 0
    for seed in range(first, last):
        house = House(scenario(seed, backfills=backfills))
        try:
            house.run()
        except Exception as error:
            broken += 1
            print(seed, f"{type(error).__name__}: {str(error)[:300]}", flush=True)
        steps += house.steps
    took = time.perf_counter() - begin
    count = last - first
    print(f"{count} seeds, {broken} broken, {took:.1f} s, {1000 * took / count:.1f} ms a seed, {steps} steps")
    return 1 if broken else 0


if __name__ == "__main__":
    heavy = "--backfills" in sys.argv
    numbers = [int(word) for word in sys.argv[1:] if word != "--backfills"]
    if len(numbers) == 1:
        sys.exit(replay(numbers[0], backfills=heavy))
    sys.exit(survey(numbers[0], numbers[1], backfills=heavy))
