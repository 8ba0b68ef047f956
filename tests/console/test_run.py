"""A run and what can be ordered for it, as its people see it: failed, mended, canceled, marked finished."""

import re
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from tests.console.rest import Rest
from tests.console.visit import Visits, settled
from tests.e2e.plane import Plane, eventually

COPY = "CopyOrders"


def definition(bucket: str, **copy: Any) -> dict[str, Any]:
    """One activity that copies an object, started on demand; another that needs it."""
    return {
        "objects": [
            {"id": "Default", "scheduleType": "ondemand", "role": "DataPipelineDefaultRole", "maximumRetries": "0"},
            {"id": "Orders", "type": "S3DataNode", "filePath": f"s3://{bucket}/orders.csv"},
            {"id": "Kept", "type": "S3DataNode", "filePath": f"s3://{bucket}/kept.csv"},
            {"id": "Twice", "type": "S3DataNode", "filePath": f"s3://{bucket}/twice.csv"},
            {"id": COPY, "type": "CopyActivity", "input": {"ref": "Orders"}, "output": {"ref": "Kept"}, **copy},
            {"id": "CopyAgain", "type": "CopyActivity", "input": {"ref": "Kept"}, "output": {"ref": "Twice"}},
        ]
    }


def started(rest: Rest, name: str, made: dict[str, Any]) -> tuple[str, str]:
    """A pipeline of the definition, activated; its id and its run's."""
    pipeline = rest.pipeline(name, made)
    rest("POST", f"/pipelines/{pipeline}/activate", {})
    runs = eventually(lambda: rest("GET", f"/pipelines/{pipeline}/runs")["items"])
    return pipeline, runs[0]["runId"]


def reaches(rest: Rest, pipeline: str, run: str, status: str) -> None:
    eventually(lambda: rest("GET", f"/pipelines/{pipeline}/runs/{run}")["run"]["status"] == status, what=status)


def row(page: Page, name: str) -> Any:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_a_failed_run_is_mended_by_a_rerun(plane: Plane, rest: Rest, visits: Visits, name: str) -> None:
    plane.client("s3").create_bucket(Bucket=name)
    pipeline, run = started(rest, name, definition(name))
    reaches(rest, pipeline, run, "FAILED")
    page = visits.signed_in("operator", f"#/pipelines/{pipeline}/runs/{run}")
    settled(page)
    expect(page.get_by_role("region", name="What went wrong")).to_contain_text("orders.csv")
    expect(row(page, "CopyAgain")).to_contain_text("waits")
    plane.client("s3").put_object(Bucket=name, Key="orders.csv", Body=b"1,2\n3,4\n")
    page.get_by_role("button", name="Rerun what failed").click()
    dialog = page.get_by_role("dialog", name="Rerun what failed")
    changes = dialog.get_by_role("list", name="What will follow")
    expect(changes).to_contain_text(f"{COPY} ✕ failed → … waiting for runner")
    expect(changes).to_contain_text("CopyAgain comes back")
    expect(dialog.get_by_role("list", name="What is done at once")).to_contain_text(f"A new attempt of {COPY} begins.")
    dialog.get_by_role("button", name="Rerun what failed").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".title .status")).to_have_text("✓ finished")
    expect(page.get_by_role("region", name="What went wrong")).to_have_count(0)
    expect(row(page, "CopyAgain")).to_contain_text("finished")


def test_a_run_is_canceled_and_marked_finished(rest: Rest, visits: Visits, name: str) -> None:
    pipeline, run = started(rest, name, definition(name, workerGroup="nobody-polls-it"))
    page = visits.signed_in("admin", f"#/pipelines/{pipeline}/runs/{run}")
    settled(page)
    expect(row(page, COPY)).to_contain_text("waits for a Task Runner that polls worker group nobody-polls-it")
    page.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Cancel")
    expect(dialog.get_by_role("list", name="What will follow")).to_contain_text(
        f"{COPY} … waiting for runner → ⊘ canceled"
    )
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator(".title .status")).to_have_text("⊘ canceled")
    page.get_by_role("button", name="Mark finished").click()
    dialog = page.get_by_role("dialog", name="Mark finished")
    expect(dialog.get_by_role("list", name="What will follow")).to_contain_text(f"{COPY} ⊘ canceled → ✓ finished")
    dialog.get_by_role("button", name="Mark finished").click()
    expect(page.locator(".title .status")).to_have_text("✓ finished")


def test_who_may_only_look_sees_why_nothing_can_be_ordered(rest: Rest, visits: Visits, name: str) -> None:
    pipeline, run = started(rest, name, definition(name, workerGroup="nobody-polls-it"))
    for user in ("reader", "writer"):
        page = visits.signed_in(user, f"#/pipelines/{pipeline}/runs/{run}")
        settled(page)
        for order in ("Cancel", "Mark finished"):
            button = page.get_by_role("button", name=order)
            expect(button).to_be_disabled()
            expect(button).to_have_attribute("title", re.compile("penstock/operate"))


def test_what_started_a_run_is_told(plane: Plane, rest: Rest, visits: Visits, name: str) -> None:
    made = definition(name)
    made["objects"][0]["trigger"] = {"ref": "Called"}
    made["objects"].append({"id": "Called", "type": "HttpTrigger", "keyId": "local"})
    pipeline = rest.pipeline(name, made)
    rest("POST", f"/pipelines/{pipeline}/activate", {})
    request = urllib.request.Request(
        f"{plane.endpoints['api']}/v1/ingest/{pipeline}",
        b'{"order": 7}',
        {"x-api-key": "penstock-local", "content-type": "application/json"},
        method="POST",
    )

    def call() -> bool:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bool(answer.status < 300)

    eventually(lambda: rest("GET", f"/pipelines/{pipeline}/triggers")["items"])
    assert call()
    runs = eventually(lambda: rest("GET", f"/pipelines/{pipeline}/runs")["items"])
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}/runs/{runs[0]['runId']}")
    settled(page)
    page.get_by_text("Started by one event of Called").click()
    expect(page.get_by_role("cell", name="@payload")).to_contain_text('{"order": 7}')
