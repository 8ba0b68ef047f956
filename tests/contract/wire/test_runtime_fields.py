"""Which runtime fields are shown where, on a pipeline with data nodes, a resource and a precondition that runs."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.values import render_time
from chalicelib.ports.bundle import Ports
from tests.contract.wire.runs import Run
from tests.contract.wire.samples import DEFAULT, PARAMETER, SHELL, VALUE, put

Shown = dict[str, list[str]]


def item(name: str, **fields: Any) -> dict[str, Any]:
    """An object; a value in a tuple is a reference."""
    pairs = [
        (key, value) for key, values in fields.items() for value in (values if isinstance(values, list) else [values])
    ]
    return {
        "id": name,
        "name": name,
        "fields": [
            {"key": key, "refValue": value[0]} if isinstance(value, tuple) else {"key": key, "stringValue": value}
            for key, value in pairs
        ],
    }


def shown(client: Any, pipeline: str, name: str, *, evaluate: bool = False) -> Shown:
    answer = client.describe_objects(pipelineId=pipeline, objectIds=[name], evaluateExpressions=evaluate)
    found: Shown = {}
    for field in answer["pipelineObjects"][0]["fields"]:
        found.setdefault(field["key"], []).append(field.get("stringValue", field.get("refValue")))
    return found


@pytest.fixture
def hourly(client: Any, pipeline: str, ports: Ports) -> Run:
    """Two hours of a shell command that reads one node and writes another, and a day over both hours."""
    start = ports.clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    objects = [
        item("Default", scheduleType="cron", schedule=("Hourly",), role="r", resourceRole="r"),
        item("Hourly", type="Schedule", period="1 hour", startDateTime=render_time(start), occurrences="2"),
        item("Whole", type="Schedule", period="2 hours", startDateTime=render_time(start), occurrences="1"),
        item("In", type="S3DataNode", filePath="s3://b/in"),
        item("Out", type="S3DataNode", filePath="s3://b/#{@scheduledStartTime}"),
        item("There", type="ShellCommandPrecondition", command="true"),
        item(
            "Shell", type="ShellCommandActivity", command="true", workerGroup="g", input=("In",), output=("Out",),
            precondition=("There",),
        ),
        item("Sum", type="ShellCommandActivity", command="true", workerGroup="g", input=("Out",), schedule=("Whole",)),
        item("OnBox", type="ShellCommandActivity", command="true", runsOn=("Box",), dependsOn=("Sum",)),
        item("Box", type="Ec2Resource", terminateAfter="1 hour"),
    ]  # fmt: skip
    answer = client.put_pipeline_definition(pipelineId=pipeline, pipelineObjects=objects)
    assert answer["errored"] is False, answer
    client.activate_pipeline(pipelineId=pipeline)
    started = Run(pipeline)
    started.settle()
    return started


def of(run: Run, component: str) -> str:
    return f"@{component}{run.instance('Shell')[len('@Shell') :]}"


@pytest.mark.parametrize("evaluate", [False, True])
def test_references_of_an_instance_lead_to_instances(client: Any, hourly: Run, evaluate: bool) -> None:
    shell = shown(client, hourly.pipeline, hourly.instance("Shell"), evaluate=evaluate)
    assert shell["input"] == [of(hourly, "In")]
    assert shell["output"] == [of(hourly, "Out")]
    assert shell["precondition"] == [of(hourly, "There")]
    assert shell["schedule"] == ["Hourly"]
    assert len(shown(client, hourly.pipeline, hourly.instance("Sum"), evaluate=evaluate)["input"]) == 2
    assert shown(client, hourly.pipeline, of(hourly, "OnBox"))["runsOn"] == [of(hourly, "Box")]


def test_a_data_node_shows_who_writes_and_who_reads_it(client: Any, hourly: Run) -> None:
    node = shown(client, hourly.pipeline, of(hourly, "Out"))
    assert node["input"] == [of(hourly, "Shell")]
    assert node["output"] == [hourly.instance("Sum")]
    assert shown(client, hourly.pipeline, of(hourly, "In"))["output"] == [of(hourly, "Shell")]


def test_a_resource_shows_what_runs_on_it(client: Any, hourly: Run) -> None:
    assert shown(client, hourly.pipeline, of(hourly, "Box"))["input"] == [of(hourly, "OnBox")]


def test_a_precondition_shows_what_it_guards(client: Any, hourly: Run) -> None:
    assert shown(client, hourly.pipeline, of(hourly, "There"))["node"] == [of(hourly, "Shell")]


def test_what_waits_shows_what_it_waits_for(client: Any, hourly: Run) -> None:
    assert shown(client, hourly.pipeline, of(hourly, "OnBox"))["@waitingOn"] == [hourly.instance("Sum")]
    assert of(hourly, "There") in shown(client, hourly.pipeline, hourly.instance("Shell"))["@waitingOn"]


def test_a_component_shows_its_instances_and_what_comes_next(client: Any, hourly: Run) -> None:
    assert of(hourly, "Shell") in shown(client, hourly.pipeline, "Shell")["@activeInstances"]
    assert shown(client, hourly.pipeline, "Hourly")["@firstActivationTime"]
    client.deactivate_pipeline(pipelineId=hourly.pipeline)
    hourly.settle()
    assert shown(client, hourly.pipeline, "Shell")["@lastDeactivatedTime"]
    assert shown(client, hourly.pipeline, of(hourly, "Shell"))["cancellationReason"]


def test_a_schedule_that_goes_on_shows_its_next_run(client: Any, pipeline: str, ports: Ports) -> None:
    start = render_time(ports.clock.now() + timedelta(hours=1))
    objects = [
        item("Default", scheduleType="cron", schedule=("Hourly",)),
        item("Hourly", type="Schedule", period="1 hour", startDateTime=start),
        item("Shell", type="ShellCommandActivity", command="true", workerGroup="g"),
    ]
    client.put_pipeline_definition(pipelineId=pipeline, pipelineObjects=objects)
    client.activate_pipeline(pipelineId=pipeline)
    Run(pipeline).settle()
    assert shown(client, pipeline, "Shell")["@nextRunTime"] == [start]


def test_who_polled_and_what_failed_stand_on_attempt_and_instance(client: Any, run: Run) -> None:
    task = client.poll_for_task(workerGroup="g", hostname="worker-7.example.com")["taskObject"]
    client.report_task_progress(taskId=task["taskId"], fields=[{"key": "attemptStatus", "stringValue": "halfway"}])
    run.settle()
    for name in (run.instance("Shell"), task["attemptId"]):
        found = shown(client, run.pipeline, name)
        assert found["hostname"] == ["worker-7.example.com"]
        assert found["attemptStatus"] == ["halfway"]
        assert len(found["reportProgressTime"][0]) == len("2012-10-01T00:00:00")
    client.set_task_status(
        taskId=task["taskId"], taskStatus="FAILED", errorId="E", errorMessage="m", errorStackTrace="t"
    )
    run.settle()
    attempt = shown(client, run.pipeline, task["attemptId"])
    assert (attempt["errorId"], attempt["errorMessage"], attempt["errorStackTrace"]) == (["E"], ["m"], ["t"])
    assert attempt["@status"] == ["FAILED"]


def test_a_runner_that_reports_nothing_but_the_end_is_known_too(client: Any, run: Run) -> None:
    task = client.poll_for_task(workerGroup="g", hostname="worker-8")["taskObject"]
    client.set_task_status(taskId=task["taskId"], taskStatus="FINISHED")
    run.settle()
    instance = shown(client, run.pipeline, run.instance("Shell"))
    assert instance["hostname"] == ["worker-8"]
    assert instance["@finishedTime"] == instance["@actualEndTime"]
    shell = shown(client, run.pipeline, "Shell")
    assert shell["@healthStatus"] == ["HEALTHY"]
    assert {"@healthStatusUpdatedTime", "@latestRunTime", "@latestCompletedRunTime"} <= set(shell)


def test_a_faulty_definition_shows_its_errors_on_its_components(client: Any, pipeline: str) -> None:
    put(client, pipeline, item("Bad", type="S3DataNode", maximumRetries="many"))
    bad = shown(client, pipeline, "Bad")
    assert bad["@status"] == ["PENDING"]
    assert any("maximumRetries" in error for error in bad["@error"])
    assert "@error" not in shown(client, pipeline, "Shell")


def test_components_that_are_not_active_yet_are_shown_beside_those_that_are(client: Any, run: Run) -> None:
    changed = {**SHELL, "fields": [*SHELL["fields"], {"key": "maximumRetries", "stringValue": "many"}]}
    client.put_pipeline_definition(
        pipelineId=run.pipeline,
        pipelineObjects=[DEFAULT, changed, item("New", type="ShellCommandActivity", command="true", workerGroup="g")],
        parameterObjects=[PARAMETER],
        parameterValues=[VALUE],
    )
    shell, new = shown(client, run.pipeline, "Shell"), shown(client, run.pipeline, "New")
    assert "maximumRetries" in shell["@error"][0]
    assert shell["@status"] == ["SCHEDULED"]
    assert new["@status"] == ["PENDING"]
    assert client.query_objects(pipelineId=run.pipeline, sphere="COMPONENT")["ids"] == ["Default", "Shell", "New"]
    selectors = [{"fieldName": "@status", "operator": {"type": "EQ", "values": ["PENDING"]}}]
    found = client.query_objects(pipelineId=run.pipeline, sphere="COMPONENT", query={"selectors": selectors})
    assert found["ids"] == ["New"]
    with pytest.raises(client.exceptions.InvalidRequestException, match="New is not active yet"):
        client.set_status(pipelineId=run.pipeline, objectIds=["New"], status="PAUSE")


def test_nothing_is_rerun_while_the_pipeline_is_stopped(client: Any, run: Run) -> None:
    client.deactivate_pipeline(pipelineId=run.pipeline)
    run.settle()
    with pytest.raises(client.exceptions.InvalidRequestException, match="is INACTIVE, so nothing can be run again"):
        client.set_status(pipelineId=run.pipeline, objectIds=[run.instance("Shell")], status="RERUN")
    client.delete_pipeline(pipelineId=run.pipeline)
    with pytest.raises(client.exceptions.PipelineDeletedException):
        client.set_status(pipelineId=run.pipeline, objectIds=[run.instance("Shell")], status="RERUN")


def test_a_finished_schedule_takes_no_orders(client: Any, finished: Run) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="is FINISHED"):
        client.set_status(pipelineId=finished.pipeline, objectIds=[finished.instance("Shell")], status="RERUN")
