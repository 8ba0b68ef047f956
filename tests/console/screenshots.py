"""`python -m tests.console.screenshots`: every view in light and dark, as docs/howto/console.md shows them."""

import sys
import tempfile
from pathlib import Path

import cv2
from playwright.sync_api import sync_playwright

from tests.console.chromium import launched
from tests.console.rest import Rest
from tests.console.scenery import Scenery
from tests.console.views import VIEWS
from tests.console.visit import Visits, go, settled
from tests.e2e.plane import REPOSITORY, Plane

PICTURES = REPOSITORY / "docs" / "images" / "console"
SCHEMES = ("light", "dark")
FURTHER = frozenset({"pipelines", "definition", "results"})
"""Views that ask for more once they are there, and then for nothing."""


def taken(visits: Visits, scenery: Scenery, to: Path) -> list[Path]:
    """The pictures, the sign-in page's among them."""
    made = []
    for scheme in SCHEMES:
        page = visits.stranger(scheme=scheme, reduced_motion="reduce")
        page.goto(visits.address)
        made.append(to / f"sign-in-{scheme}.png")
        page.screenshot(path=made[-1])
        page = visits.signed_in("admin", scheme=scheme, reduced_motion="reduce")
        for name, address in VIEWS.items():
            page.goto(f"{visits.address}{address(scenery)}")
            go(page, address(scenery))
            settled(page)
            if name in FURTHER:
                page.wait_for_load_state("networkidle")
            made.append(to / f"{name}-{scheme}.png")
            page.screenshot(path=made[-1])
    return made


def lighter(picture: Path) -> None:
    """The same with as few bytes as PNG can."""
    cv2.imwrite(str(picture), cv2.imread(str(picture)), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def main() -> int:
    """Set a scene of its own, and take them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        plane = Plane("sqlite", Path(home))
        plane.start()
        try:
            scenery = Scenery.set(plane, Rest(plane))
            visits = Visits(launched(playwright), plane, {})
            for picture in taken(visits, scenery, PICTURES):
                lighter(picture)
                print(f"{picture.stat().st_size:>8}  {picture.relative_to(REPOSITORY)}")
            visits.end()
        finally:
            plane.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
