"""What data nodes hold, seen from their pages."""

import gzip
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.console.rest import Rest
from tests.console.test_results import finished
from tests.console.visit import Visits, settled
from tests.e2e.plane import Plane, eventually

NAME = "console-preview"
MARKUP = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def pipeline(plane: Plane, rest: Rest) -> str:
    """A copy that is done."""
    s3, bucket = plane.client("s3"), plane.bucket(NAME)
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=f"1,ann,\\N\n2,{MARKUP},5\n".encode())
    s3.put_object(Bucket=bucket, Key="in/b.csv", Body=b"3,bob,7\n")
    s3.put_object(Bucket=bucket, Key="packed.csv.gz", Body=gzip.compress(b"9,zoe,1\n" * 1000))
    made = rest.pipeline(NAME, {"objects": copying(bucket)})
    rest("POST", f"/pipelines/{made}/activate", {})
    eventually(lambda: finished(rest, made, "Copy"), 120)
    return made


def copying(bucket: str) -> list[dict[str, Any]]:
    format_of = {"dataFormat": {"ref": "Orders"}}
    return [
        {"id": "Default", "scheduleType": "ondemand", "role": "DataPipelineDefaultRole"},
        {"id": "Orders", "type": "CSV", "column": ["id INT", "name STRING", "amount INT"]},
        {"id": "In", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/in", **format_of},
        {"id": "Out", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/out", **format_of},
        {"id": "Packed", "type": "S3DataNode", "filePath": f"s3://{bucket}/packed.csv.gz", "compression": "gzip"}
        | format_of,
        {"id": "Plain", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/plain", **format_of},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
        {"id": "Unpack", "type": "CopyActivity", "input": {"ref": "Packed"}, "output": {"ref": "Plain"}},
    ]


def of(rest: Rest, pipeline: str, component: str) -> str:
    """The address of the component's instance."""
    (found,) = rest("GET", f"/pipelines/{pipeline}/instances?component={component}")["items"]
    return f"#/pipelines/{pipeline}/instances/{found['instanceId']}"


def test_an_activity_leads_to_the_first_rows_of_its_input(visits: Visits, rest: Rest, pipeline: str) -> None:
    page = visits.signed_in("reader", of(rest, pipeline, "Copy"))
    page.get_by_role("region", name="Data").get_by_role("link", name="In").click()
    expect(page.get_by_role("heading", level=1, name="In")).to_be_visible()
    rows = page.get_by_role("region", name="First rows")
    expect(rows.get_by_role("columnheader")).to_have_text(["id", "name", "amount"])
    expect(rows.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(["1", "ann", "null"])
    expect(rows.get_by_role("row").nth(2)).to_contain_text(MARKUP)
    page.get_by_label("Object").select_option("b.csv")
    expect(rows.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(["3", "bob", "7"])


def test_a_packed_file_shows_its_first_rows_and_says_that_it_goes_on(visits: Visits, rest: Rest, pipeline: str) -> None:
    page = visits.signed_in("reader", of(rest, pipeline, "Packed"))
    settled(page)
    expect(page.get_by_role("region", name="First rows").get_by_role("row")).to_have_count(101)
    expect(page.get_by_text("Its beginning: it goes on.")).to_be_visible()
