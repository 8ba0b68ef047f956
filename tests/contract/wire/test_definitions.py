"""Saving, reading and activating definitions over the wire."""

from typing import Any

import pytest

from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
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
        return stored.by_id()["Db"].text("*password") if stored else None

    put(client, pipeline, DATABASE)
    before = stored_password()
    put(client, pipeline, client.get_pipeline_definition(pipelineId=pipeline)["pipelineObjects"][2])
    assert stored_password() == before


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
