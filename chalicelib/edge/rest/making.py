"""Pipelines that are made: new, from a template, as a copy. Repeatable by unique id or Idempotency-Key."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.values import PipelineId
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Reply, invalid, ref
from chalicelib.edge.rest.definitions import rendered
from chalicelib.edge.rest.etags import etag
from chalicelib.edge.rest.pipelines import NOUN, pipeline_id, render
from chalicelib.edge.rest.schemas.pipelines import EXAMPLE, SCHEMAS
from chalicelib.edge.rest.templates import filled_template
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import GROUP_TAG
from chalicelib.service.creation import ClonePipeline, Made, MakePipeline, clone_pipeline, make_pipeline
from chalicelib.service.pipelines import CreatePipeline


def _create(call: Call, ports: Ports) -> Reply:
    body: Mapping[str, Any] = call.body
    if "cloneOf" in body:
        return _copied(PipelineId(body["cloneOf"]), call, ports)
    tags = _tags(body)
    create = CreatePipeline(body["name"], _unique(call, ports), body.get("description", ""), tuple(tags.items()))
    request = MakePipeline(create, _definition(body), typed="template" in body)
    return _made(make_pipeline(request, call.caller, ports), call)


def _definition(body: Mapping[str, Any]) -> Definition | None:
    if "template" in body:
        return filled_template(body["template"])
    return from_file(body["definition"]) if "definition" in body else None


def _tags(body: Mapping[str, Any]) -> Mapping[str, str]:
    tags = dict(body.get("tags", {}))
    group = body.get("group")
    if group is not None and tags.get(GROUP_TAG, group) != group:
        raise invalid("group", f"is not what the tag {GROUP_TAG} says", "one of the two")
    return tags if group is None else {**tags, GROUP_TAG: group}


def _unique(call: Call, ports: Ports) -> str:
    return str(call.body.get("uniqueId") or call.key or ports.ids.fresh())


def _clone(call: Call, ports: Ports) -> Reply:
    return _copied(pipeline_id(call), call, ports)


def _copied(source: PipelineId, call: Call, ports: Ports) -> Reply:
    body = call.body
    request = ClonePipeline(
        source,
        body["name"],
        _unique(call, ports),
        body.get("version", "latest"),
        body.get("description"),
        body.get("tags"),
        body.get("group"),
    )
    return _made(clone_pipeline(request, call.caller, ports), call)


def _made(made: Made, call: Call) -> Reply:
    record = made.overview.record
    headers = {"Location": f"{call.base}{call.prefix}/pipelines/{record.pipeline_id}", "ETag": etag(record.revision)}
    return Reply(render(made.overview) | {"findings": rendered(made.findings)}, headers)


_MADE = {**EXAMPLE, "findings": []}

OPERATIONS = (
    Operation(
        id="createPipeline",
        method="POST",
        path="/pipelines",
        noun=NOUN,
        scope=Scope.WRITE,
        summary="Make a pipeline",
        description="Empty, with a definition, from a template, or as a copy of another pipeline. "
        "What is wrong with the definition is said before anything is made. Members of several groups name one.",
        run=_create,
        request=ref("NewPipeline"),
        reply=ref("MadePipeline"),
        status=201,
        idempotent=True,
        headers=("Location", "ETag"),
        refusals=(404,),
        sends=SCHEMAS["NewPipeline"]["examples"][0],
        answers=_MADE,
    ),
    Operation(
        id="clonePipeline",
        method="POST",
        path="/pipelines/{pipelineId}/clone",
        noun=NOUN,
        scope=Scope.WRITE,
        summary="Copy a pipeline",
        description="Definition, secrets, description and tags are copied; runs are not, and the copy is not active.",
        run=_clone,
        request=ref("PipelineCopy"),
        reply=ref("MadePipeline"),
        status=201,
        idempotent=True,
        headers=("Location", "ETag"),
        sends=SCHEMAS["PipelineCopy"]["examples"][0],
        answers=_MADE,
    ),
)
