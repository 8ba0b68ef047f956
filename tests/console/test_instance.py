"""An instance, its attempts and their logs, as its people see them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.rest import Rest
from tests.console.test_run import COPY, definition, reaches, started
from tests.console.visit import Visits, go, settled
from tests.e2e.plane import Plane
from tests.e2e.runner import Runner

SHELL = "Counting"
GROUP = "console-counters"


@pytest.fixture
def runner(plane: Plane, tmp_path: Path) -> Iterator[Runner]:
    """A Task Runner of this machine that polls GROUP."""
    running = Runner(plane, GROUP, tmp_path / "runner")
    yield running
    running.kill()


def test_an_error_is_read_where_it_happened_and_the_component_paused(rest: Rest, visits: Visits, name: str) -> None:
    made = definition(name, onlyHere="#{@scheduledStartTime}")
    made["objects"][4]["myNote"] = made["objects"][4].pop("onlyHere")
    pipeline, run = started(rest, name, made)
    reaches(rest, pipeline, run, "FAILED")
    page = visits.signed_in("operator", f"#/pipelines/{pipeline}/instances/@{COPY}_{run}")
    settled(page)
    attempt = page.get_by_role("article", name="Attempt 1")
    expect(attempt).to_contain_text("orders.csv")
    expect(attempt).to_contain_text("a function")
    note = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="myNote"))
    expect(note.get_by_role("cell").nth(0)).to_have_text("#{@scheduledStartTime}")
    expect(note.get_by_role("cell").nth(1)).to_have_text(run)
    attempt.get_by_text("Logs").click()
    expect(attempt.get_by_role("log")).to_contain_text("task.done")
    page.get_by_role("button", name=f"Pause {COPY}").click()
    page.get_by_role("dialog").get_by_role("button", name=f"Pause {COPY}").click()
    expect(page.get_by_role("button", name=f"Resume {COPY}")).to_be_visible()
    go(page, f"#/pipelines/{pipeline}/instances/@CopyAgain_{run}")
    expect(page.get_by_text("which is stuck itself")).to_be_visible()


def test_a_log_grows_while_the_task_runs(
    plane: Plane, rest: Rest, visits: Visits, name: str, runner: Runner, tmp_path: Path
) -> None:
    plane.client("s3").create_bucket(Bucket=name)
    go_on, end = tmp_path / "go", tmp_path / "end"
    command = f"""seq 1 100; until [ -e {go_on} ]; do sleep 0.1; done
        echo it went on; until [ -e {end} ]; do sleep 0.1; done; echo #{{*mySecret}}"""
    shell = {"id": SHELL, "type": "ShellCommandActivity", "command": command, "workerGroup": GROUP}
    default = {"id": "Default", "scheduleType": "ondemand", "role": "DataPipelineDefaultRole"}
    secret = {"parameters": [{"id": "*mySecret", "type": "String"}], "values": {"*mySecret": "sesame"}}
    objects = [{**default, "pipelineLogUri": f"s3://{name}/logs"}, shell]
    pipeline, run = started(rest, name, {"objects": objects, **secret})
    page = visits.signed_in("reader", f"#/pipelines/{pipeline}/instances/@{SHELL}_{run}")
    attempt = page.get_by_role("article", name="Attempt 1")
    attempt.get_by_role("button", name="StdOutput").click()
    log = attempt.get_by_role("log", name="StdOutput")
    expect(log).to_contain_text("100")
    expect(attempt).to_contain_text("Followed live")
    assert log.evaluate("(box) => box.scrollHeight - box.scrollTop - box.clientHeight") < 24
    log.evaluate("(box) => { box.scrollTop = 0 }")
    go_on.touch()
    expect(log).to_contain_text("it went on")
    assert log.evaluate("(box) => box.scrollTop") == 0
    end.touch()
    expect(page.locator(".title .status").first).to_have_text("✓ finished")
    expect(log).to_contain_text("*****")
    expect(attempt).to_contain_text("Complete")
    with page.expect_download() as download:
        attempt.get_by_role("button", name="Download").click()
    assert download.value.path().read_text() == "".join(f"{n}\n" for n in range(1, 101)) + "it went on\n*****\n"
    assert runner
