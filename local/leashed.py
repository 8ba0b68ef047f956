"""Runs a program that knows nothing of its parent, and ends it with the parent: `python -m local.leashed PROGRAM …`."""

import os
import signal
import subprocess
import sys

from local.leash import end_with_parent


def _end_group(*_: object) -> None:
    os.killpg(0, signal.SIGKILL)


def main(words: list[str]) -> int:
    """Run the program; its exit code, or 128 and the signal that ended it. Its group is this process's own."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, _end_group)
    end_with_parent()
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
