"""What boots in place of an EC2 machine: the Task Runner that the machine's user data would start.

Run as `python -m local.machine ARGUMENTS…`: becomes `python -m taskrunner ARGUMENTS…`, on a leash.
"""

import runpy
import shlex

from local.leash import end_with_parent

MARK = "taskrunner.pyz"


def runner_arguments(user_data: str) -> list[str] | None:
    """The arguments that a machine's user data gives to its Task Runner; None when it starts none."""
    for line in user_data.splitlines():
        words = shlex.split(line, comments=True) if MARK in line else []
        places = [place for place, word in enumerate(words) if word.endswith(MARK) and place + 1 < len(words)]
        if places and words[places[-1] + 1].startswith("--"):
            return words[places[-1] + 1 :]
    return None


if __name__ == "__main__":
    end_with_parent()
    runpy.run_module("taskrunner", run_name="__main__", alter_sys=True)
