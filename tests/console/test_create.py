"""Pipelines made from a template, a file or another pipeline; edited, started, stopped and deleted."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from local.cognito.pool import PASSWORD
from tests.console.rest import Rest
from tests.console.visit import PHONE, Visits, go, settled
from tests.e2e.plane import Plane

SCHEDULED: dict[str, Any] = {
    "objects": [
        {"id": "Default", "scheduleType": "cron", "schedule": {"ref": "Daily"}, "role": "r", "resourceRole": "rr"},
        {"id": "Daily", "type": "Schedule", "period": "1 day", "startDateTime": "2126-01-01T00:00:00"},
        {"id": "Say", "type": "ShellCommandActivity", "command": "true", "workerGroup": "nobody"},
    ]
}


def submit(page: Page) -> None:
    page.get_by_role("button", name="Create", exact=True).click()


def test_a_template_becomes_a_form_that_is_checked_as_one_types(visits: Visits, rest: Rest, name: str) -> None:
    page = visits.signed_in("writer", "#/new")
    page.get_by_label("Template", exact=True).select_option("Export DynamoDB Table to S3")
    submit(page)
    expect(page.get_by_text("Needs a name")).to_be_visible()
    folder = page.get_by_label(re.compile("S3 folder", re.IGNORECASE))
    expect(folder).to_have_attribute("aria-invalid", "true")
    folder.fill("bucket/folder")
    expect(page.get_by_text("Expected an S3 address, 's3://bucket/key', not “bucket/folder”")).to_be_visible()
    folder.fill("s3://bucket/folder")
    expect(folder).to_have_attribute("aria-invalid", "false")
    page.get_by_label("DynamoDB table to export").fill("orders")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add a tag").click()
    page.get_by_label("Key of tag 1").fill("made")
    page.get_by_label("Value of tag 1").fill("by hand")
    page.get_by_role("button", name="Create", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    found = rest("GET", f"/pipelines?q={name}")["items"]
    assert [(each["name"], each["tags"]) for each in found] == [(name, {"made": "by hand"})]


def test_what_the_service_refuses_stands_at_its_field(visits: Visits, name: str) -> None:
    visits.faults.forgiven.append("status of 400")
    page = visits.signed_in("writer", "#/new")
    page.get_by_role("radio", name="Nothing yet").check()
    page.get_by_label("Name", exact=True).fill(name)
    page.route(
        re.compile("/v1/pipelines$"),
        lambda route: route.fulfill(
            status=400,
            json={"error": {"code": "InvalidRequest", "message": "name: is taken", "field": "name", "requestId": "r"}},
        ),
    )
    submit(page)
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("is taken", exact=True)).to_be_visible()


def test_a_dropped_definition_shows_its_faults_and_waits_in_the_editor(
    visits: Visits, name: str, tmp_path: Path
) -> None:
    visits.faults.forgiven.append("status of 400")
    page = visits.signed_in("writer", "#/new")
    page.get_by_role("radio", name="A definition file").check()
    (tmp_path / "words.json").write_text("these are no objects")
    field = page.get_by_label("Definition file", exact=True)
    field.set_input_files(tmp_path / "words.json")
    expect(page.get_by_role("alert")).to_contain_text("words.json: this is not JSON")
    faulty = {"objects": [*SCHEDULED["objects"][:2], {"id": "Say", "type": "ShellCommandActivity", "command": "true"}]}
    drop(page, f"{name}.json", json.dumps(faulty))
    expect(page.get_by_role("status")).to_contain_text("which you can correct in the editor")
    expect(page.get_by_role("status")).to_contain_text("Say:")
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    submit(page)
    expect(page).to_have_url(re.compile(r"#/pipelines/df-[^/]+/definition"))


def drop(page: Page, name: str, text: str) -> None:
    """A file, from a folder of the desk onto the form."""
    given = page.evaluate_handle(
        """([name, text]) => {
        const given = new DataTransfer();
        given.items.add(new File([text], name, { type: "application/json" }));
        return given;
        }""",
        [name, text],
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": given})


def test_a_pipeline_is_copied_edited_and_deleted_by_a_writer(visits: Visits, rest: Rest, name: str) -> None:
    original = rest.pipeline(name, SCHEDULED, description="the first", tags={"copy": "yes"})
    page = visits.signed_in("writer", f"#/pipelines/{original}")
    page.get_by_role("link", name="Clone").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value(f"{name} (copy)")
    expect(page.get_by_label("Value of tag 1")).to_have_value("yes")
    submit(page)
    expect(page.get_by_role("heading", level=1, name=f"{name} (copy)")).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog", name="Edit description and tags")
    dialog.get_by_label("Description").fill("the second")
    dialog.get_by_role("button", name="Remove tag copy").click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("the second", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="copy: yes")).to_have_count(0)
    expect(page.get_by_role("button", name="Activate")).to_be_disabled()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete")
    expect(dialog).to_contain_text("There is no way back")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label(re.compile("to go on")).fill(f"{name} (copy)")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1, name="Pipelines")).to_be_visible()
    assert [each["name"] for each in rest("GET", f"/pipelines?q={name}")["items"]] == [name]


def test_an_operator_starts_and_stops_and_may_not_edit(visits: Visits, rest: Rest, name: str) -> None:
    made = rest.pipeline(name, SCHEDULED)
    page = visits.signed_in("operator", f"#/pipelines/{made}")
    for button in ("Edit", "Clone", "Delete"):
        expect(page.get_by_role("button", name=button, exact=True)).to_have_attribute(
            "title", re.compile("does not permit")
        )
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("dialog", name="Activate").get_by_role("button", name="Activate").click()
    expect(page.get_by_text("scheduled").first).to_be_visible()
    page.get_by_role("button", name="Deactivate").click()
    dialog = page.get_by_role("dialog", name="Deactivate")
    expect(dialog.get_by_role("checkbox", name="Cancel what runs now")).to_be_checked()
    dialog.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("inactive").first).to_be_visible()


def test_a_reader_may_look_at_the_form_but_not_send_it(visits: Visits) -> None:
    page = visits.signed_in("reader", "#/new")
    button = page.get_by_role("button", name="Create", exact=True)
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", re.compile("penstock/write"))


def test_a_phone_shows_the_form_as_wide_as_itself(visits: Visits) -> None:
    page = visits.signed_in("ann", "#/new", PHONE)
    page.get_by_label("Template", exact=True).select_option("Run Job on an Amazon EMR Cluster")
    expect(page.get_by_text("Members of your group analytics alone will see it.")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE[0]


def test_a_member_of_two_groups_says_whose_a_pipeline_is(visits: Visits, plane: Plane, name: str) -> None:
    visits.faults.forgiven.append("status of 404")  # there is no definition yet
    join(plane, "cleo", "writers", "analytics", "billing")
    page = visits.signed_in("cleo", "#/new")
    page.get_by_role("radio", name="Nothing yet").check()
    page.get_by_label("Name", exact=True).fill(name)
    submit(page)
    expect(page.get_by_text("You are in several groups")).to_be_visible()
    group = page.get_by_label("Group", exact=True)
    expect(group).to_have_attribute("aria-invalid", "true")
    group.select_option("billing")
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Definition")
    made = page.url.split("/")[-2]
    go(page, f"#/pipelines/{made}")
    expect(page.get_by_role("main")).to_contain_text("penstock:group: billing")
    go(page, f"#/new?clone={made}")
    expect(group).to_have_value("billing")
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{name} (copy)")
    for user, seen in (("ann", 0), ("bob", 1)):
        listed = visits.signed_in(user, f"#/?q={name}")
        settled(listed)
        expect(listed.get_by_role("main").get_by_role("link", name=name, exact=True)).to_have_count(seen)


def join(plane: Plane, user: str, *groups: str) -> None:
    """A person more, and the groups of theirs."""
    cognito, pool = plane.client("cognito-idp"), plane.endpoints["user_pool"]
    cognito.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=PASSWORD, Permanent=True)
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)
