"""How hard the fuzzers try: a few examples, always the same, unless more are asked for.

`FUZZ=100 pytest tests/fuzz` takes a hundred times as many, others in each run, and prints how to repeat a failure.
"""

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("FUZZ", "1"))


def effort(few: int, *, cases: bool = True) -> settings:
    """Settings for a test that normally takes `few` examples, and the cases that somebody thought of if `cases`."""
    few_and_fixed = TIMES == 1
    phases = [Phase.generate] if few_and_fixed else [Phase.generate, Phase.shrink]
    return settings(
        max_examples=few * TIMES,
        deadline=None,
        derandomize=few_and_fixed,
        database=None,
        phases=[Phase.explicit, *phases] if cases or not few_and_fixed else phases,
        suppress_health_check=list(HealthCheck),
        print_blob=not few_and_fixed,
    )
