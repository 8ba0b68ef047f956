"""Alarms, their pages, the dashboard and the metrics fit each other and the code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import app
from chalicelib.domain.measures import FUNCTION, NAMESPACE, STAGE, Measure

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "runbooks"
PREFIX = "penstock-${Stage}-"
SECTIONS = ["## What it means", "## How to look", "## How to mend"]
FUNCTIONS = {"penstock-${Stage}", *(f"penstock-${{Stage}}-{source.name}" for source in app.event_sources)}


class Plain(yaml.SafeLoader):
    """Reads the template without resolving its functions."""


def _plain(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    """What stands behind a short function, without its name."""
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value if isinstance(node, yaml.ScalarNode) else loader.construct_mapping(node, deep=True)


Plain.add_multi_constructor("!", _plain)
RESOURCES: dict[str, Any] = yaml.load((ROOT / "infra" / "foundation.yaml").read_text(), Plain)["Resources"]
ALARMS = {
    item["Properties"]["AlarmName"].removeprefix(PREFIX): (name, item["Properties"])
    for name, item in RESOURCES.items()
    if item["Type"] in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
}
CODE = "\n".join(path.read_text() for path in sorted((ROOT / "chalicelib").rglob("*.py")))


def measured(properties: dict[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Namespace, name and names of dimensions of what an alarm looks at."""
    stats = [item["MetricStat"]["Metric"] for item in properties.get("Metrics", ()) if "MetricStat" in item]
    for metric in stats or ([properties] if "MetricName" in properties else []):
        dimensions = tuple(each["Name"] for each in metric["Dimensions"])
        yield metric["Namespace"], metric["MetricName"], dimensions


@pytest.mark.parametrize("alarm", ALARMS)
def test_every_alarm_names_its_page_and_the_page_says_what_to_do(alarm: str) -> None:
    assert ALARMS[alarm][1]["AlarmDescription"].endswith(f" See docs/runbooks/{alarm}.md")
    page = (PAGES / f"{alarm}.md").read_text()
    assert page.startswith(f"# `{alarm}`: ")
    assert re.findall("^## .*", page, re.MULTILINE) == SECTIONS


def test_every_page_is_an_alarms_and_every_link_between_pages_leads_somewhere() -> None:
    pages = {path.stem: path.read_text() for path in PAGES.glob("*.md")}
    assert set(pages) == set(ALARMS)
    for text in pages.values():
        assert {name.removesuffix(".md") for name in re.findall(r"\]\(([a-z-]+\.md)\)", text)} <= set(pages)


def test_pages_look_for_events_that_the_code_logs() -> None:
    named = {
        event for path in PAGES.glob("*.md") for event in re.findall(r'"([a-z]+\.[a-z]+)"', path.read_text())
    } | set(re.findall(r"`([a-z]+\.[a-z]+)`", (ROOT / "docs/explanation/operations.md").read_text()))
    unknown = {event for event in named - {"local.metrics"} if f'"{event}"' not in CODE}
    assert unknown == set()


@pytest.mark.parametrize("alarm", ALARMS)
def test_what_an_alarm_looks_at_is_emitted_by_the_code_or_by_aws(alarm: str) -> None:
    for namespace, name, dimensions in measured(ALARMS[alarm][1]):
        if namespace == NAMESPACE:
            assert Measure(name).by == dimensions
        else:
            assert namespace.startswith("AWS/")


@pytest.mark.parametrize("measure", Measure)
def test_every_metric_is_emitted_somewhere(measure: Measure) -> None:
    assert len(re.findall(rf"Measure\.{measure.name}\b", CODE)) >= 2  # its declaration, and a use


def test_one_alarm_asks_all_others() -> None:
    name, unhealthy = ALARMS["unhealthy"]
    others = {other for other, _ in ALARMS.values()} - {name}
    assert set(re.findall(r'ALARM\("\$\{(\w+)\}"\)', unhealthy["AlarmRule"])) == others


def test_every_function_has_a_log_group_that_forgets_and_is_watched() -> None:
    groups = [item["Properties"] for item in RESOURCES.values() if item["Type"] == "AWS::Logs::LogGroup"]
    assert {item["LogGroupName"] for item in groups} == {f"/aws/lambda/{name}" for name in FUNCTIONS}
    assert {item["RetentionInDays"] for item in groups} == {"LogDays"}
    for alarm in ("function-errors", "function-throttles"):
        metrics = [item["MetricStat"]["Metric"] for item in ALARMS[alarm][1]["Metrics"] if "MetricStat" in item]
        assert {metric["Dimensions"][0]["Value"] for metric in metrics} == FUNCTIONS


def test_the_dashboard_shows_metrics_that_exist() -> None:
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"])
    shown = [metric for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    ours = [metric for metric in shown if metric[0] == NAMESPACE]
    assert all(Measure(metric[1]).by == tuple(metric[2::2]) for metric in ours)
    assert {metric[0] for metric in shown} == {NAMESPACE, "AWS/ApiGateway", "AWS/Lambda", "AWS/SQS"}
    assert {metric[3] for metric in shown if metric[0] == "AWS/Lambda"} == FUNCTIONS


def test_no_dimension_grows_with_the_number_of_pipelines() -> None:
    assert {name for measure in Measure for name in measure.by} == {STAGE, FUNCTION}
