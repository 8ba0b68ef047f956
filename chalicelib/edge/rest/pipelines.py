"""Pipelines as things: found, read, created, changed, tagged, cloned, started, stopped, deleted."""

from typing import Any

from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import PipelineId
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.etags import etag
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.schemas.pipelines import SCHEMAS, STATES
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.overview import Overview, pipeline_overview
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


_EXAMPLE = SCHEMAS["Pipeline"]["examples"][0]

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
        answers={"items": [_EXAMPLE]},
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
        answers=_EXAMPLE,
    ),
)
