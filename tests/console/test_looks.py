"""Every view can be read by everybody: with a screen reader, in light and dark, on a phone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.scenery import Scenery
from tests.console.views import STATES, VIEWS
from tests.console.visit import DESK, PHONE, Visits, go, settled
from tests.e2e.plane import REPOSITORY, Plane

AXE = REPOSITORY / "console" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = (node) => node && node !== document.body &&
    (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  const beyond = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.left < wide && box.right > wide + 1 && !scrolls(node.parentElement);
  };
  const told = (node) => `${node.localName}.${node.getAttribute("class")}: ${node.textContent.slice(0, 40)}`;
  return document.documentElement.scrollWidth <= wide ? [] :
    ["wider than the phone", ...[...document.querySelectorAll("main *, .place *, .top *")].filter(beyond).map(told)];
}"""


@pytest.fixture(scope="module", params=["light", "dark"])
def tour(
    request: pytest.FixtureRequest, browser: Browser, plane: Plane, cookies: dict[str, Any]
) -> Iterator[tuple[Visits, Page]]:
    """One visit for all views, in each of the two schemes."""
    visits = Visits(browser, plane, cookies)
    visits.faults.forgiven.append("status of 404")
    page = visits.signed_in("admin", scheme=request.param, reduced_motion="reduce")
    page.evaluate(AXE.read_text())
    yield visits, page
    visits.end()


def violations(page: Page) -> list[str]:
    """What axe-core has against the page, in its words."""
    only = {"type": "tag", "values": RULES}
    found = page.evaluate("(only) => axe.run(document, { runOnly: only, resultTypes: ['violations'] })", only)
    return [
        f"{each['id']}: {each['help']}: "
        + "; ".join(f"{node['html'][:150]} {_why(node)}" for node in each["nodes"][:5])
        for each in found["violations"]
    ]


def _why(node: dict[str, Any]) -> str:
    return json.dumps([each["message"] for each in (*node["any"], *node["all"], *node["none"])])[:200]


@pytest.mark.parametrize("view", [*VIEWS, *STATES])
def test_a_view_can_be_read_by_everybody(
    tour: tuple[Visits, Page], scenery: Scenery, tmp_path: Path, view: str
) -> None:
    visits, page = tour
    visits.faults.found.clear()
    go(page, (VIEWS | STATES)[view](scenery))
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_count(1)
    assert page.title().endswith(" · Penstock")
    against = violations(page)
    page.screenshot(path=tmp_path / f"{view}.png")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    against += [f"on a phone: {each}" for each in page.evaluate(OVERFLOW)]
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    against += visits.faults.left()
    assert not against, "\n".join(against)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_can_be_read_by_everybody(visits: Visits, scheme: str) -> None:
    page = visits.stranger(PHONE, scheme)
    page.goto(visits.address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate(AXE.read_text())
    told = violations(page)
    assert not told, "\n".join(told)
    assert page.evaluate(OVERFLOW) == []


def test_a_view_that_waits_for_its_answer_says_so(visits: Visits, scenery: Scenery) -> None:
    page = visits.signed_in("reader", "#/runners", reduced_motion="reduce")
    settled(page)
    page.route("**/v1/pipelines?*", lambda _: None)
    page.evaluate("() => { location.hash = '/' }")
    expect(page.get_by_role("status")).to_contain_text("Loading pipelines")
    expect(page.locator("[aria-busy=true]")).to_have_count(1)
    page.evaluate(AXE.read_text())
    told = violations(page)
    assert not told, "\n".join(told)
    page.unroute_all(behavior="ignoreErrors")
