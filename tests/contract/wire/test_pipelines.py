"""Creating, describing, listing, tagging and deleting pipelines over the wire."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from tests.contract.wire.runs import Run
from tests.contract.wire.samples import PARAMETER, VALUE, once


def fields(client: Any, pipeline: str) -> dict[str, str]:
    described = client.describe_pipelines(pipelineIds=[pipeline])["pipelineDescriptionList"][0]
    return {field["key"]: field["stringValue"] for field in described["fields"]}


def test_a_created_pipeline_is_pending_and_shows_who_made_it(client: Any, account: str) -> None:
    created = client.create_pipeline(name="n", uniqueId="u", description="d", tags=[{"key": "k", "value": "v"}])
    described = client.describe_pipelines(pipelineIds=[created["pipelineId"]])["pipelineDescriptionList"][0]
    found = {field["key"]: field["stringValue"] for field in described["fields"]}
    assert described["name"] == "n"
    assert described["description"] == "d"
    assert described["tags"] == [{"key": "k", "value": "v"}]
    assert found["@pipelineState"] == "PENDING"
    assert found["@accountId"] == account
    assert found["uniqueId"] == "u"
    assert len(found["@creationTime"]) == len("2012-10-01T00:00:00")


def test_creating_again_with_the_same_unique_id_answers_the_same_pipeline(client: Any, pipeline: str) -> None:
    assert client.create_pipeline(name="n", uniqueId="u")["pipelineId"] == pipeline
    assert client.create_pipeline(name="n", uniqueId="other")["pipelineId"] != pipeline


def test_listing_pages_through_every_pipeline_once(client: Any) -> None:
    made = {client.create_pipeline(name=f"n{number}", uniqueId="u")["pipelineId"] for number in range(203)}
    pages = list(client.get_paginator("list_pipelines").paginate())
    listed = [item["id"] for page in pages for item in page["pipelineIdList"]]
    assert len(pages) == 3
    assert len(listed) == len(made)
    assert set(listed) == made


def test_a_marker_nobody_gave_is_refused(client: Any) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="marker"):
        client.list_pipelines(marker="no such marker")


def test_another_owners_pipeline_is_not_found(stranger: Any, pipeline: str) -> None:
    with pytest.raises(stranger.exceptions.PipelineNotFoundException, match=pipeline):
        stranger.describe_pipelines(pipelineIds=[pipeline])


def test_a_deleted_pipeline_says_so_and_deleting_again_is_no_error(client: Any, pipeline: str) -> None:
    client.delete_pipeline(pipelineId=pipeline)
    client.delete_pipeline(pipelineId=pipeline)
    with pytest.raises(client.exceptions.PipelineDeletedException, match=pipeline):
        client.describe_pipelines(pipelineIds=[pipeline])
    assert client.list_pipelines()["pipelineIdList"] == []


def test_tags_are_set_by_key_and_removed_by_key(client: Any, pipeline: str) -> None:
    client.add_tags(pipelineId=pipeline, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    client.add_tags(pipelineId=pipeline, tags=[{"key": "a", "value": "3"}])
    client.remove_tags(pipelineId=pipeline, tagKeys=["b", "never there"])
    described = client.describe_pipelines(pipelineIds=[pipeline])["pipelineDescriptionList"][0]
    assert described["tags"] == [{"key": "a", "value": "3"}]


def test_an_eleventh_tag_is_refused(client: Any, pipeline: str) -> None:
    client.add_tags(pipelineId=pipeline, tags=[{"key": str(number), "value": ""} for number in range(10)])
    with pytest.raises(client.exceptions.InvalidRequestException, match="at most 10"):
        client.add_tags(pipelineId=pipeline, tags=[{"key": "eleventh", "value": ""}])


def test_more_than_25_ids_in_one_call_are_refused(client: Any, pipeline: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="at most 25"):
        client.describe_pipelines(pipelineIds=[pipeline] * 26)


def test_a_pipeline_whose_schedule_is_over_shows_it_and_has_no_next_run(client: Any, finished: Run) -> None:
    shown = fields(client, finished.pipeline)
    assert shown["@pipelineState"] == "FINISHED"
    assert shown["@healthStatus"] == "HEALTHY"
    assert shown["@scheduledPeriod"] == "1 hour"
    assert shown["@latestRunTime"] > shown["@scheduledStartTime"]
    assert "@nextRunTime" not in shown


def test_a_pipeline_that_waits_for_its_start_shows_when_it_runs(client: Any, pipeline: str) -> None:
    client.put_pipeline_definition(
        pipelineId=pipeline,
        pipelineObjects=once("2999-01-01T00:00:00"),
        parameterObjects=[PARAMETER],
        parameterValues=[VALUE],
    )
    client.activate_pipeline(pipelineId=pipeline)
    Run(pipeline).settle()
    assert fields(client, pipeline)["@nextRunTime"] == "2999-01-01T00:00:00"


def test_describing_compiles_no_definition_that_the_engine_compiled(client: Any, finished: Run, ports: Ports) -> None:
    pipeline = PipelineId(finished.pipeline)
    record = ports.store.pipelines([pipeline])[pipeline]
    ports.store.delete_definition(pipeline, record.active)
    assert "@scheduledPeriod" in fields(client, finished.pipeline)


def test_a_schedule_that_began_long_ago_can_be_activated_from_a_given_time(client: Any, pipeline: str) -> None:
    client.put_pipeline_definition(
        pipelineId=pipeline, pipelineObjects=once("2020-01-01T00:00:00"), parameterObjects=[PARAMETER]
    )
    with pytest.raises(ClientError, match="BACKFILL"):
        client.activate_pipeline(pipelineId=pipeline, parameterValues=[VALUE])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    client.activate_pipeline(pipelineId=pipeline, parameterValues=[VALUE], startTimestamp=start)


def test_a_schedule_activated_from_the_end_of_the_calendar_runs_nothing(client: Any, pipeline: str) -> None:
    client.put_pipeline_definition(
        pipelineId=pipeline, pipelineObjects=once("2020-01-01T00:00:00"), parameterObjects=[PARAMETER]
    )
    client.activate_pipeline(pipelineId=pipeline, parameterValues=[VALUE], startTimestamp=253_402_300_799.9)
    Run(pipeline).settle()
    assert fields(client, pipeline)["@pipelineState"] == "FINISHED"
