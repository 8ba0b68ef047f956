"""The timeline of a pipeline's runs: read, walked with the keyboard, narrowed, and smooth with ten thousand cells."""

import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.console.past import put_past
from tests.console.rest import Rest
from tests.console.visit import Visits, settled
from tests.e2e.plane import Plane

STEPS = tuple(f"Step{number:02d}" for number in range(20))
RUNS = 500
SMOOTH = 50
"""Milliseconds a frame may take."""

SCROLL = """async (grid) => {
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < 60; frame++) {
    grid.scrollLeft += (frame < 30 ? -1 : 1) * 130;
    grid.scrollTop = (frame % 30) * 8;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times;
}"""
"""Moves five columns a frame, there and back, and answers how long each frame took."""

ROUNDS = 3
STEP = """async (grid, back) => {
  grid.scrollLeft += back ? 130 : -130;
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
}"""


def slowest_frame(grid: Locator) -> float:
    """Of a scroll, in milliseconds. A round's frames do the same work as the last round's, and the machine has other
    work: each counts as it took when it was disturbed least. Rounds end as soon as none is slow any more.
    """
    best: list[float] = grid.evaluate(SCROLL)
    for _ in range(ROUNDS):
        if max(best) < SMOOTH:
            break
        best = [min(pair) for pair in zip(best, grid.evaluate(SCROLL), strict=True)]
    return max(best)


def busiest_frame(page: Page, grid: Locator) -> float:
    """The same in milliseconds that the page's main thread was at work, which is what is left to ask on a machine that
    has several times more to do than it has processors.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    rounds = [_steps(session, grid) for _ in range(2)]
    return max(min(pair) for pair in zip(*rounds, strict=True)) * 1_000


def _steps(session: CDPSession, grid: Locator) -> list[float]:
    times = [_worked(session)]
    for step in range(24):
        grid.evaluate(STEP, step >= 12)
        times.append(_worked(session))
    return [after - before for before, after in pairwise(times)]


def _worked(session: CDPSession) -> float:
    found = session.send("Performance.getMetrics")["metrics"]
    return next(float(each["value"]) for each in found if each["name"] == "ThreadTime")


def chain(steps: tuple[str, ...]) -> dict[str, Any]:
    """Steps one after the other, on demand: nothing of them runs by itself."""
    default = {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr"}
    found: list[dict[str, Any]] = [default]
    for number, step in enumerate(steps):
        after = {"dependsOn": {"ref": steps[number - 1]}} if number else {}
        found.append({"id": step, "type": "ShellCommandActivity", "command": "true", "workerGroup": "none", **after})
    return {"objects": found}


@pytest.fixture(scope="module")
def long(rest: Rest, plane: Plane) -> str:
    """Ten thousand instances."""
    pipeline = rest.pipeline("ten-thousand", chain(STEPS))
    put_past(plane, pipeline, STEPS, RUNS)
    return pipeline


@pytest.fixture
def page(visits: Visits, long: str) -> Page:
    page = visits.signed_in("reader", f"#/pipelines/{long}")
    settled(page)
    return page


def cells(page: Page) -> Locator:
    return page.get_by_role("grid").get_by_role("gridcell").get_by_role("link")


def test_ten_thousand_cells_scroll_without_a_slow_frame_in_few_calls(visits: Visits, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/timeline?" in request.url else None)
    grid = page.get_by_role("grid")
    while grid.get_attribute("aria-colcount") != str(RUNS + 1):
        known = grid.get_attribute("aria-colcount")
        grid.evaluate("(grid) => { grid.scrollLeft = -grid.scrollWidth }")
        expect(grid).not_to_have_attribute("aria-colcount", str(known))
    assert len(asked) <= RUNS // 100
    expect(page.get_by_text(f"{RUNS} runs")).to_be_visible()
    assert cells(page).count() < 2_000  # what is in sight, of ten thousand
    grid.evaluate("(grid) => { grid.scrollLeft = -4000 }")
    assert slowest_frame(grid) < SMOOTH or busiest_frame(page, grid) < SMOOTH


def test_keys_walk_from_cell_to_cell_and_enter_opens_one(visits: Visits, page: Page) -> None:
    visits.faults.forgiven.append("status of 400")  # the instance's page asks for data of what never really ran
    grid = page.get_by_role("grid")
    grid.focus()
    told = page.locator(".told")
    expect(told).to_contain_text("Step00")
    for key in ("ArrowDown", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(told).to_contain_text("Step01")
    expect(told).to_contain_text("2026-11-20 10:00:00 UTC")
    cell = page.get_by_role("gridcell").filter(
        has=page.get_by_role("link", name=re.compile("Step01, 20 Nov 2026, 11:00: .* attempt"))
    )
    expect(grid).to_have_attribute("aria-activedescendant", str(cell.get_attribute("id")))
    page.keyboard.press("Shift+PageUp")
    page.keyboard.press("Home")
    expect(grid).to_have_attribute("aria-activedescendant", re.compile(r"cell\.1\.\d{2,}"))
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("instances/.*Step01_2026-11-20T12"))


def test_what_is_pointed_at_tells_interval_status_attempts_and_duration(page: Page) -> None:
    cells(page).filter(has_text="✕").first.hover()
    told = page.locator(".told")
    for text in ("Step", "UTC", "failed", "2 attempts", "5 min 0 s"):
        expect(told).to_contain_text(text)


def test_statuses_times_and_objects_narrow_it_and_stand_in_the_address(visits: Visits, page: Page, long: str) -> None:
    page.get_by_label("Object", exact=True).fill("step1")
    expect(page.get_by_role("rowheader")).to_have_count(10)
    page.get_by_role("button", name="failed", exact=True).click()
    expect(page).to_have_url(re.compile("status=FAILED"))
    expect(page.get_by_role("button", name="failed", exact=True)).to_have_attribute("aria-pressed", "true")
    narrow = f"#/pipelines/{long}?from=2026-11-19T00:00:00Z&to=2026-11-19T06:00:00Z&object=step03"
    other = visits.signed_in("operator", narrow)
    expect(other.get_by_text("6 runs")).to_be_visible()
    expect(cells(other)).to_have_count(6)
    other.get_by_role("button", name="Show all").click()
    expect(other.get_by_role("rowheader").first).to_have_text("Step00")
    assert "from=" not in other.url
