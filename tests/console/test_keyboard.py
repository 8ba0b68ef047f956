"""Everything is reached and done without a mouse, and one always sees where the keyboard is."""

from playwright.sync_api import Page, expect

from tests.console.scenery import Scenery
from tests.console.visit import Visits, settled


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until what has this name has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"{name!r} is not among the next {most} stops; the last was {focused(page)!r}")


def focused(page: Page) -> str:
    found: str = page.evaluate(
        "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"
    )
    return found


def ringed(page: Page) -> bool:
    found: bool = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle !== 'none'")
    return found


def test_the_first_stop_skips_to_the_content(visits: Visits) -> None:
    page = visits.signed_in("reader")
    settled(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    assert page.url.endswith("#/")


def test_a_person_walks_to_a_failed_instance_and_leaves_an_order_without_a_mouse(
    visits: Visits, scenery: Scenery
) -> None:
    page = visits.signed_in("operator")
    settled(page)
    tab_to(page, "Seattle weather")
    assert ringed(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Seattle weather")).to_be_focused()
    expect(page.get_by_role("navigation", name="Pipeline").get_by_role("link", name="Overview")).to_have_attribute(
        "aria-current", "page"
    )
    page.evaluate("(hash) => { location.hash = hash }", f"/pipelines/{scenery.weather}/runs/{scenery.run}")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, "Publish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Publish")).to_be_focused()
    tab_to(page, "Rerun")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Rerun")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Rerun", exact=True)).to_be_focused()


def test_the_way_back_is_among_the_first_stops(visits: Visits, scenery: Scenery) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{scenery.weather}/events")
    settled(page)
    expect(page.get_by_role("link", name="Seattle weather")).to_be_visible()
    tab_to(page, "Seattle weather", 12)
    tab_to(page, "Definition", 4)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title("Definition · Seattle weather · Penstock")
