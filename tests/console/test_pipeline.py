"""A pipeline's page: the picture of its objects with what they inherit, what goes on, and what can be ordered of it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.rest import Rest
from tests.console.visit import PHONE, Visits, settled

START = (datetime.now(UTC) - timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
STEP = {"type": "ShellCommandActivity", "command": "true", "workerGroup": "nobody", "stage": "false"}


def shop() -> dict[str, Any]:
    """An object of nearly every category; schedule and alarm come from Default, the input from a parent."""
    default = {
        "id": "Default",
        "scheduleType": "cron",
        "schedule": {"ref": "Hourly"},
        "role": "r",
        "resourceRole": "rr",
    }
    alarm = {"topicArn": "arn:aws:sns:us-east-1:111122223333:t", "subject": "s", "message": "m", "role": "r"}
    return {
        "objects": [
            default | {"onFail": {"ref": "Alarm"}},
            {
                "id": "Hourly",
                "type": "Schedule",
                "period": "1 hour",
                "startDateTime": START.strftime("%Y-%m-%dT%H:%M:%S"),
            },
            {"id": "Alarm", "type": "SnsAlarm", **alarm},
            {"id": "Ready", "type": "Exists"},
            {"id": "Orders", "type": "S3DataNode", "filePath": "s3://shop/orders.csv", "dataFormat": {"ref": "Commas"}},
            {"id": "Commas", "type": "CSV", "column": "id STRING"},
            {"id": "Copies", "input": {"ref": "Orders"}},
            {"id": "Clean", **STEP, "parent": {"ref": "Copies"}, "output": {"ref": "Cleaned"}}
            | {"schedule": {"ref": "Hourly"}},
            {"id": "Cleaned", "type": "S3DataNode", "filePath": "s3://shop/clean.csv"},
            {"id": "Report", **STEP, "dependsOn": {"ref": "Clean"}, "maximumRetries": "0"},
        ]
    }


@pytest.fixture(scope="module")
def pipeline(rest: Rest) -> str:
    """Three intervals are due; nobody does their work."""
    found = rest.pipeline("shop-page", shop())
    rest("POST", f"/pipelines/{found}/activate", {})
    return found


def node(page: Page, words: str) -> Locator:
    return page.locator(".drawing").get_by_role("button", name=re.compile(words))


def test_the_picture_shows_kinds_standings_and_references_that_are_inherited(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}")
    settled(page)
    expect(node(page, "^Clean, ShellCommandActivity, activity, waiting for runner")).to_be_visible()
    expect(node(page, "^Report, ShellCommandActivity, activity, waiting on dependencies")).to_be_visible()
    for words in (
        "^Hourly, Schedule, schedule",
        "^Alarm, SnsAlarm, action",
        "^Ready, .*, precondition",
        "^Commas, .*, data format",
        "^Orders, .*, data",
    ):
        expect(node(page, words)).to_have_count(1)
    edges = page.locator(".edge title")
    for words in ("Clean: input is Orders, given by Copies", "Report: onFail is Alarm, given by Default"):
        expect(edges.filter(has_text=words)).to_have_count(1)
    expect(page.locator(".edge").filter(has_text="dependsOn").locator("text")).to_have_text("dependsOn")
    legend = page.get_by_role("group", name="Kinds of objects")
    legend.get_by_role("button", name="Schedule").click()
    expect(node(page, "^Hourly")).to_have_count(0)


def test_keys_walk_in_the_picture_and_enter_tells_of_an_object(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}")
    settled(page)
    node(page, "^Clean,").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".node:focus")).to_have_accessible_name(re.compile("^(Cleaned|Report)"))
    node(page, "^Report,").focus()
    page.keyboard.press("Enter")
    about = page.get_by_role("region", name="About Report")
    expect(about).to_contain_text("Activity · ShellCommandActivity")
    expect(about).to_contain_text(re.compile("schedule Hourly from Default"))
    expect(about.get_by_role("button", name="Pause Report")).to_be_disabled()
    about.get_by_role("button", name="Clean", exact=True).click()
    page.get_by_role("region", name="About Clean").get_by_role("link", name="Newest instance").click()
    expect(page).to_have_url(re.compile("instances/%40Clean_"))


def test_what_changes_shows_without_a_reload(visits: Visits, rest: Rest, pipeline: str) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}")
    settled(page)
    run = START.strftime("%Y-%m-%dT%H:%M:%S")
    cell = page.get_by_role("grid").get_by_role("link", name=re.compile("^Clean,")).last  # the oldest
    expect(cell).to_have_accessible_name(re.compile("waiting for runner"))
    rest("POST", f"/pipelines/{pipeline}/instances/@Clean_{run}/markFinished")
    expect(cell).to_have_accessible_name(re.compile("finished"))


def test_an_operator_pauses_one_object_and_resumes_the_whole(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("operator", f"#/pipelines/{pipeline}")
    settled(page)
    node(page, "^Report,").click()
    page.get_by_role("button", name="Pause Report").click()
    dialog = page.get_by_role("dialog", name="Pause Report")
    expect(dialog).to_contain_text("Nothing more of Report begins, in any run")
    expect(dialog.get_by_role("list", name="What is held")).to_contain_text("Report of ")
    dialog.get_by_role("button", name="Pause Report").click()
    expect(node(page, "^Report, .*, paused$")).to_be_visible()
    page.get_by_role("button", name="Resume", exact=True).click()
    dialog = page.get_by_role("dialog", name="Resume")
    expect(dialog).to_contain_text("What is paused goes on: Report.")
    expect(dialog).to_contain_text("Nothing is due that would begin at once.")
    dialog.get_by_role("button", name="Resume").click()
    expect(node(page, "^Report, .*, paused$")).to_have_count(0)


def test_next_runs_are_told(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}")
    settled(page)
    first = page.locator(".next li").first
    expect(first).to_contain_text("in ")
    expect(first).to_contain_text("Clean")


def test_a_wide_picture_is_zoomed_and_scrolled_on_a_phone_too(visits: Visits, rest: Rest) -> None:
    objects: list[dict[str, Any]] = [{"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr"}]
    for number in range(120):
        after = {"dependsOn": {"ref": f"Step{(number - 1) // 2}"}} if number else {}
        objects.append({"id": f"Step{number}", **STEP, **after})
    pipeline = rest.pipeline("hundred-and-twenty", {"objects": objects})
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}", PHONE, "dark")
    settled(page)
    drawing = page.locator(".drawing svg")
    expect(node(page, "^Step")).to_have_count(120)
    before = drawing.bounding_box()
    page.get_by_role("button", name="Larger").click()
    after_zoom = drawing.bounding_box()
    assert before is not None
    assert after_zoom is not None
    assert after_zoom["width"] > before["width"] * 1.2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_text("Nothing has run yet")).to_be_visible()
