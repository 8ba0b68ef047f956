"""One decoder per operation, as a table: the wire's members on one side, a frozen request on the other.

Source: service model, input shapes of the operations. Adding an operation is adding a row here, one in replies.py and
one in operations.py.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.definition.model import (
    Definition,
    Field,
    ParameterAttribute,
    ParameterObject,
    ParameterValue,
    PipelineObject,
)
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.events import TaskStatus
from chalicelib.domain.values import Ref
from chalicelib.edge.shapes import Faults, Flag, Many, Member, Moment, OneOf, Report, Structure, Text, Whole
from chalicelib.service import activation, definitions, evaluation, objects, pipelines, queries, runners, tasks
from chalicelib.service.selectors import Operation, Operator, Selector

_MOST_FAULTS = 50
_ID = Text(1, 1024)
_STRING = Text(0, 1024)
_NAME = Text(1, 256)
_VALUE = Text(0, 10_240)
_TASK = Member("taskId", Text(1, 2048), required=True)
_PIPELINE = Member("pipelineId", _ID, required=True)


def _field(key: str, string_value: str | None, ref_value: str | None) -> Field:
    return Field(key, Ref(ref_value) if ref_value is not None else string_value or "")


def _one_value(field: Mapping[str, Any]) -> str | None:
    given = [name for name in ("stringValue", "refValue") if field.get(name) is not None]
    return (
        None if len(given) == 1 else f"expected either stringValue or refValue, got {' and '.join(given) or 'neither'}"
    )


def _pair(key: str, value: str) -> tuple[str, str]:
    return key, value


_FIELD = Structure(
    _field,
    (Member("key", _NAME, required=True), Member("stringValue", _VALUE), Member("refValue", _NAME)),
    _one_value,
)
_OBJECT = Structure(
    PipelineObject,
    (
        Member("id", _ID, required=True),
        Member("name", _ID, required=True),
        Member("fields", Many(_FIELD), required=True),
    ),
)
_ATTRIBUTE = Structure(
    ParameterAttribute,
    (Member("key", _NAME, required=True), Member("stringValue", _VALUE, required=True, attribute="value")),
)
_PARAMETER = Structure(
    ParameterObject,
    (Member("id", _NAME, required=True), Member("attributes", Many(_ATTRIBUTE), required=True)),
)
_PARAMETER_VALUE = Structure(
    ParameterValue,
    (Member("id", _NAME, required=True), Member("stringValue", _VALUE, required=True, attribute="value")),
)
_PARAMETER_VALUES = Member("parameterValues", Many(_PARAMETER_VALUE), default=())
_TAGS = Many(
    Structure(_pair, (Member("key", Text(1, 128), required=True), Member("value", Text(0, 256), required=True))), 10
)
_DEFINITION = (
    _PIPELINE,
    Member("pipelineObjects", Many(_OBJECT), required=True, attribute="items"),
    Member("parameterObjects", Many(_PARAMETER), default=(), attribute="parameters"),
    Member("parameterValues", Many(_PARAMETER_VALUE), default=(), attribute="values"),
)


def _selectors(selectors: tuple[Selector, ...]) -> tuple[Selector, ...]:
    return selectors


_OPERATOR = Structure(
    Operator,
    (Member("type", OneOf(Operation), required=True), Member("values", Many(_STRING, low=1), required=True)),
)
_SELECTOR = Structure(
    Selector, (Member("fieldName", _STRING, required=True), Member("operator", _OPERATOR, required=True))
)
_QUERY = Structure(_selectors, (Member("selectors", Many(_SELECTOR), default=()),))


def _put(pipeline_id: Any, items: Any, parameters: Any, values: Any) -> definitions.PutDefinition:
    return definitions.PutDefinition(pipeline_id, Definition(items, parameters, values))


REQUESTS: Mapping[str, Structure] = {
    "ActivatePipeline": Structure(
        activation.ActivatePipeline, (_PIPELINE, _PARAMETER_VALUES, Member("startTimestamp", Moment()))
    ),
    "AddTags": Structure(pipelines.AddTags, (_PIPELINE, Member("tags", _TAGS, required=True))),
    "CreatePipeline": Structure(
        pipelines.CreatePipeline,
        (
            Member("name", _ID, required=True),
            Member("uniqueId", _ID, required=True),
            Member("description", _STRING, default=""),
            Member("tags", _TAGS, default=()),
        ),
    ),
    "DeactivatePipeline": Structure(
        activation.DeactivatePipeline, (_PIPELINE, Member("cancelActive", Flag(), default=True))
    ),
    "DeletePipeline": Structure(pipelines.DeletePipeline, (_PIPELINE,)),
    "DescribeObjects": Structure(
        objects.DescribeObjects,
        (
            _PIPELINE,
            Member("objectIds", Many(_ID), required=True),
            Member("evaluateExpressions", Flag(), default=False),
            Member("marker", _STRING),
        ),
    ),
    "DescribePipelines": Structure(pipelines.DescribePipelines, (Member("pipelineIds", Many(_ID), required=True),)),
    "EvaluateExpression": Structure(
        evaluation.EvaluateExpression,
        (
            _PIPELINE,
            Member("objectId", _ID, required=True),
            Member("expression", Text(0, 20_971_520), required=True),
        ),
    ),
    "GetPipelineDefinition": Structure(
        definitions.GetDefinition,
        (_PIPELINE, Member("version", OneOf(definitions.Version), default=definitions.Version.LATEST)),
    ),
    "ListPipelines": Structure(pipelines.ListPipelines, (Member("marker", _STRING),)),
    "PollForTask": Structure(
        tasks.PollForTask,
        (
            Member("workerGroup", _STRING, required=True),
            Member("hostname", _ID, default=""),
        ),
    ),
    "PutPipelineDefinition": Structure(_put, _DEFINITION),
    "QueryObjects": Structure(
        queries.QueryObjects,
        (
            _PIPELINE,
            Member("query", _QUERY, default=(), attribute="selectors"),
            Member("sphere", OneOf(queries.Sphere), required=True),
            Member("marker", _STRING),
            Member("limit", Whole(1), default=queries.DEFAULT_LIMIT),
        ),
    ),
    "RemoveTags": Structure(pipelines.RemoveTags, (_PIPELINE, Member("tagKeys", Many(_STRING), required=True))),
    "ReportTaskProgress": Structure(tasks.ReportTaskProgress, (_TASK, Member("fields", Many(_FIELD), default=()))),
    "ReportTaskRunnerHeartbeat": Structure(
        runners.ReportTaskRunnerHeartbeat,
        (
            Member("taskrunnerId", _ID, required=True),
            Member("workerGroup", _STRING, default=""),
            Member("hostname", _ID, default=""),
        ),
    ),
    "SetStatus": Structure(
        objects.SetStatus,
        (_PIPELINE, Member("objectIds", Many(_ID), required=True), Member("status", _STRING, required=True)),
    ),
    "SetTaskStatus": Structure(
        tasks.SetTaskStatus,
        (
            _TASK,
            Member("taskStatus", OneOf(TaskStatus), required=True),
            Member("errorId", _STRING),
            Member("errorMessage", Report()),
            Member("errorStackTrace", Report()),
        ),
    ),
    "ValidatePipelineDefinition": Structure(_put, _DEFINITION),
}


def decode(operation: str, body: Mapping[str, Any]) -> Any:
    """The operation's frozen request. Raises InvalidRequest naming every member that is wrong."""
    faults = Faults()
    request = REQUESTS[operation].read(body, "", faults)
    if faults.sentences:
        raise InvalidRequest(_listed(faults.sentences))
    return request


def _listed(sentences: list[str]) -> str:
    shown = sentences[:_MOST_FAULTS]
    more = len(sentences) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
