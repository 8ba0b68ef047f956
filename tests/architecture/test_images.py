"""Container images: their files follow hadolint's rules, copy what exists, and pin what the repository pins."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "docker").glob("*.Dockerfile"))
PIN = re.compile(r'"?([A-Za-z0-9-]+)(?:\[\w+\])?==([\w.]+)"?')


def by_name(path: Path) -> str:
    return path.name


def pins(text: str) -> dict[str, str]:
    return {name.lower(): version for name, version in PIN.findall(text)}


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_an_image_follows_hadolints_rules(path: Path) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ended = subprocess.run([hadolint, "--no-color", path], text=True, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_an_image_copies_what_exists_and_is_let_through(path: Path) -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", path.read_text(), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    assert sources <= let_through
    assert [source for source in sources if not (ROOT / source).exists()] == []


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_an_image_pins_what_the_repository_pins(path: Path) -> None:
    known: dict[str, str] = {}
    for file in ("requirements-dev.txt", "requirements.txt"):
        known |= pins((ROOT / file).read_text())
    assert pins(path.read_text()).items() <= known.items()
    assert pins((ROOT / "requirements-image.txt").read_text())["av"] == known["av"]


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_an_image_is_run_by_nobody_special_and_made_in_two_steps(path: Path) -> None:
    text = path.read_text()
    assert len(re.findall(r"^FROM \S+:3\.13-\S+", text, re.MULTILINE)) == 2
    assert re.search(r"^USER [1-9]\d*$", text, re.MULTILINE)
