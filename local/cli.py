"""The AWS CLI, unmodified, as a subprocess."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CLI_SECONDS = 120


class CliFailed(Exception):
    """The CLI ended with a status other than 0; `said` is its standard error."""

    def __init__(self, command: str, status: int, said: str) -> None:
        super().__init__(f"aws {command} ended with status {status}: {said.strip()}")
        self.status = status
        self.said = said


class AwsCli:
    """`aws` with an environment that points at the embedded run."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._program = str(Path(sys.executable).with_name("aws"))

    def text(self, *arguments: str) -> str:
        """What `aws ARGUMENTS` prints. Raises CliFailed when it fails."""
        done = subprocess.run(
            [self._program, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CLI_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise CliFailed(" ".join(arguments[:2]), done.returncode, done.stderr)
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The same, read as JSON; None when it prints nothing."""
        printed = self.text(*arguments, "--output", "json")
        return json.loads(printed) if printed.strip() else None
