"""Backfills: what one would run and cost, the order, how far it is, and its end."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.rest import Rest
from tests.console.visit import Visits, settled

MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def hourly() -> dict[str, Any]:
    """One step after the other, every hour since two days before yesterday; nobody does their work."""
    start = (MIDNIGHT - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%S")
    default = {
        "id": "Default",
        "scheduleType": "cron",
        "schedule": {"ref": "Hourly"},
        "role": "r",
        "resourceRole": "rr",
    }
    step = {"type": "ShellCommandActivity", "command": "true", "workerGroup": "nobody"}
    return {
        "objects": [
            default | {"maxActiveInstances": "3"},
            {"id": "Hourly", "type": "Schedule", "period": "1 hour", "startDateTime": start},
            {"id": "Gather", **step},
            {"id": "Report", **step, "dependsOn": {"ref": "Gather"}},
        ]
    }


@pytest.fixture(scope="module")
def pipeline(rest: Rest) -> str:
    """Active since the last full hour: what was before it was skipped."""
    found = rest.pipeline("to-backfill", hourly())
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rest("POST", f"/pipelines/{found}/activate", {"startTimestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ")})
    return found


def fill(page: Page) -> None:
    """Ask for the first six hours of the day before yesterday, by local time."""
    day = (MIDNIGHT - timedelta(days=2)).strftime("%Y-%m-%d")
    page.get_by_label("From, in your zone").fill(f"{day}T03:00")
    page.get_by_label("Until before").fill(f"{day}T09:00")
    page.get_by_label("Gather").check()
    page.get_by_role("button", name="Show what it would run").click()


def test_an_operator_previews_orders_follows_and_stops_a_backfill(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("operator", f"#/pipelines/{pipeline}/backfill")
    settled(page)
    fill(page)
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("heading", name="6 instances would run")).to_be_visible()
    row = preview.get_by_role("row", name=re.compile("^Gather"))
    expect(row).to_contain_text("6 » skipped")
    expect(preview).to_contain_text(re.compile(r"About\s*(< )?\$0\.0"))
    expect(preview.get_by_role("columnheader", name="Unit price")).to_be_visible()
    page.get_by_label("Also whatever depends on them").check()
    expect(preview).to_have_count(0)  # of what was asked before
    page.get_by_role("button", name="Show what it would run").click()
    expect(preview.get_by_role("heading", name="12 instances would run")).to_be_visible()
    page.get_by_role("button", name="Start the backfill").click()
    dialog = page.get_by_role("dialog", name="Start the backfill")
    expect(dialog).to_contain_text("12 instances are run, oldest first")
    dialog.get_by_role("button", name="Start the backfill").click()

    progress = page.get_by_role("region", name="Backfill under way")
    expect(progress).to_contain_text("8 intervals have still to begin")  # two of each have begun
    expect(progress.get_by_role("progressbar", name=re.compile("^Report"))).to_be_visible()
    progress.get_by_role("button", name="Stop the backfill").click()
    page.get_by_role("dialog", name="Stop the backfill").get_by_role("button", name="Stop the backfill").click()
    expect(progress).to_have_count(0)
    page.get_by_role("link", name="See its runs").click()
    settled(page)
    expect(page.get_by_role("grid").get_by_role("link", name=re.compile("Gather.*waiting for runner"))).to_have_count(2)


def test_a_reader_sees_what_it_would_cost_and_may_not_order_it(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}/backfill?components=Report")
    settled(page)
    expect(page.get_by_label("Report")).to_be_checked()
    page.get_by_role("button", name="Last 7 days").click()
    page.get_by_label("Until before").fill((MIDNIGHT + timedelta(days=2)).strftime("%Y-%m-%dT03:00"))
    page.get_by_role("button", name="Show what it would run").click()
    expect(page.get_by_role("heading", name=re.compile(r"\d+ instances would run"))).to_be_visible()
    expect(page.get_by_role("list", name="What is skipped")).to_contain_text(
        "not due yet: they run by themselves (Report"
    )
    start = page.get_by_role("button", name="Start the backfill")
    expect(start).to_be_disabled()
    expect(start).to_have_attribute("title", re.compile("penstock/operate"))


def test_a_pipeline_that_cannot_be_backfilled_says_why(visits: Visits, rest: Rest) -> None:
    visits.faults.forgiven.append("status of 409")
    pipeline = rest.pipeline("never-active", hourly())
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}/backfill")
    settled(page)
    fill(page)
    expect(page.get_by_role("alert")).to_contain_text("never activated")
