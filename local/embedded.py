"""Starts the embedded AWS as a process of its own.

A process, not a thread: moto's work then never holds the interpreter lock that the application and the pumps need.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from local.processes import Child


def start(port: int, wire: str, environment: Mapping[str, str], home: Path) -> tuple[Child, str]:
    """Start the process; return it and its address once it listens. Raises RuntimeError when it does not start."""
    log = home / "logs" / "aws.log"
    arguments = [str(port), wire, str(home / "clusters")]
    child = Child.start([sys.executable, "-m", "local.aws_server", *arguments], environment, log)
    answer = child.line()
    if not answer.isdigit():
        child.stop()
        raise RuntimeError(f"the embedded AWS did not start, see {log}")
    return child, f"http://127.0.0.1:{answer}"
