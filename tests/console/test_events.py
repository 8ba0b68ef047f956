"""What starts runs: triggers with what waits and what is dead; dead letters get another run, a time is replayed."""

import re
import urllib.request
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.console.rest import Rest
from tests.console.visit import Visits, settled
from tests.e2e.plane import Plane, eventually

NAME = "console-events"
PAYLOADS = ("first", "<b>second</b>", "third")


def copying(bucket: str) -> list[dict[str, Any]]:
    """A copy for each call, of an object that is not there at first."""
    return [
        {"id": "Default", "scheduleType": "ondemand", "role": "DataPipelineDefaultRole", "trigger": {"ref": "Called"}},
        {"id": "Called", "type": "HttpTrigger"},
        {"id": "In", "type": "S3DataNode", "filePath": f"s3://{bucket}/in.csv"},
        {"id": "Out", "type": "S3DataNode", "filePath": f"s3://{bucket}/out.csv"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}, "maximumRetries": "0"},
    ]


def called(plane: Plane, pipeline: str, payload: str) -> None:
    """One call that starts a run."""
    url = f"{plane.endpoints['api']}/v1/ingest/{pipeline}"
    headers = {"x-api-key": "penstock-local", "Content-Type": "text/plain"}
    urllib.request.urlopen(urllib.request.Request(url, payload.encode(), headers), timeout=30).close()


@pytest.fixture(scope="module")
def pipeline(plane: Plane, rest: Rest) -> str:
    """Three calls of which nothing could be made: all are dead."""
    bucket = plane.bucket(NAME)
    made = rest.pipeline(NAME, {"objects": copying(bucket)})
    rest("POST", f"/pipelines/{made}/activate", {})
    for payload in PAYLOADS:
        called(plane, made, payload)
    eventually(lambda: len(dead(rest, made)) == len(PAYLOADS), 120, lambda: rest("GET", f"/pipelines/{made}/events"))
    plane.client("s3").put_object(Bucket=bucket, Key="in.csv", Body=b"1,2\n")
    return made


def dead(rest: Rest, pipeline: str) -> list[Any]:
    found: list[Any] = rest("GET", f"/pipelines/{pipeline}/events?standing=dead")["items"]
    return found


def letters(page: Page) -> Any:
    return page.get_by_role("region", name="Dead letters")


def test_a_reader_sees_triggers_and_dead_letters_and_why_they_may_not_redrive(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}/events")
    settled(page)
    trigger = page.get_by_role("region", name="Trigger Called")
    expect(trigger).to_contain_text("listens")
    expect(trigger.locator("dl div", has_text="Backlog")).to_contain_text("0")
    expect(trigger.locator("dl div", has_text="Dead")).to_contain_text("3")
    expect(trigger.get_by_role("listitem")).to_have_count(3)
    expect(letters(page).get_by_text("Copy is FAILED").first).to_be_visible()
    expect(letters(page).get_by_text("<b>second</b>").first).to_be_visible()
    for button in (
        letters(page).get_by_role("button", name="Redrive all"),
        page.get_by_role("button", name="Replay …"),
    ):
        expect(button).to_be_disabled()
        expect(button).to_have_attribute("title", re.compile("penstock/operate"))


def test_an_operator_redrives_a_dead_letter_until_its_run_finishes(visits: Visits, pipeline: str) -> None:
    page = visits.signed_in("operator", f"#/pipelines/{pipeline}/events")
    row = letters(page).get_by_role("row").filter(has_text="third")
    row.get_by_role("checkbox").check()
    letters(page).get_by_role("button", name="Redrive 1 selected").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 dead event will wait for a run again")
    dialog.get_by_role("button", name="Redrive 1 selected").click()
    expect(row).to_have_count(0)
    taken = page.get_by_role("region", name="Arrived").get_by_role("row").filter(has_text="third")
    expect(taken).to_contain_text("taken")
    taken.get_by_role("link").click()
    expect(page.get_by_role("main").get_by_text("finished").first).to_be_visible(timeout=60_000)


def test_the_others_are_redriven_together(visits: Visits, rest: Rest, pipeline: str) -> None:
    page = visits.signed_in("operator", f"#/pipelines/{pipeline}/events")
    letters(page).get_by_role("button", name="Redrive all").click()
    page.get_by_role("dialog").get_by_role("button", name="Redrive all").click()
    expect(letters(page)).to_have_count(0)
    eventually(lambda: not dead(rest, pipeline))


def test_a_replay_tells_first_what_it_would_start(visits: Visits, rest: Rest, pipeline: str) -> None:
    page = visits.signed_in("operator", f"#/pipelines/{pipeline}/events")
    page.get_by_role("button", name="Replay …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("what it would start is counted")
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    dialog.get_by_label("From").fill(f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}")
    dialog.get_by_label("To").fill(f"{now + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}")
    expect(dialog).to_contain_text("3 events would be replayed, in 3 runs.")
    dialog.get_by_role("button", name="Replay …").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("region", name="Arrived").get_by_role("row").filter(has_text="third")).to_have_count(2)
    replayed = [each for each in rest("GET", f"/pipelines/{pipeline}/events")["items"] if "replay" in each]
    assert len(replayed) == len(PAYLOADS)
