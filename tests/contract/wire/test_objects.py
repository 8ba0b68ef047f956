"""Components, instances and attempts over the wire, on a pipeline that the engine really runs."""

from typing import Any

import pytest

from tests.contract.wire.runs import Run


def shown(client: Any, pipeline: str, *ids: str, evaluate: bool = False) -> list[dict[str, Any]]:
    answer = client.describe_objects(pipelineId=pipeline, objectIds=list(ids), evaluateExpressions=evaluate)
    return [
        {"id": item["id"], "name": item["name"]}
        | {field["key"]: field.get("stringValue", field.get("refValue")) for field in item["fields"]}
        for item in answer["pipelineObjects"]
    ]


def test_a_component_shows_its_fields_and_how_it_is_doing(client: Any, run: Run) -> None:
    (shell,) = shown(client, run.pipeline, "Shell")
    assert shell["command"] == "echo #{mySecretFree}"
    assert shell["parent"] == "Default"
    assert shell["@sphere"] == "COMPONENT"
    assert shell["@status"] == "SCHEDULED"
    assert shell["@pipelineId"] == run.pipeline
    assert shell["@version"]


def test_a_marker_is_refused_because_no_answer_has_one(client: Any, run: Run) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="leave it out"):
        client.describe_objects(pipelineId=run.pipeline, objectIds=["Shell"], marker="x")


def test_an_instance_shows_what_list_runs_needs(client: Any, run: Run) -> None:
    (instance,) = shown(client, run.pipeline, run.instance("Shell"))
    assert instance["id"] == instance["name"] == run.instance("Shell")
    assert instance["@componentParent"] == instance["parent"] == "Shell"
    assert instance["@sphere"] == "INSTANCE"
    assert instance["@status"] == "WAITING_FOR_RUNNER"
    assert instance["type"] == "ShellCommandActivity"
    assert instance["@attemptCount"] == "1"
    assert instance["@triesLeft"] == "2"
    assert instance["@headAttempt"] == f"{run.instance('Shell')}_Attempt=1"
    for key in ("@scheduledStartTime", "@scheduledEndTime", "@actualStartTime"):
        assert len(instance[key]) == len("2012-10-01T00:00:00")
    assert "@actualEndTime" not in instance


def test_an_attempt_shows_whose_it_is(client: Any, run: Run) -> None:
    (attempt,) = shown(client, run.pipeline, f"{run.instance('Shell')}_Attempt=1")
    assert attempt["@instanceParent"] == run.instance("Shell")
    assert attempt["@componentParent"] == "Shell"
    assert attempt["@sphere"] == "ATTEMPT"
    assert attempt["@status"] == "WAITING_FOR_RUNNER"


def test_an_ended_instance_is_read_from_history(client: Any, run: Run) -> None:
    task = client.poll_for_task(workerGroup="g")["taskObject"]
    client.set_task_status(taskId=task["taskId"], taskStatus="FINISHED")
    run.settle()
    (instance,) = shown(client, run.pipeline, run.instance("Shell"))
    assert instance["@status"] == "FINISHED"
    assert len(instance["@actualEndTime"]) == len("2012-10-01T00:00:00")


def test_a_hundred_ids_are_answered_at_once_and_one_more_is_refused(client: Any, run: Run) -> None:
    assert len(shown(client, run.pipeline, *["Shell"] * 100)) == 100
    with pytest.raises(client.exceptions.InvalidRequestException, match="at most 100"):
        shown(client, run.pipeline, *["Shell"] * 101)


@pytest.mark.parametrize("unknown", ["Nobody", "@Shell_2001-01-01T00:00:00", "Shell_Attempt=1"])
def test_an_unknown_object_is_named(client: Any, run: Run, unknown: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match=unknown):
        shown(client, run.pipeline, "Shell", unknown)


@pytest.mark.parametrize("spelling", ["pause", "PAUSE"])
def test_a_component_can_be_paused(client: Any, run: Run, spelling: str) -> None:
    client.set_status(pipelineId=run.pipeline, objectIds=["Shell"], status=spelling)
    run.settle()
    assert shown(client, run.pipeline, "Shell")[0]["@status"] == "PAUSED"


def test_an_instance_can_be_canceled(client: Any, run: Run) -> None:
    client.set_status(pipelineId=run.pipeline, objectIds=[run.instance("Shell")], status="TRY_CANCEL")
    run.settle()
    assert shown(client, run.pipeline, run.instance("Shell"))[0]["@status"] == "CANCELED"


@pytest.mark.parametrize(
    ("targets", "status", "says"),
    [
        (("Shell",), "EXPLODE", "expected one of PAUSE"),
        (("Shell",), "RERUN", "not for a component"),
        (("instance",), "PAUSE", "not for an instance"),
        (("Shell", "instance"), "PAUSE", "got both"),
        (("attempt",), "TRY_CANCEL", "is an attempt"),
        (("Nobody",), "PAUSE", "Nobody"),
        ((), "PAUSE", "at least one"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    client: Any, run: Run, targets: tuple[str, ...], status: str, says: str
) -> None:
    ids = {"instance": run.instance("Shell"), "attempt": f"{run.instance('Shell')}_Attempt=1"}
    with pytest.raises(client.exceptions.InvalidRequestException, match=says):
        client.set_status(pipelineId=run.pipeline, objectIds=[ids.get(name, name) for name in targets], status=status)


def test_a_pipeline_that_never_ran_takes_no_orders(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="never activated"):
        client.set_status(pipelineId=pipeline, objectIds=["Shell"], status="PAUSE")
