"""The Task Runner as the one file that machines run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from taskrunner.build import build


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist") / "taskrunner.pyz")


def run(archive: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Without the site packages of this environment: what is not in the file is not there."""
    environment = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-I", "-S", str(archive), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_it_runs_on_a_bare_python(archive: Path, tmp_path: Path) -> None:
    ended = run(archive, tmp_path, "--help")
    assert (ended.returncode, "--workerGroup" in ended.stdout) == (0, True)


def test_it_reaches_its_client_library(archive: Path, tmp_path: Path) -> None:
    ended = run(archive, tmp_path, "--workerGroup=g")
    assert (ended.returncode, "no credentials" in ended.stderr) == (2, True)


def test_it_is_unpacked_once(archive: Path, tmp_path: Path) -> None:
    run(archive, tmp_path, "--help")
    run(archive, tmp_path, "--help")
    assert len(list(tmp_path.iterdir())) == 1


def test_the_same_content_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "again.pyz").read_bytes() == archive.read_bytes()
