"""Child processes: each in a process group of its own, ended by its own id and never by name.

The standard input of a child stays open as long as this process lives; children that call `end_with_parent` use it to
notice that it died.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.leash import GRACE_SECONDS, INSIST_SECONDS


class Child:
    """One running process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @classmethod
    def start(cls, args: Sequence[str], environment: Mapping[str, str], log: Path, cwd: Path | None = None) -> "Child":
        """Start `args` in a new process group; what it says on stderr is appended to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as stderr:
            process = subprocess.Popen(
                args,
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
        return cls(process)

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        return self._process.pid

    def line(self) -> str:
        """The next line of its standard output; empty when it ended."""
        assert self._process.stdout is not None  # started with a pipe
        return self._process.stdout.readline().strip()

    def ended(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Send SIGTERM, without waiting."""
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """End it and everything it started: SIGTERM twice, and SIGKILL to the group when the grace has passed.

        A Task Runner lets its work end at the first request and drops it at the second.
        """
        for patience in (min(INSIST_SECONDS, grace_seconds), grace_seconds):
            self.ask_to_end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        self._kill_group()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
