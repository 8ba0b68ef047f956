"""One house with gateway, sign-in and console for all tests of the console, and a real browser to look at it.

`visits.signed_in("operator", "#/…")` is a page; `rest(method, path, body)` and `plane` lay out what it shows. A test
fails when a page it opened had an error on its console, broke its security policy or asked another origin for anything:
`visits.faults.forgiven.append("pattern")` for what a test brings about on purpose, as "status of 409".
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.console.chromium import launched
from tests.console.rest import Rest
from tests.console.scenery import Scenery
from tests.console.visit import Visits
from tests.e2e.plane import REPOSITORY, Plane

expect.set_options(timeout=20_000)

# Playwright keeps an event loop running in this thread: what is of the package ends with its last test, before others
# of the same worker that start a loop of their own.


@pytest.fixture(scope="package")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """The house."""
    assert (REPOSITORY / "chalicelib" / "console" / "index.html").exists(), "the console is not built: make console"
    running = Plane("sqlite", tmp_path_factory.mktemp("console"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def rest(plane: Plane) -> Rest:
    """Its REST API."""
    return Rest(plane)


@pytest.fixture(scope="package")
def scenery(plane: Plane, rest: Rest) -> Scenery:
    """Something for every view to show."""
    return Scenery.set(plane, rest)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; every visit is a context of its own."""
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


@pytest.fixture(scope="package")
def cookies() -> dict[str, Any]:
    """Of the sign-in page, by user: who signed in once need not again."""
    return {}


@pytest.fixture
def visits(
    request: pytest.FixtureRequest, browser: Browser, plane: Plane, cookies: dict[str, Any], tmp_path: Path
) -> Iterator[Visits]:
    """Of one test; a failed one leaves pictures of its pages behind."""
    made = Visits(browser, plane, cookies)
    yield made
    if getattr(request.node, "failed", False):
        for number, page in enumerate(made.pages()):
            picture = tmp_path / f"failed-{number}.png"
            page.screenshot(path=picture)
            print(f"{page.url}: {picture}")
    made.end()
    assert made.faults.left() == []


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that nothing else has, good for pipelines and buckets."""
    return str(request.node.name).split("[")[0].removeprefix("test_").replace("_", "-")[:50]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Let fixtures know that the test failed."""
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]  # pytest has no place of its own for this
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has the house."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("console"))
