"""Saving, reading and activating definitions over the wire."""

from typing import Any

import pytest

from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.secrets import unseal_text
from tests.contract.wire.runs import Run
from tests.contract.wire.samples import DATABASE, DEFAULT, PARAMETER, SHELL, VALUE, put


def test_a_definition_reads_back_as_it_was_put(client: Any, pipeline: str) -> None:
    put(client, pipeline)
    found = client.get_pipeline_definition(pipelineId=pipeline)
    assert found["pipelineObjects"] == [DEFAULT, SHELL]
    assert found["parameterObjects"] == [PARAMETER]
    assert found["parameterValues"] == [VALUE]


def test_a_new_pipeline_has_an_empty_definition(client: Any, pipeline: str) -> None:
    assert client.get_pipeline_definition(pipelineId=pipeline)["pipelineObjects"] == []


def test_a_secret_is_masked_and_never_reaches_the_store(client: Any, pipeline: str, ports: Ports) -> None:
    put(client, pipeline, DATABASE)
    shown = client.get_pipeline_definition(pipelineId=pipeline)["pipelineObjects"][2]
    assert {"key": "*password", "stringValue": "*****"} in shown["fields"]
    record = ports.store.pipelines([PipelineId(pipeline)])[PipelineId(pipeline)]
    stored = ports.store.definition(record.pipeline_id, record.latest)
    assert stored is not None
    assert "hunter2" not in repr(stored)


def test_putting_the_mask_back_keeps_the_secret(client: Any, pipeline: str, ports: Ports) -> None:
    def stored_password() -> str | None:
        record = ports.store.pipelines([PipelineId(pipeline)])[PipelineId(pipeline)]
        stored = ports.store.definition(record.pipeline_id, record.latest)
        sealed = stored.by_id()["Db"].text("*password") if stored else None
        return unseal_text(sealed, record.pipeline_id, ports.sealer) if sealed else None

    put(client, pipeline, DATABASE)
    put(client, pipeline, client.get_pipeline_definition(pipelineId=pipeline)["pipelineObjects"][2])
    assert stored_password() == "hunter2"


def test_a_field_needs_exactly_one_value(client: Any, pipeline: str) -> None:
    wrong = {"id": "A", "name": "A", "fields": [{"key": "both", "stringValue": "a", "refValue": "b"}, {"key": "none"}]}
    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        put(client, pipeline, wrong)
    assert "pipelineObjects[2].fields[0]" in str(caught.value)
    assert "pipelineObjects[2].fields[1]" in str(caught.value)


def test_the_active_version_is_what_was_activated_and_latest_what_was_saved(client: Any, pipeline: str) -> None:
    put(client, pipeline)
    with pytest.raises(client.exceptions.InvalidRequestException, match="never activated"):
        client.get_pipeline_definition(pipelineId=pipeline, version="active")
    client.activate_pipeline(pipelineId=pipeline, parameterValues=[{"id": "mySecretFree", "stringValue": "bye"}])
    put(client, pipeline)
    active = client.get_pipeline_definition(pipelineId=pipeline, version="active")
    latest = client.get_pipeline_definition(pipelineId=pipeline, version="latest")
    assert active["parameterValues"] == [{"id": "mySecretFree", "stringValue": "bye"}]
    assert latest["parameterValues"] == [VALUE]


def test_an_activated_pipeline_shows_that_it_is_activating(client: Any, pipeline: str) -> None:
    put(client, pipeline)
    client.activate_pipeline(pipelineId=pipeline)
    described = client.describe_pipelines(pipelineIds=[pipeline])["pipelineDescriptionList"][0]
    assert {"key": "@pipelineState", "stringValue": "ACTIVATING"} in described["fields"]


def test_a_pipeline_without_definition_cannot_be_activated(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="PutPipelineDefinition"):
        client.activate_pipeline(pipelineId=pipeline)


def test_a_pipeline_that_never_ran_cannot_be_deactivated(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="PENDING"):
        client.deactivate_pipeline(pipelineId=pipeline)


def test_a_version_that_is_neither_latest_nor_active_is_refused(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="latest, active"):
        client.get_pipeline_definition(pipelineId=pipeline, version="first")


