"""A run and what can be ordered for it, as its people see it: failed, mended, canceled, marked finished."""

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
