"""Where the browser is that infra/chromium found or brought, and how it is started on a machine without a screen."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.e2e.plane import REPOSITORY

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROUGHT = REPOSITORY / ".venv" / "chromium"
ON_MACS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = (
    "--no-sandbox",  # as root, and in containers, there is none to be had
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def program() -> str:
    """The browser's path. AssertionError where there is none."""
    places = [shutil.which(name) for name in NAMES] + [str(BROUGHT / "chromium"), str(ON_MACS)]
    found = next((place for place in places if place and Path(place).exists()), None)
    assert found is not None, "no Chromium found: run infra/chromium"
    return found


def launched(playwright: Playwright) -> Browser:
    """A browser without windows."""
    place = program()
    libraries = {"LD_LIBRARY_PATH": str(BROUGHT / "lib")} if place.startswith(str(BROUGHT)) else {}
    return playwright.chromium.launch(executable_path=place, args=list(FLAGS), env={**os.environ, **libraries})
