"""Whatever authors, runners and callers write is shown as the text it is: nothing of it runs or becomes markup."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.console.rest import Rest
from tests.console.scenery import call
from tests.console.test_looks import OVERFLOW
from tests.console.visit import Visits, settled
from tests.e2e.definitions import default
from tests.e2e.plane import Plane, eventually

LOGS = "hostile-logs"
MARK = "<img src=x onerror=pwned()><script>pwned()</script><svg/onload=pwned()>\"'><a href=javascript:pwned()>x</a>"
BACKWARDS = "\u202egnp.exe\u202c"
ODD = f"a/b\\c \"d\" 'e' ü名 50% %2F%41 ?f=1&g#h;@i_2026-01-01T00:00:00 <b>{BACKWARDS}"
"""An id that the service takes, of all that an address has to escape."""
LOG = f"""{"long " * 20_000}
\x1b[31mred\x1b[0m \x1b]8;;javascript:pwned()\x07linked\x1b]8;;\x07 \x1b[2J
{MARK}
{BACKWARDS}
ends"""
WATCH = "window.pwned = () => { throw new Error('pwned') };"
INJECTED = """() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
  const wrong = "img[src='x'], [onerror], [onload], [href^='javascript:' i], script:not([src])";
  return roots.flatMap((root) => [...root.querySelectorAll(wrong)].map((node) => node.outerHTML));
}"""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A pipeline of which every text is an attempt, its failed run, and one that a caller started."""

    pipeline: str
    run: str
    instance: str
    called: str


def written() -> dict[str, Any]:
    """Every field that takes free text."""
    return {
        "objects": [
            default(maximumRetries="0", pipelineLogUri=f"s3://{LOGS}/logs/") | {"myNote": MARK},
            {
                "id": ODD,
                "name": MARK,
                "type": "ShellCommandActivity",
                "command": f"echo {MARK}",
                "workerGroup": "hostile",
                "myOwn": MARK,
            },
        ],
        "parameters": [{"id": "myText", "type": "String", "description": MARK, "helpText": MARK, "default": MARK}],
        "values": {"myText": MARK},
    }


@pytest.fixture(scope="module")
def hostile(plane: Plane, rest: Rest) -> Hostile:
    """It failed at the hands of a runner whose words are no better."""
    plane.client("s3").create_bucket(Bucket=LOGS)
    found = rest.pipeline(MARK, written(), description=MARK, tags={"note": MARK[:200]})
    rest("POST", f"/pipelines/{found}/activate", {})
    wire = plane.datapipeline
    wire.report_task_runner_heartbeat(taskrunnerId=MARK[:100], workerGroup=MARK[:100], hostname=MARK[:100])
    task = eventually(lambda: wire.poll_for_task(workerGroup="hostile", hostname=MARK[:100]).get("taskObject"))
    wire.set_task_status(
        taskId=task["taskId"], taskStatus="FAILED", errorId=MARK[:100], errorMessage=MARK, errorStackTrace=MARK
    )
    run = eventually(lambda: _failed(rest, found))
    instance = rest("GET", f"/pipelines/{found}/runs/{run}")["instances"][0]["instanceId"]
    logged(plane, rest, f"/pipelines/{found}/instances/{quote(instance, safe='')}/attempts/1/logs")
    listens = [
        default(maximumRetries="0") | {"trigger": {"ref": "Called"}},
        {"id": "Called", "name": MARK, "type": "HttpTrigger"},
        {"id": "Calls", "type": "EventBatchDataNode"},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://no-such-bucket/#{trigger.@payload.text}"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "Calls"}, "output": {"ref": "Out"}},
    ]
    called = rest.pipeline(f"called {MARK}", {"objects": listens})
    rest("POST", f"/pipelines/{called}/activate", {})
    call(plane, called, {"text": MARK, MARK: MARK})
    eventually(lambda: rest("GET", f"/pipelines/{called}/events?standing=dead")["items"], what="a dead event")
    return Hostile(found, run, instance, called)


def logged(plane: Plane, rest: Rest, logs: str) -> None:
    """Two logs of the attempt, one of a name that is no better."""
    bucket, _, folder = rest("GET", logs)["folder"].removeprefix("s3://").partition("/")
    for name in ("Activity.log", MARK[:60]):
        plane.client("s3").put_object(Bucket=bucket, Key=f"{folder.rstrip('/')}/{name}", Body=LOG.encode())


