"""Pipelines as things: found, read, changed, tagged, started, stopped, deleted. making.py makes them."""

from typing import Any

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import PipelineId
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.etags import etag, matched
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.schemas.pipelines import EXAMPLE, SCHEMAS, STATES
from chalicelib.edge.rest.times import given, shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.activation import (
    ActivatePipeline,
    DeactivatePipeline,
    activate_pipeline,
    deactivate_pipeline,
)
from chalicelib.service.overview import Overview, overview, pipeline_overview
from chalicelib.service.pipelines import DeletePipeline, EditPipeline, delete_pipeline, edit_pipeline
from chalicelib.service.search import SearchPipelines, search_pipelines

NOUN = "pipelines"


def pipeline_id(call: Call) -> PipelineId:
    """The pipeline that the path names."""
    return PipelineId(call.path["pipelineId"])


def render(found: Overview) -> dict[str, Any]:
    """The shape Pipeline."""
    record, state = found.record, found.state
    body: dict[str, Any] = {
        "pipelineId": record.pipeline_id,
        "name": record.name,
        "uniqueId": record.unique_id,
        "description": record.description,
        "state": found.status.value,
        "health": found.health.value,
        "owner": record.owner,
        "createdBy": record.user_id,
        "createdAt": shown(record.created),
        "tags": dict(record.tags),
    }
    numbers = {"latestVersion": record.latest, "activeVersion": record.active}
    moments = {"latestRunAt": found.latest_run}
    if state is not None:
        moments |= {
            "firstActivatedAt": state.first_activation,
            "lastActivatedAt": state.activated_at,
            "lastDeactivatedAt": state.deactivated_at,
        }
    body |= {name: number for name, number in numbers.items() if number}
    return body | {name: shown(moment) for name, moment in moments.items() if moment is not None}


def _list(call: Call, ports: Ports) -> Reply:
    request = SearchPipelines(
        words=tuple((call.query["q"] or "").split()),
        tags=tuple(_tag(text) for text in call.query["tag"]),
        states=frozenset(PipelineStatus(state) for state in call.query["state"]),
        marker=marker(call),
        limit=call.query["limit"],
    )
    page = search_pipelines(request, call.caller, ports)
    return listing(call, [render(found) for found in page.items], page.marker)


def _tag(text: str) -> tuple[str, str | None]:
    key, equals, value = text.partition("=")
    return key, value if equals else None


def _get(call: Call, ports: Ports) -> Reply:
    found = pipeline_overview(pipeline_id(call), call.caller, ports)
    return Reply(render(found), {"ETag": etag(found.record.revision)})


def _edit(call: Call, ports: Ports) -> Reply:
    body = call.body
    request = EditPipeline(pipeline_id(call), body.get("description"), body.get("tags"), matched(call))
    return _edited(request, call, ports)


def _tagged(call: Call, ports: Ports) -> Reply:
    return _edited(EditPipeline(pipeline_id(call), tags=call.body, revisions=matched(call)), call, ports)


def _edited(request: EditPipeline, call: Call, ports: Ports) -> Reply:
    found = overview(edit_pipeline(request, call.caller, ports), ports)
    return Reply(render(found), {"ETag": etag(found.record.revision)})


def _delete(call: Call, ports: Ports) -> Reply:
    delete_pipeline(DeletePipeline(pipeline_id(call), matched(call)), call.caller, ports)
    return Reply()


def _activate(call: Call, ports: Ports) -> Reply:
    start = call.body.get("startTimestamp")
    values = from_file({"objects": [], "values": call.body.get("parameterValues", {})}).values
    request = ActivatePipeline(pipeline_id(call), values, given(start) if start else None)
    activate_pipeline(request, call.caller, ports)
    return _get(call, ports)


def _deactivate(call: Call, ports: Ports) -> Reply:
    deactivate_pipeline(DeactivatePipeline(pipeline_id(call), call.body.get("cancelActive", True)), call.caller, ports)
    return _get(call, ports)


OPERATIONS = (
    Operation(
        id="listPipelines",
        method="GET",
        path="/pipelines",
        noun=NOUN,
        scope=Scope.READ,
        summary="Find pipelines",
        description="In order of id. Filters that are given must all hold.",
        run=_list,
        query=(
            Query("q", {"type": "string", "maxLength": 256}, "Words that occur in name, description or id."),
            Query(
                "tag",
                {"type": "string", "minLength": 1, "maxLength": 400},
                "`key=value`, or a key alone; several must all be there.",
                many=True,
            ),
            Query("state", {"type": "string", "enum": STATES}, "One of these states.", many=True),
            *PAGING,
        ),
        reply=ref("PipelinePage"),
        answers={"items": [EXAMPLE]},
    ),
    Operation(
        id="getPipeline",
        method="GET",
        path="/pipelines/{pipelineId}",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read a pipeline",
        run=_get,
        reply=ref("Pipeline"),
        headers=("ETag",),
        answers=EXAMPLE,
    ),
    Operation(
        id="editPipeline",
        method="PATCH",
        path="/pipelines/{pipelineId}",
        noun=NOUN,
        scope=Scope.WRITE,
        summary="Change a pipeline's description and tags",
        description="The name stays what it is: the wire API finds pipelines by it.",
        run=_edit,
        request=ref("PipelineEdit"),
        reply=ref("Pipeline"),
        if_match=True,
        headers=("ETag",),
        sends=SCHEMAS["PipelineEdit"]["examples"][0],
        answers=EXAMPLE,
    ),
    Operation(
        id="deletePipeline",
        method="DELETE",
        path="/pipelines/{pipelineId}",
        noun=NOUN,
        scope=Scope.WRITE,
        summary="Delete a pipeline",
        description="What runs is cancelled; there is no way back. Deleting again changes nothing.",
        run=_delete,
        status=204,
        if_match=True,
    ),
    Operation(
        id="setTags",
        method="PUT",
        path="/pipelines/{pipelineId}/tags",
        noun=NOUN,
        scope=Scope.WRITE,
        summary="Replace a pipeline's tags",
        run=_tagged,
        request=ref("Tags"),
        reply=ref("Pipeline"),
        if_match=True,
        headers=("ETag",),
        sends={"team": "shop"},
        answers=EXAMPLE,
    ),
    Operation(
        id="activatePipeline",
        method="POST",
        path="/pipelines/{pipelineId}/activate",
        noun=NOUN,
        scope=Scope.OPERATE,
        summary="Start a pipeline",
        description="Its latest definition, with the values given now, becomes the active one. "
        "A definition with errors is refused with InvalidDefinition and its findings.",
        run=_activate,
        request=ref("Activation"),
        bodiless=True,
        reply=ref("Pipeline"),
        headers=("ETag",),
        sends=SCHEMAS["Activation"]["examples"][0],
        answers=EXAMPLE,
    ),
    Operation(
        id="deactivatePipeline",
        method="POST",
        path="/pipelines/{pipelineId}/deactivate",
        noun=NOUN,
        scope=Scope.OPERATE,
        summary="Stop a pipeline",
        run=_deactivate,
        request=ref("Deactivation"),
        bodiless=True,
        reply=ref("Pipeline"),
        headers=("ETag",),
        sends=SCHEMAS["Deactivation"]["examples"][0],
        answers=EXAMPLE,
    ),
)
