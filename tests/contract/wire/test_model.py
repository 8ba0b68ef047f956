"""The service model is the contract: read from botocore, so that an operation or error it gains fails here."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.edge.operations import OPERATIONS
from chalicelib.edge.requests import REQUESTS
from chalicelib.edge.rpc import ERRORS
from tests.contract.wire.conftest import raw_call
from tests.contract.wire.runs import Run
from tests.contract.wire.samples import DEFAULT, PARAMETER, SHELL, put

MODEL = botocore.session.get_session().get_service_model("datapipeline")
NAMES = sorted(MODEL.operation_names)
MODELLED = {shape.name for shape in MODEL.error_shapes}
OPERATION = {name: MODEL.operation_model(name) for name in NAMES}


ENUMERATED = {"QueryObjects": {"sphere": "INSTANCE"}, "SetStatus": {"status": "PAUSE"}}
"""Members that the model calls plain text and the service has a list for."""


def call(name: str, body: object) -> tuple[int, dict[str, Any]]:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"{MODEL.metadata['targetPrefix']}.{name}"}
    answer = raw_call(headers, json.dumps(body).encode())
    return answer.status, json.loads(answer.body)


def sample(shape: Shape) -> Any:
    """A value of the shape, as short as it may be and with every member that is required."""
    if shape.name == "Field":
        return {"key": "type", "stringValue": "x"}  # one of the two values is needed, which the model cannot say
    if isinstance(shape, StructureShape):
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if isinstance(shape, ListShape):
        return [sample(shape.member)]
    by_type = {"string": (getattr(shape, "enum", None) or ["x"])[0], "boolean": True, "integer": 1, "timestamp": 1.0}
    return by_type[shape.type_name]


def required(operation: OperationModel) -> Iterator[str]:
    shape = operation.input_shape
    yield from shape.required_members if shape is not None else ()


def longest(name: str, member: str) -> int:
    """The most characters of a text member; 0 for other members and for texts of megabytes."""
    shape = OPERATION[name].input_shape.members[member]
    most = int(shape.metadata.get("max", 0)) if shape.type_name == "string" else 0
    return most if most < 100_000 else 0


REQUIRED = [(name, member) for name in NAMES for member in required(OPERATION[name])]


def test_every_operation_of_the_model_is_routed_and_no_other() -> None:
    assert sorted(OPERATIONS) == NAMES
    assert sorted(REQUESTS) == NAMES


def test_every_modelled_error_is_one_we_answer() -> None:
    assert {name for name, status in ERRORS.values() if status < 403} | {"InternalServiceError"} == MODELLED


@pytest.mark.parametrize("name", NAMES)
def test_members_and_what_is_required_are_the_models(name: str) -> None:
    shape = OPERATION[name].input_shape
    assert shape is not None
    ours = {member.name: member.required for member in REQUESTS[name].members}
    ignored = {"PollForTask": {"instanceIdentity"}}.get(name, set())
    assert set(ours) == set(shape.members) - ignored
    assert {member for member, needed in ours.items() if needed} == set(shape.required_members)


@pytest.mark.parametrize(("name", "member"), REQUIRED)
def test_a_required_member_that_is_missing_is_named(name: str, member: str) -> None:
    body = {key: value for key, value in sample(OPERATION[name].input_shape).items() if key != member}
    status, reply = call(name, body)
    assert (status, reply["__type"]) == (400, "InvalidRequestException")
    assert f"{member}: is required" in reply["message"]


@pytest.mark.parametrize(("name", "member"), REQUIRED)
def test_a_required_member_of_the_wrong_type_is_named(name: str, member: str) -> None:
    status, reply = call(name, {**sample(OPERATION[name].input_shape), member: 3.5})
    assert (status, reply["__type"]) == (400, "InvalidRequestException")
    assert f"{member}: expected" in reply["message"]


@pytest.mark.parametrize(("name", "member"), [pair for pair in REQUIRED if longest(*pair)])
def test_a_text_longer_than_the_model_allows_is_named(name: str, member: str) -> None:
    body = {**sample(OPERATION[name].input_shape), member: "x" * (longest(name, member) + 1)}
    status, reply = call(name, body)
    assert (status, reply["__type"]) == (400, "InvalidRequestException")
    assert f"{member}: expected" in reply["message"]


def good_requests(run: Run, task: str) -> dict[str, dict[str, Any]]:
    """One request per operation that succeeds on a running pipeline; SetTaskStatus and DeletePipeline come last."""
    pipeline = {"pipelineId": run.pipeline}
    definition = {**pipeline, "pipelineObjects": [DEFAULT, SHELL], "parameterObjects": [PARAMETER]}
    return {
        "CreatePipeline": {"name": "n", "uniqueId": "other"},
        "ListPipelines": {},
        "DescribePipelines": {"pipelineIds": [run.pipeline]},
        "AddTags": {**pipeline, "tags": [{"key": "k", "value": "v"}]},
        "RemoveTags": {**pipeline, "tagKeys": ["k"]},
        "PutPipelineDefinition": definition,
        "ValidatePipelineDefinition": definition,
        "GetPipelineDefinition": pipeline,
        "DescribeObjects": {**pipeline, "objectIds": ["Shell", run.instance("Shell")]},
        "QueryObjects": {**pipeline, "sphere": "INSTANCE"},
        "EvaluateExpression": {**pipeline, "objectId": "Shell", "expression": "#{1 + 1}"},
        "SetStatus": {**pipeline, "objectIds": ["Shell"], "status": "RESUME"},
        "ReportTaskRunnerHeartbeat": {"taskrunnerId": "r"},
        "ReportTaskProgress": {"taskId": task},
        "SetTaskStatus": {"taskId": task, "taskStatus": "FINISHED"},
        "ActivatePipeline": {**pipeline, "parameterValues": [{"id": "mySecretFree", "stringValue": "again"}]},
        "PollForTask": {"workerGroup": "g"},
        "DeactivatePipeline": pipeline,
        "DeletePipeline": pipeline,
    }


def test_every_operation_succeeds_and_answers_in_the_shape_of_the_model(client: Any, pipeline: str) -> None:
    put(client, pipeline)
    client.activate_pipeline(pipelineId=pipeline)
    run = Run(pipeline)
    run.settle()
    task = client.poll_for_task(workerGroup="g")["taskObject"]["taskId"]
    requests = good_requests(run, task)
    assert sorted(requests) == NAMES
    for name, request in requests.items():
        method = getattr(client, botocore.xform_name(name))
        answer = method(**request)
        answer.pop("ResponseMetadata")
        shape = OPERATION[name].output_shape
        problems = ParamValidator().validate(answer, shape).generate_report() if shape is not None else ""
        assert problems == "", name
        run.settle()


@pytest.mark.parametrize("name", [name for name in NAMES if "pipelineId" in OPERATION[name].input_shape.members])
def test_a_pipeline_that_does_not_exist_is_not_found(name: str) -> None:
    status, reply = call(name, {**sample(OPERATION[name].input_shape), **ENUMERATED.get(name, {})})
    assert (status, reply["__type"]) == (400, "PipelineNotFoundException")


@pytest.mark.parametrize(
    "name", [name for name in NAMES if "pipelineId" in OPERATION[name].input_shape.members and name != "DeletePipeline"]
)
def test_a_deleted_pipeline_answers_that_it_was_deleted(name: str, client: Any, pipeline: str, account: str) -> None:
    client.delete_pipeline(pipelineId=pipeline)
    request = {**sample(OPERATION[name].input_shape), **ENUMERATED.get(name, {}), "pipelineId": pipeline}
    with pytest.raises(client.exceptions.PipelineDeletedException):
        getattr(client, botocore.xform_name(name))(**request)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def of_shape(shape: Shape) -> st.SearchStrategy[Any]:
    """Values that are nearly right: the shape's own structure with anything at all in some places."""
    if isinstance(shape, StructureShape):
        members = {name: of_shape(member) for name, member in shape.members.items()}
        return st.fixed_dictionaries({}, optional=members) | JSON
    if isinstance(shape, ListShape):
        return st.lists(of_shape(shape.member), max_size=3) | JSON
    return JSON


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_structure_gets_a_reply_or_a_fault_of_the_caller(data: st.DataObject) -> None:
    # PollForTask waits when all is well, which is not what is asked here.
    name = data.draw(st.sampled_from([name for name in NAMES if name != "PollForTask"]))
    status, reply = call(name, data.draw(of_shape(OPERATION[name].input_shape)))
    declared = {shape.name for shape in OPERATION[name].error_shapes}
    assert status == 200 or (status == 400 and reply["__type"] in declared and reply["message"])
