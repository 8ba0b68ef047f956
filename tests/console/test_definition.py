"""Definitions in the console: written with help, mended until they activate, evaluated in a run, compared, restored."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.rest import Rest
from tests.console.visit import PHONE, Visits, go
from tests.e2e.plane import Plane, eventually


def copying(name: str) -> dict[str, Any]:
    return {
        "objects": [
            {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "rr"},
            {
                "id": "Copy",
                "type": "CopyActivity",
                "input": {"ref": "In"},
                "output": {"ref": "Out"},
                "myNote": "of #{format(@scheduledStartTime, 'YYYY')} from #{myWhere}, not #{nowhere.x}",
                "mySecret": "#{*myPassword}",
            },
            {"id": "In", "type": "S3DataNode", "filePath": f"s3://{name}/in.csv"},
            {"id": "Out", "type": "S3DataNode", "filePath": f"s3://{name}/out.csv"},
        ],
        "parameters": [
            {"id": "myWhere", "type": "String", "description": "Where it comes from"},
            {"id": "*myPassword", "type": "String"},
        ],
        "values": {"myWhere": "the shop", "*myPassword": "hush"},
    }


def faulty(name: str) -> dict[str, Any]:
    """With a misspelled type and a reference that leads nowhere; parameters as they are."""
    found = copying(name)
    copy = found["objects"][1]
    copy["type"] = "CopyActivty"
    copy["output"] = {"ref": "Outt"}
    copy["myNote"] = "of #{format(@scheduledStartTime, 'YYYY')} from #{myWhere}"
    return found


@pytest.fixture(scope="module")
def ran(rest: Rest, plane: Plane) -> str:
    """A pipeline that ran once; its definition has been saved by two people since."""
    plane.client("s3").create_bucket(Bucket="definition-ran")
    plane.client("s3").put_object(Bucket="definition-ran", Key="in.csv", Body=b"a,b\n1,2\n")
    definition = copying("definition-ran")
    definition["objects"][1]["myNote"] = "of #{format(@scheduledStartTime, 'YYYY')} from #{myWhere}"
    pipeline = rest.pipeline("definition that ran", definition)
    rest("POST", f"/pipelines/{pipeline}/activate", {})
    eventually(lambda: rest("GET", f"/pipelines/{pipeline}/runs")["items"], 60)
    return pipeline


def editor(page: Page) -> Locator:
    found = page.get_by_role("textbox", name="Definition")
    expect(found).to_be_visible()
    return found


def find(page: Page, text: str) -> Locator:
    """A piece of the text in the editor, one that a colour or mark sets apart."""
    return page.locator(".cm-content span").get_by_text(text, exact=True).first


def offer(page: Page, label: str) -> Locator:
    """A completion, by what would be written."""
    return page.get_by_role("option").filter(has=page.locator(".cm-completionLabel").get_by_text(label, exact=True))


def replace(page: Page, fault: str, text: str) -> None:
    """Go to a fault from the list, which marks what is wrong, and write over it."""
    page.get_by_role("region", name="Faults").get_by_role("listitem").filter(has_text=fault).get_by_role(
        "button"
    ).click()
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def save(page: Page, says: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=re.compile(re.escape(says)))).to_be_visible()


def test_a_dropped_definition_with_faults_is_mended_until_it_activates(
    visits: Visits, plane: Plane, tmp_path: Path
) -> None:
    file = tmp_path / "mended.json"
    file.write_text(json.dumps(faulty("definition-mended")))
    visits.faults.forgiven.append("status of 400")
    page = visits.signed_in("admin", "#/new")
    page.get_by_role("radio", name="A definition file").check()
    page.get_by_label("Definition file", exact=True).set_input_files(file)
    expect(page.get_by_role("status")).to_contain_text("2 errors")  # what is below has moved by then
    page.get_by_label("Name", exact=True).fill("definition mended")
    page.get_by_role("button", name=re.compile("^Create")).click()
    expect(page.get_by_role("heading", level=1, name="Definition")).to_be_visible()
    faults = page.get_by_role("region", name="Faults")
    expect(faults.get_by_text("There is no object type 'CopyActivty'")).to_be_visible()
    expect(page.locator(".cm-lintRange-error").first).to_be_visible()
    replace(page, "There is no object type", '"CopyActivity"')
    expect(faults).to_contain_text("Outt")
    replace(page, "Outt", "Out")
    expect(faults.get_by_role("status")).not_to_contain_text("error")
    page.get_by_role("button", name="Activate").click()
    dialog = page.get_by_role("dialog", name="Activate")
    expect(dialog).to_contain_text("on demand")
    dialog.get_by_label("myWhere").fill("the harbour")
    dialog.get_by_role("button", name=re.compile("ctivate$")).click()
    expect(page.get_by_role("status").filter(has_text="Activated.")).to_be_visible()
    expect(editor(page)).to_contain_text("the harbour")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()


def test_errors_forbid_activation_but_not_saving(visits: Visits, rest: Rest) -> None:
    pipeline = rest.pipeline("definition wrong", copying("definition-wrong"))
    page = visits.signed_in("writer", f"#/pipelines/{pipeline}/definition")
    expect(page.get_by_role("region", name="Faults")).to_contain_text("nowhere")
    expect(page.get_by_role("button", name="Activate")).to_be_disabled()
    expect(page.get_by_role("button", name="Activate")).to_have_attribute("title", re.compile("does not permit"))
    editor(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" ")
    save(page, "Saved, with errors")


def test_what_may_stand_somewhere_is_offered(visits: Visits, rest: Rest) -> None:
    pipeline = rest.pipeline("definition offered", {"objects": [{"id": "Default", "scheduleType": "ondemand"}]})
    page = visits.signed_in("writer", f"#/pipelines/{pipeline}/definition")
    editor(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text('{"objects": [{"id": "In", "type": "S3DataNode"}, {"id": "Copy", ')
    page.keyboard.type('"ty')
    expect(offer(page, "type")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("CopyAc")
    expect(offer(page, "CopyActivity")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.type(', "inp')
    expect(offer(page, "input")).to_be_visible()
    page.keyboard.press("Enter")
    expect(offer(page, "In")).to_be_visible()
    page.keyboard.press("Enter")
    expect(editor(page)).to_contain_text('"Copy", "type": "CopyActivity", "input": {"ref": "In"}')
    page.keyboard.press("End")
    page.keyboard.type(', "myDay": "#{@schedul')
    expect(offer(page, "@scheduledStartTime")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo").click()
    expect(editor(page)).not_to_contain_text("@schedul")


def test_an_expression_shows_its_value_in_the_chosen_run(visits: Visits, ran: str) -> None:
    page = visits.signed_in("reader", f"#/pipelines/{ran}/definition")
    expect(page.get_by_role("combobox", name="Run")).not_to_have_value("")
    explained = page.get_by_role("tooltip")
    find(page, "#{myWhere}").hover()
    expect(explained).to_contain_text("the shop")
    expect(explained).to_contain_text("@Copy_")
    find(page, "#{*myPassword}").hover()
    expect(explained).to_contain_text("*****")
    page.mouse.move(0, 0)
    expect(explained).to_have_count(0)
    find(page, '"CopyActivity"').click()
    page.keyboard.press("Control+i")
    expect(explained).to_contain_text("CopyActivity, activity")
    expect(editor(page)).to_have_attribute("aria-readonly", "true")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()


def test_a_stale_save_tells_who_was_first_and_loses_nothing(visits: Visits, rest: Rest) -> None:
    visits.faults.forgiven.append("status of 412")
    definition = {"objects": [{"id": "Default", "scheduleType": "ondemand"}]}
    pipeline = rest.pipeline("definition stale", definition)
    page = visits.signed_in("writer", f"#/pipelines/{pipeline}/definition")
    expect(editor(page)).to_contain_text("ondemand")
    definition["objects"].append({"id": "Theirs", "scheduleType": "ondemand"})
    rest("PUT", f"/pipelines/{pipeline}/definition", definition)
    find(page, '"ondemand"').dblclick()
    page.keyboard.type("cron")
    page.get_by_role("button", name="Save", exact=True).click()
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("saved another version")
    expect(editor(page)).to_contain_text('"cron"')
    notice.get_by_role("button", name="Show what differs").click()
    expect(notice.get_by_role("textbox", name="Theirs")).to_contain_text("Theirs")
    notice.get_by_role("button", name="Save mine over it").click()
    expect(notice).to_have_count(0)
    now = rest("GET", f"/pipelines/{pipeline}/definition")["objects"]
    assert [(each["id"], each["scheduleType"]) for each in now] == [("Default", "cron")]


def test_who_leaves_what_is_not_saved_is_asked_and_finds_it_again(visits: Visits, rest: Rest) -> None:
    pipeline = rest.pipeline("definition left", {"objects": [{"id": "Default", "scheduleType": "ondemand"}]})
    page = visits.signed_in("writer", f"#/pipelines/{pipeline}/definition")
    find(page, '"ondemand"').dblclick()
    page.keyboard.type("cron")
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("dialog", name="Not saved").get_by_role("button", name="Leave, and keep it here").click()
    expect(page.get_by_role("heading", level=1, name="Versions")).to_be_visible()
    page.get_by_role("link", name="Back to the editor").click()
    expect(editor(page)).to_contain_text('"cron"')
    page.get_by_role("button", name="Discard changes").click()
    expect(editor(page)).to_contain_text('"ondemand"')


@pytest.mark.parametrize("size", [(1280, 800), PHONE])
def test_versions_are_compared_and_an_old_one_restored(
    visits: Visits, rest: Rest, name: str, size: tuple[int, int]
) -> None:
    definition = copying("definition-versions")
    pipeline = rest.pipeline(f"{name} {size[0]}", definition)
    definition["objects"][2]["filePath"] = "s3://definition-versions/other.csv"
    definition["values"]["myWhere"] = "the harbour"
    rest("PUT", f"/pipelines/{pipeline}/definition", definition)
    page = visits.signed_in("writer", f"#/pipelines/{pipeline}/definition/versions", size)
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="Compare the chosen two").click()
    changed = page.get_by_role("listitem").filter(has_text="object In")
    expect(changed.first).to_contain_text('filePath was "s3://definition-versions/in.csv"')
    expect(page.locator(".cm-content").last).to_contain_text("other.csv")
    expect(page.locator(".cm-content")).to_have_count(1 if size == PHONE else 2)
    go(page, f"#/pipelines/{pipeline}/definition/versions")
    page.get_by_role("button", name="Open as draft").last.click()
    expect(editor(page)).to_contain_text("in.csv")
    save(page, "Saved, with errors")
    assert rest("GET", f"/pipelines/{pipeline}/definition")["values"]["myWhere"] == "the shop"
