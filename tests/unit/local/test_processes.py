"""Children end with their parent, whole groups included."""

import os
import subprocess
import sys
import time
from pathlib import Path

from local.processes import Child

LEASHED = (
    "from local.leash import end_with_parent; end_with_parent(); import time; print('up', flush=True); time.sleep(60)"
)
STUBBORN = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(child.pid, flush=True); time.sleep(60)"
)
PARENT = (
    "import os, sys; from pathlib import Path; from local.processes import Child;"
    f"child = Child.start([sys.executable, '-c', {LEASHED!r}], os.environ, Path(sys.argv[1]));"
    "child.line(); print(child.pid, flush=True); os.kill(os.getpid(), 9)"
)


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pid)


def test_a_leashed_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], capture_output=True, text=True, check=False, timeout=30
    )
    assert gone_within(int(parent.stdout), 10)


def test_stopping_a_child_that_ignores_the_request_ends_it_and_what_it_started(tmp_path: Path) -> None:
    child = Child.start([sys.executable, "-c", STUBBORN], os.environ, tmp_path / "log")
    grandchild = int(child.line())
    child.stop(grace_seconds=0.2)
    assert gone_within(child.pid, 5)
    assert gone_within(grandchild, 5)
    assert child.ended() == -9


def test_stopping_a_child_that_has_ended_is_no_error(tmp_path: Path) -> None:
    child = Child.start([sys.executable, "-c", "pass"], os.environ, tmp_path / "log")
    assert gone_within(child.pid, 10)
    child.stop()
    assert child.ended() == 0
