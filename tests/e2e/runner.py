"""A Task Runner of one's own: `python -m taskrunner` as a subprocess."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.plane import REPOSITORY, Plane


class Runner:
    """One running Task Runner that polls `group`, on a host that has `programs`, too."""

    def __init__(self, plane: Plane, group: str, directory: Path, tasks: int = 2, programs: Path | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        options = {
            "workerGroup": group,
            "endpoint": plane.endpoints["wire"],
            "region": "us-east-1",
            "progressInterval": "1",
            "tasks": str(tasks),
        }
        command = [sys.executable, "-m", "taskrunner", *(f"--{key}={value}" for key, value in options.items())]
        with (directory / "runner.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=directory,
                env=plane.environment | {"PYTHONPATH": str(REPOSITORY), "PATH": _path(programs)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """Ask it to end, and insist if it is at work; its exit status."""
        for _ in range(2):
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.process.wait(3)
        return self.process.wait(20)


def _path(programs: Path | None) -> str:
    found = os.environ.get("PATH", os.defpath)
    return found if programs is None else f"{programs}{os.pathsep}{found}"
