"""The embedded run ends cleanly, and its pipelines outlive it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.definitions import default, shell
from tests.e2e.plane import REPOSITORY, Pipeline, Plane, eventually
from tests.e2e.runner import Runner


def descendants(pid: int) -> set[int]:
    """Every live process that a process started, or that those started."""
    numbered = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    found = {int(entry.name) for entry in numbered if parent_of(entry) == pid}
    return found.union(*(descendants(child) for child in found))


def parent_of(entry: Path) -> int | None:
    """The parent of a live process; None for one that is gone or a zombie."""
    try:
        state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if parent_of(Path(f"/proc/{pid}")) is not None}


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_no_process_is_left_behind(tmp_path: Path, how: str) -> None:
    plane = Plane("sqlite", tmp_path / "home")
    plane.start()
    objects = [
        default(),
        {"id": "Machine", "type": "Ec2Resource", "terminateAfter": "1 hour"},
        {"id": "Run", "type": "ShellCommandActivity", "command": "sleep 300", "runsOn": {"ref": "Machine"}},
    ]
    Pipeline(plane, "left-behind", objects).activate().until("Run", "RUNNING")
    started = descendants(plane.pid)
    assert len(started) >= 3  # the embedded AWS, the machine's Task Runner, its command
    if how == "stop":
        assert plane.stop() == 0
        assert not alive(started)
    else:
        plane.kill()
        eventually(lambda: not alive(started), 20, lambda: f"still there: {alive(started)}")


def test_a_run_goes_on_after_a_power_cut_and_is_still_known_after_a_restart(tmp_path: Path) -> None:
    plane = Plane("sqlite", tmp_path / "home")
    plane.start()
    pipeline = Pipeline(plane, "goes-on", shell("true", "goes-on")).activate()
    pipeline.until("Run", "WAITING_FOR_RUNNER")
    plane.kill()
    plane.start()
    runner = Runner(plane, "goes-on", tmp_path / "runner")
    pipeline.until("Run", "FINISHED")
    runner.stop()
    assert plane.stop() == 0
    plane.start()
    assert pipeline.statuses("Run") == ["FINISHED"]
    assert pipeline.state() == "FINISHED"
    plane.stop()


def test_a_second_run_in_the_same_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    plane = Plane("sqlite", tmp_path / "home")
    plane.start()
    second = subprocess.run(
        [sys.executable, "-m", "local", "--no-samples", "--home", str(plane.home)],
        cwd=REPOSITORY,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    plane.stop()
    assert second.returncode == 1
    assert second.stderr.strip().count("\n") == 0
    assert "another run uses" in second.stderr
