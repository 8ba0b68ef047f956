"""Running other programs and measuring what they took, memory included. Must not know what they do."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent
_LOOK = 0.01


@dataclass(frozen=True, slots=True)
class Took:
    """One run: wall seconds, the most memory of all its processes; requests and processor seconds where it told."""

    seconds: float
    peak_mb: float
    requests: Mapping[str, int] = field(default_factory=dict)
    processor: float | None = None


def functions_environment() -> Mapping[str, str]:
    """What every deployed function is told, by .chalice/config.json: how memory is kept, for one."""
    found: Mapping[str, str] = json.loads((ROOT / ".chalice" / "config.json").read_text())["environment_variables"]
    return found


def measured(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> tuple[Took, bytes]:
    """Run commands joined by pipes, from their start on; what the last one printed.

    Raises   RuntimeError when one fails
    """
    began = time.perf_counter()
    processes: list[subprocess.Popen[bytes]] = []
    for command in commands:
        given = processes[-1].stdout if processes else subprocess.DEVNULL
        processes.append(
            subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdin=given, stdout=subprocess.PIPE)
        )
        if processes[:-1] and processes[-2].stdout:
            processes[-2].stdout.close()  # the child has it, and is to be told when nobody reads any more
    peaks = [_Peak(process.pid) for process in processes]
    said = processes[-1].communicate()[0]
    codes = [process.wait() for process in processes]
    seconds = time.perf_counter() - began
    if any(codes):
        raise RuntimeError(f"{commands[codes.index(next(filter(None, codes)))][0]} failed")
    return Took(seconds, sum(peak.end() for peak in peaks)), said


class _Peak:
    """Looks at a process until it ends: afterwards nobody knows any more."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._most = 0.0
        self._watch = Thread(target=self._look, daemon=True)
        self._watch.start()

    def end(self) -> float:
        """MB."""
        self._watch.join()
        return self._most

    def _look(self) -> None:
        while (now := self._now()) is not None:
            self._most = max(self._most, now)
            time.sleep(_LOOK)

    def _now(self) -> float | None:
        try:
            lines = self._status.read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def found(name: str) -> str:
    """A program beside our Python, or on the path. Raises RuntimeError."""
    beside = Path(sys.executable).with_name(name)
    path = str(beside) if beside.exists() else shutil.which(name)
    if path is None:
        raise RuntimeError(f"this bench compares with {name}: pip install -r requirements-dev.txt")
    return path
