"""Chalice's commands, as programs of their own: they import the application in its own environment."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.site import Site

SILENT_FAILURE = "Could not install dependencies"
"""What Chalice says, with status 0, when it left a requirement out."""
_CAUSE = "ChaliceDeploymentError: ERROR - "
"""Behind it is what went wrong; before it, where in Chalice."""
_COMMAND = ("-c", "import sys; from chalice.cli import main; sys.exit(main())")


class ChaliceFailed(Exception):
    """Chalice ended with an error, or without one although it left something out; `said` is what it printed."""

    def __init__(self, status: int, said: str) -> None:
        _, begun, cause = said.rpartition(_CAUSE)
        super().__init__(f"chalice ended with status {status}:\n{cause.strip() if begun else said}")


def deploy(site: Site, project: Path) -> str:
    """Run `chalice deploy` for the stage; return what it said. Raises ChaliceFailed."""
    return _run(site, project, "deploy", "--stage", site.stage)


def delete(site: Site, project: Path) -> str:
    """Run `chalice delete` for the stage; return what it said. Raises ChaliceFailed."""
    return _run(site, project, "delete", "--stage", site.stage)


def package(site: Site, project: Path, target: Path, *merged: Path) -> str:
    """Run `chalice package` for the stage into the directory `target`. Raises ChaliceFailed."""
    extra = [word for path in merged for word in ("--merge-template", str(path))]
    return _run(site, project, "package", "--stage", site.stage, "--template-format", "json", *extra, str(target))


def _run(site: Site, project: Path, *words: str) -> str:
    command = [sys.executable, *_COMMAND, "--project-dir", str(project), *words]
    known = {**os.environ, "AWS_DEFAULT_REGION": site.region}
    ended = subprocess.run(command, cwd=project, env=known, text=True, capture_output=True, check=False)
    said = ended.stdout + ended.stderr
    if ended.returncode != 0 or SILENT_FAILURE in said:
        raise ChaliceFailed(ended.returncode, said)
    return said
