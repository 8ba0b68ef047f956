"""Domain results to wire dicts, one function per output shape. Absent members are left out, lists never are.

Source: service model, output shapes of the operations.
"""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.definition.model import Definition, Field, Findings, PipelineObject
from chalicelib.domain.values import Ref
from chalicelib.ports.store import Page, PipelineRecord
from chalicelib.service.pipelines import PipelineDescription
from chalicelib.service.tasks import HandedOut

Body = dict[str, Any]
_LONGEST_FINDING = 10_000


def nothing(_: None) -> Body:
    """Operations that answer nothing answer an empty object."""
    return {}


def pipeline_id(created: str) -> Body:
    """CreatePipelineOutput."""
    return {"pipelineId": created}


def pipeline_descriptions(described: Sequence[PipelineDescription]) -> Body:
    """DescribePipelinesOutput."""
    return {"pipelineDescriptionList": [_description(item) for item in described]}


def pipeline_list(page: Page[PipelineRecord]) -> Body:
    """ListPipelinesOutput."""
    listed = [{"id": record.pipeline_id, "name": record.name} for record in page.items]
    return {"pipelineIdList": listed, **_continuation(page.marker)}


def definition(stored: Definition) -> Body:
    """GetPipelineDefinitionOutput."""
    return {
        "pipelineObjects": [pipeline_object(item) for item in stored.objects],
        "parameterObjects": [
            {
                "id": item.id,
                "attributes": [{"key": found.key, "stringValue": found.value} for found in item.attributes],
            }
            for item in stored.parameters
        ],
        "parameterValues": [{"id": item.id, "stringValue": item.value} for item in stored.values],
    }


def findings(found: Findings) -> Body:
    """PutPipelineDefinitionOutput and ValidatePipelineDefinitionOutput."""
    return {
        "validationErrors": [
            {"id": owner, "errors": [text[:_LONGEST_FINDING] for text in texts]}
            for owner, texts in found.errors.items()
        ],
        "validationWarnings": [
            {"id": owner, "warnings": [text[:_LONGEST_FINDING] for text in texts]}
            for owner, texts in found.warnings.items()
        ],
        "errored": bool(found.errors),
    }


def pipeline_objects(shown: Sequence[PipelineObject]) -> Body:
    """DescribeObjectsOutput; always the whole answer, because list-runs does not follow markers."""
    return {"pipelineObjects": [pipeline_object(item) for item in shown], "hasMoreResults": False}


def evaluated(text: str) -> Body:
    """EvaluateExpressionOutput."""
    return {"evaluatedExpression": text}


def ids(page: Page[str]) -> Body:
    """QueryObjectsOutput."""
    return {"ids": list(page.items), **_continuation(page.marker)}


def task(given: HandedOut | None) -> Body:
    """PollForTaskOutput: no taskObject when nothing waits."""
    if given is None:
        return {}
    carried = {key: pipeline_object(item) for key, item in given.objects.items()}
    return {
        "taskObject": {
            "taskId": given.task_id,
            "pipelineId": given.pipeline_id,
            "attemptId": given.attempt_id,
            "objects": carried,
        }
    }


def canceled(stop: bool) -> Body:
    """ReportTaskProgressOutput."""
    return {"canceled": stop}


def terminate(end: bool) -> Body:
    """ReportTaskRunnerHeartbeatOutput."""
    return {"terminate": end}


def pipeline_object(item: PipelineObject) -> Body:
    """PipelineObject."""
    return {"id": item.id, "name": item.name, "fields": [_field(field) for field in item.fields]}


def _field(field: Field) -> Body:
    if isinstance(field.value, Ref):
        return {"key": field.key, "refValue": field.value.id}
    return {"key": field.key, "stringValue": field.value}


def _description(item: PipelineDescription) -> Body:
    return {
        "pipelineId": item.pipeline_id,
        "name": item.name,
        "fields": [_field(field) for field in item.fields],
        **({"description": item.description} if item.description else {}),
        "tags": [{"key": key, "value": value} for key, value in item.tags.items()],
    }


def _continuation(marker: str | None) -> Body:
    return {"hasMoreResults": False} if marker is None else {"hasMoreResults": True, "marker": marker}
