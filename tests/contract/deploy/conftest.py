"""An embedded AWS of its own, and working copies that tests may change."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from local import embedded
from local.environment import REPOSITORY, environment

DEPLOYED = ("app.py", "requirements.txt", "chalicelib", ".chalice/config.json", "infra")
SMALL = "PyMySQL==1.2.4\n"
"""Requirements of working copies: packages are small so, and deployed quickly; one test takes the real ones."""
Deploy = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The environment of programs that act on an empty account."""
    home = tmp_path_factory.mktemp("account")
    child, address = embedded.start(0, "http://127.0.0.1:9/datapipeline", environment(None, None), home)
    yield environment(address, None)
    child.stop()


@pytest.fixture
def working_copy(tmp_path: Path) -> Path:
    """What a deployment reads of the repository, to be changed."""
    copy = tmp_path / "copy"
    for name in (*DEPLOYED, *(f".chalice/{path.name}" for path in (REPOSITORY / ".chalice").glob("policy-dev-*.json"))):
        source, target = REPOSITORY / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    (copy / "requirements.txt").write_text(SMALL)
    return copy


@pytest.fixture
def deploy(account: Mapping[str, str], working_copy: Path) -> Deploy:
    """`python -m deploy` with the given words, on the working copy."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy", *words, "--source", str(working_copy)]
        return subprocess.run(
            command, env={**os.environ, **account}, cwd=REPOSITORY, text=True, capture_output=True, check=False
        )

    return run