def _failed(rest: Rest, pipeline: str) -> str | None:
    runs = rest("GET", f"/pipelines/{pipeline}/runs")["items"]
    return next((run["runId"] for run in runs if run["status"] == "FAILED"), None)


def addresses(of: Hostile) -> Iterator[str]:
    """Of every view that shows something of it."""
    pipeline, called = (f"/pipelines/{quote(each, safe='')}" for each in (of.pipeline, of.called))
    yield from ("/", "/runners", f"/new?clone={quote(of.pipeline)}", "/operations")
    yield from (pipeline, f"{pipeline}/definition", f"{pipeline}/definition/versions", f"{pipeline}/backfill")
    yield f"{pipeline}/runs/{quote(of.run, safe='')}"
    yield f"{pipeline}/instances/{quote(of.instance, safe='')}"
    yield from (called, f"{called}/events")
    yield f"/pipelines/{quote(MARK, safe='')}/runs/{quote(MARK, safe='')}"
    yield f"/?q={quote(MARK)}&tag={quote('note=' + MARK)}"


def untouched(page: Page) -> None:
    found = page.evaluate(INJECTED)
    assert found == [], found


def test_nothing_that_others_wrote_runs_or_becomes_markup(visits: Visits, hostile: Hostile) -> None:
    visits.faults.forgiven.append("status of 40[04]")
    page = visits.signed_in("admin")
    page.add_init_script(WATCH)
    page.reload()
    for address in addresses(hostile):
        page.evaluate("(view) => { location.hash = view }", address)
        settled(page)
        page.evaluate("() => document.querySelectorAll('main details').forEach((each) => { each.open = true })")
        untouched(page)
    page.evaluate("(view) => { location.hash = view }", f"/pipelines/{hostile.pipeline}")
    expect(page.get_by_role("heading", level=1)).to_have_text(MARK)
    assert MARK in page.title()
    page.evaluate(
        "(view) => { location.hash = view }",
        f"/pipelines/{hostile.pipeline}/instances/{quote(hostile.instance, safe='')}",
    )
    expect(page.get_by_role("main")).to_contain_text(MARK)


def test_an_id_of_odd_signs_is_led_to_by_every_link(visits: Visits, hostile: Hostile) -> None:
    page = visits.signed_in("admin", f"#/pipelines/{hostile.pipeline}/runs/{quote(hostile.run, safe='')}")
    page.get_by_role("main").get_by_role("link").filter(has_text=ODD).first.click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(ODD)
    breadcrumb = page.get_by_role("navigation", name="Breadcrumb")
    expect(breadcrumb.get_by_text(ODD, exact=True)).to_be_visible()
    page.reload()
    expect(heading).to_contain_text(ODD)
    breadcrumb.get_by_role("link", name=hostile.run).click()
    expect(heading).to_contain_text("Run of")


def test_a_log_is_shown_as_text_whatever_was_written(visits: Visits, hostile: Hostile) -> None:
    view = f"#/pipelines/{hostile.pipeline}/instances/{quote(hostile.instance, safe='')}"
    page = visits.signed_in("admin", view, reduced_motion="reduce")
    page.add_init_script(WATCH)
    page.locator("summary").filter(has_text="Logs").first.click()
    for name in ("Activity.log", MARK[:60]):
        page.get_by_role("button", name=name, exact=True).click()
        log = page.get_by_role("log", name=name, exact=True)
        expect(log).to_contain_text("ends")
        text = log.inner_text()
        assert "red " in text
        assert MARK in text
        assert not set(text) & set("\x1b\x07\u202e"), ascii(text[:200])
        untouched(page)
    assert page.evaluate(OVERFLOW) == []


def test_the_policy_lets_in_nothing_but_the_consoles_own_files(visits: Visits) -> None:
    page = visits.stranger()
    answer = page.goto(f"{visits.address}/index.html")
    assert answer is not None
    told = visits.stranger().request.get(f"{visits.address}/index.html").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in told.split("; "))
    assert rules["default-src"] == "'none'"
    assert (rules["script-src"], rules["style-src"]) == ("'self'", "'self'")
    assert (rules["base-uri"], rules["form-action"], rules["frame-ancestors"]) == ("'none'", "'none'", "'none'")
    assert "unsafe" not in told
    assert json.loads(page.request.get(f"{visits.address}/config.json").text())["clientId"]
