"""How the deployment does: readings as charts and figures, alarms with their runbooks, cost, Task Runners."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.rest import Rest
from tests.console.visit import PHONE, Visits
from tests.e2e.plane import Plane

ALARM = "penstock-local-control-age"


@pytest.fixture(scope="module")
def busy(rest: Rest, plane: Plane) -> str:
    """The name of a pipeline that has run and so cost something; a Task Runner has reported."""
    storage = plane.client("s3")
    storage.create_bucket(Bucket="operations-bucket")
    storage.put_object(Bucket="operations-bucket", Key="in.csv", Body=b"a,b\n1,2\n")
    made = rest.pipeline(
        "Costs of operations",
        {
            "objects": [
                {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr"},
                {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
                {"id": "In", "type": "S3DataNode", "filePath": "s3://operations-bucket/in.csv"},
                {"id": "Out", "type": "S3DataNode", "filePath": "s3://operations-bucket/out.csv"},
            ]
        },
    )
    rest("POST", f"/pipelines/{made}/activate", {})
    plane.datapipeline.report_task_runner_heartbeat(taskrunnerId="berlin-1", workerGroup="berlin", hostname="etl1")
    return "Costs of operations"


@pytest.fixture
def alarmed(plane: Plane) -> Any:
    """One alarm is on for as long as a test lasts."""
    watch = plane.client("cloudwatch")
    watch.put_metric_alarm(
        AlarmName=ALARM,
        AlarmDescription="The oldest message has waited too long. See docs/runbooks/control-age.md",
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=5,
        Threshold=300,
        ComparisonOperator="GreaterThanThreshold",
    )
    watch.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="5 datapoints were too high")
    yield
    watch.delete_alarms(AlarmNames=[ALARM])


def section(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name)


def test_a_reader_sees_readings_in_charts_and_figures(visits: Visits, busy: str) -> None:
    page = visits.signed_in("reader", "#/operations?hours=1")
    requests = section(page, "Requests of the API")
    expect(requests.locator("canvas")).to_be_visible()
    expect(requests.get_by_role("row", name=re.compile(r"requests \d"))).to_be_visible()
    expect(section(page, "Dead letters")).to_contain_text(re.compile("Nothing (was measured|happened)"))
    page.get_by_role("combobox", name="Last").select_option("24 hours")
    expect(page).to_have_url(re.compile(r"\?hours=24$"))
    expect(section(page, "Requests of the API").locator("canvas")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("berlin-1"))).to_contain_text("alive")


def test_costs_are_told_by_day_and_pipeline(visits: Visits, busy: str, plane: Plane, rest: Rest) -> None:
    page = visits.signed_in("reader", "#/operations")
    row = page.get_by_role("table", name="Cost by pipeline").get_by_role("row").filter(has_text=busy)
    expect(row).to_contain_text("US$0.0000")
    expect(page.get_by_role("list", name="Cost by day").get_by_role("listitem")).to_have_count(14)
    row.get_by_role("link", name=busy).click()
    expect(page.get_by_role("heading", level=1, name=busy)).to_be_visible()


def test_an_alarm_leads_to_the_words_of_its_runbook(visits: Visits, busy: str, alarmed: None) -> None:
    page = visits.signed_in("operator", "#/operations?hours=12")
    alarms = section(page, "Alarms")
    expect(alarms).to_contain_text("control-age")
    expect(alarms).to_contain_text("5 datapoints were too high")
    alarms.get_by_role("link", name="How to look, and how to mend it").click()
    expect(page.get_by_role("heading", level=1, name=re.compile("^control-age: "))).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="How to mend")).to_be_visible()


def test_readings_that_cannot_be_had_say_so(visits: Visits) -> None:
    visits.faults.forgiven.append("status of 503")
    page = visits.signed_in("reader", "#/runners")
    refusal = {"error": {"code": "Unavailable", "message": "CloudWatch cannot be reached", "requestId": "r"}}
    page.route(re.compile(r"/v1/operations\?"), lambda route: route.fulfill(status=503, json=refusal))
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_role("alert")).to_contain_text("CloudWatch cannot be reached")


def test_a_phone_shows_operations_as_wide_as_itself(visits: Visits, busy: str) -> None:
    page = visits.signed_in("reader", "#/operations", PHONE, "dark")
    expect(section(page, "Requests of the API").locator("canvas")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE[0]
