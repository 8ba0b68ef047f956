"""The list of pipelines: found by words, state and tag, with how each stands and what ran and will run."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.rest import Rest
from tests.console.visit import PHONE, Visits
from tests.e2e.plane import Plane

ON_DEMAND: dict[str, Any] = {
    "objects": [
        {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
        {"id": "In", "type": "S3DataNode", "filePath": "s3://lists-bucket/in.csv"},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://lists-bucket/out.csv"},
    ]
}


def row(page: Page, name: str) -> Any:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


@pytest.fixture(scope="module")
def crowd(rest: Rest, plane: Plane) -> str:
    """The id of a pipeline that ran once; sixty others of the same tag stand around it."""
    storage = plane.client("s3")
    storage.create_bucket(Bucket="lists-bucket")
    storage.put_object(Bucket="lists-bucket", Key="in.csv", Body=b"a,b\n1,2\n")
    ran = rest.pipeline("Orders of the list", ON_DEMAND, description="from the shop", tags={"list": "shop"})
    rest("POST", f"/pipelines/{ran}/activate", {})
    for number in range(60):
        rest("POST", "/pipelines", {"name": f"Extra {number:02d}", "tags": {"list": "crowd"}})
    return ran


def test_a_reader_sees_how_a_pipeline_stands(visits: Visits, crowd: str) -> None:
    page = visits.signed_in("reader", "#/?tag=list%3Dshop")
    found = row(page, "Orders of the list")
    expect(found).to_contain_text("from the shop")
    expect(found.get_by_role("img", name=re.compile("Last run: 1 finished; the newest took"))).to_be_visible(
        timeout=60_000
    )
    expect(found).to_contain_text("finished")
    expect(found).to_contain_text("ago")
    for name in ("New pipeline", "Clone Orders of the list"):
        button = page.get_by_role("button", name=name)
        expect(button).to_be_disabled()
        expect(button).to_have_attribute("title", re.compile("does not permit"))


def test_words_are_looked_for_as_one_types_and_stand_in_the_address(visits: Visits, crowd: str) -> None:
    page = visits.signed_in("writer")
    page.get_by_role("searchbox", name="Search pipelines").fill("extra 07")
    expect(row(page, "Extra 07")).to_be_visible()
    expect(row(page, "Extra 08")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"#/\?q=extra\+07$"))
    page.reload()
    expect(row(page, "Extra 07")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("extra 07")
    page.get_by_role("searchbox").fill("nothing is called this")
    expect(page.get_by_text("No pipeline matches.")).to_be_visible()


def test_a_click_on_a_tag_narrows_the_list_page_by_page(visits: Visits, crowd: str) -> None:
    page = visits.signed_in("writer", "#/?q=extra")
    page.get_by_role("link", name="list: crowd").first.click()
    expect(page).to_have_url(re.compile(r"tag=list%3Dcrowd"))
    names = page.get_by_role("rowheader")
    expect(names).to_have_count(50)
    first = set(names.all_inner_texts())
    page.get_by_role("button", name="Next page").click()
    expect(names).to_have_count(10)
    assert first.isdisjoint(names.all_inner_texts())
    page.get_by_role("button", name="Back").click()
    expect(names).to_have_count(50)
    page.get_by_role("combobox", name="State").select_option("scheduled")
    expect(page.get_by_text("No pipeline matches.")).to_be_visible()
    page.get_by_role("combobox", name="State").select_option("Any state")
    page.get_by_role("button", name="list: crowd").click()
    expect(page).not_to_have_url(re.compile("tag="))


def test_a_list_that_cannot_be_loaded_says_so_and_is_tried_again(visits: Visits) -> None:
    visits.faults.forgiven.append("ERR_FAILED|Failed to load")
    page = visits.signed_in("reader", "#/runners")
    page.route(re.compile(r"/v1/pipelines\?"), lambda route: route.abort())
    page.get_by_role("link", name="Pipelines").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Could not load pipelines")
    page.unroute_all()
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table", name="Pipelines")).to_be_visible()


def test_a_phone_shows_cards_as_wide_as_itself(visits: Visits, crowd: str) -> None:
    page = visits.signed_in("writer", "#/?tag=list%3Dshop", PHONE)
    found = row(page, "Orders of the list")
    expect(found).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE[0]
    found.get_by_role("link", name="Clone Orders of the list").click()
    expect(page).to_have_url(re.compile(f"#/new.clone={crowd}"))
