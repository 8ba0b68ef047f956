"""The peers of `bench tasks`, each in a virtual environment of its own under .penstock/bench, made when needed."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".penstock" / "bench"


@dataclass(frozen=True, slots=True)
class Peer:
    """A scheduler to compare with.

    pins     exact requirements
    program  a script under bench/programs that prints {"chain": seconds, "fan_out": seconds} as its last line
    opt_in   measured only when it is named: it takes minutes
    """

    name: str
    pins: tuple[str, ...]
    program: str
    environment: Mapping[str, str] = field(default_factory=dict)
    opt_in: bool = False

    def measure(self) -> dict[str, float]:
        """Seconds for 100 no-op tasks as a chain and as a fan-out, start-up and imports not counted."""
        folder = self._installed()
        home = folder / "home"
        home.mkdir(exist_ok=True)
        words = [str(folder / "bin" / "python"), str(ROOT / "bench" / "programs" / self.program)]
        environment = {**os.environ, "HOME": str(home), **self.environment}
        told = subprocess.run(
            words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=home, env=environment
        )
        found: dict[str, float] = json.loads(told.stdout.strip().splitlines()[-1])
        return found

    def _installed(self) -> Path:
        folder = HOME / f"{self.name}-{sys.version_info.major}.{sys.version_info.minor}"
        done = folder / "installed"
        if not done.exists() or done.read_text() != "\n".join(self.pins):
            print(f"installing {', '.join(self.pins)} …", file=sys.stderr, flush=True)
            venv.create(folder, with_pip=True, clear=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *self.pins]
            subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
            done.write_text("\n".join(self.pins))
        return folder


PEERS = (
    Peer(
        "prefect",
        ("prefect==3.8.6", "fastapi==0.139.2"),
        "prefect_tasks.py",
        {"PREFECT_LOGGING_LEVEL": "ERROR", "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"},
    ),
    Peer("dagster", ("dagster==1.13.28",), "dagster_tasks.py", {"DAGSTER_DISABLE_TELEMETRY": "yes"}),
    Peer("luigi", ("luigi==3.8.1",), "luigi_tasks.py"),
    Peer("huey", ("huey==3.5.4",), "huey_tasks.py"),
    Peer("airflow", ("apache-airflow==3.3.2",), "airflow_tasks.py", opt_in=True),
)