WRONG = {
    "id": "Wrong",
    "name": "Wrong",
    "fields": [
        {"key": "type", "stringValue": "ShellCommandActivity"},
        {"key": "command", "stringValue": "ls #{"},
        {"key": "attemptTimeout", "stringValue": "soon"},
        {"key": "input", "refValue": "Nowhere"},
    ],
}
NAMELESS_VALUE = {
    "id": "Empty",
    "name": "Empty",
    "fields": [{"key": "type", "stringValue": "ShellCommandActivity"}, {"key": "command", "stringValue": ""}],
}


def test_a_definition_with_errors_is_saved_and_every_error_is_named(client: Any, pipeline: str) -> None:
    answer = put(client, pipeline, WRONG)
    assert answer["errored"] is True
    (wrong,) = [item["errors"] for item in answer["validationErrors"] if item["id"] == "Wrong"]
    for fault in ("command", "attemptTimeout", "Nowhere"):
        assert any(fault in error for error in wrong)
    assert len(client.get_pipeline_definition(pipelineId=pipeline)["pipelineObjects"]) == 3


def test_a_definition_with_errors_cannot_be_activated_and_says_why(client: Any, pipeline: str) -> None:
    put(client, pipeline, WRONG)
    with pytest.raises(client.exceptions.InvalidRequestException, match="attemptTimeout"):
        client.activate_pipeline(pipelineId=pipeline)


def test_a_fatal_fault_keeps_the_definition_from_being_saved(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="FATAL"):
        put(client, pipeline, NAMELESS_VALUE)
    assert client.get_pipeline_definition(pipelineId=pipeline)["pipelineObjects"] == []


def test_validating_finds_the_same_and_saves_nothing(client: Any, pipeline: str) -> None:
    answer = client.validate_pipeline_definition(pipelineId=pipeline, pipelineObjects=[DEFAULT, WRONG, NAMELESS_VALUE])
    assert answer["errored"] is True
    assert {"Wrong", pipeline} <= {item["id"] for item in answer["validationErrors"]}
    assert client.get_pipeline_definition(pipelineId=pipeline)["pipelineObjects"] == []


def test_a_good_definition_has_no_errors(client: Any, pipeline: str) -> None:
    answer = put(client, pipeline, DATABASE)
    assert answer["errored"] is False
    assert answer["validationErrors"] == []


def test_an_edit_that_the_running_pipeline_forbids_is_an_error(client: Any, run: Run) -> None:
    answer = client.put_pipeline_definition(pipelineId=run.pipeline, pipelineObjects=[DEFAULT])
    assert answer["errored"] is True
    with pytest.raises(client.exceptions.InvalidRequestException, match="Shell"):
        client.activate_pipeline(pipelineId=run.pipeline)


def test_a_parameter_value_given_at_activation_is_checked(client: Any, pipeline: str) -> None:
    count = {"id": "myCount", "attributes": [{"key": "type", "stringValue": "Integer"}]}
    one = {"id": "myCount", "stringValue": "1"}
    client.put_pipeline_definition(
        pipelineId=pipeline,
        pipelineObjects=[DEFAULT, SHELL],
        parameterObjects=[PARAMETER, count],
        parameterValues=[VALUE, one],
    )
    with pytest.raises(client.exceptions.InvalidRequestException, match="myCount"):
        client.activate_pipeline(pipelineId=pipeline, parameterValues=[{"id": "myCount", "stringValue": "many"}])


def test_an_on_demand_pipeline_runs_again_when_activated_again(client: Any, run: Run) -> None:
    task = client.poll_for_task(workerGroup="g")["taskObject"]
    client.set_task_status(taskId=task["taskId"], taskStatus="FINISHED")
    run.settle()
    client.activate_pipeline(pipelineId=run.pipeline)
    run.settle()
    assert client.poll_for_task(workerGroup="g")["taskObject"]["attemptId"] != task["attemptId"]


def test_a_pipeline_whose_schedule_is_over_is_neither_changed_nor_run(client: Any, finished: Run) -> None:
    found = client.describe_pipelines(pipelineIds=[finished.pipeline])["pipelineDescriptionList"][0]
    assert {"key": "@pipelineState", "stringValue": "FINISHED"} in found["fields"]
    with pytest.raises(client.exceptions.InvalidRequestException, match="FINISHED"):
        put(client, finished.pipeline)
    with pytest.raises(client.exceptions.InvalidRequestException, match="FINISHED"):
        client.activate_pipeline(pipelineId=finished.pipeline)
    with pytest.raises(client.exceptions.InvalidRequestException, match="FINISHED"):
        client.set_status(pipelineId=finished.pipeline, objectIds=[finished.instance("Shell")], status="RERUN")
