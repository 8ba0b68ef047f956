"""Child processes in a group of their own, so that what they start can be ended with them. POSIX only."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_EVERY = 0.2
_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Streams:
    """Files that take a process's output, however much it is."""

    stdout: Path
    stderr: Path


def run_group(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    streams: Streams,
    stopped: Callable[[], bool],
    *,
    grace: float = _GRACE,
) -> int | None:
    """Run a program to its end and return its exit code; negative is the signal that ended it.

    stopped   asked five times a second; when true, the whole group gets TERM and, after `grace` seconds, KILL
    Returns   None when it was stopped
    Raises    OSError when the program cannot be started
    """
    with streams.stdout.open("wb") as out, streams.stderr.open("wb") as err:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    while not stopped():
        code = _code_within(process, _LOOK_EVERY)
        if code is not None:
            return code
    end_group(process, grace)
    return None


def end_group(process: "subprocess.Popen[bytes]", grace: float) -> None:
    """End every process of the group and reap the first: TERM, then KILL for those that ignore it."""
    _signal(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while _is_alive(process) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY / 2)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _code_within(process: "subprocess.Popen[bytes]", seconds: float) -> int | None:
    with suppress(subprocess.TimeoutExpired):
        return process.wait(seconds)
    return None


def _is_alive(process: "subprocess.Popen[bytes]") -> bool:
    """Whether any process of the group is left; asking the first for its code keeps it from counting as a zombie."""
    process.poll()
    return _signal(process.pid, 0)


def _signal(group: int, number: int) -> bool:
    """Whether there was anybody to signal."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
