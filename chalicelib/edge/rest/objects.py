"""Objects in the service's own form: components, instances and attempts with every field."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.domain.values import render_time
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.runs import SPAN
from chalicelib.edge.rest.schemas.objects import OBJECT_EXAMPLE
from chalicelib.edge.rest.schemas.runs import STATUS
from chalicelib.edge.rest.times import given
from chalicelib.ports.bundle import Ports
from chalicelib.service.objects import DescribeObjects, describe_objects
from chalicelib.service.queries import QueryObjects, Sphere, query_objects
from chalicelib.service.selectors import Operation as Comparison
from chalicelib.service.selectors import Operator, Selector

_STATUSES = sorted({*STATUS["enum"], *(status.value for status in PipelineStatus), "PAUSED"})


def _selectors(call: Call) -> Iterator[Selector]:
    query = call.query
    if query["status"]:
        yield Selector("@status", Operator(Comparison.EQ, query["status"]))
    if query["component"]:
        yield Selector("@componentParent", Operator(Comparison.REF_EQ, (query["component"],)))
    if query["from"]:
        yield Selector("@scheduledStartTime", Operator(Comparison.GE, (render_time(given(query["from"])),)))
    if query["to"]:
        yield Selector("@scheduledStartTime", Operator(Comparison.LE, (render_time(given(query["to"])),)))


def _render(item: PipelineObject) -> dict[str, Any]:
    fields = [
        {"key": each.key} | ({"text": each.value} if isinstance(each.value, str) else {"ref": each.value.id})
        for each in item.fields
    ]
    return {"objectId": item.id, "name": item.name, "fields": fields}


def _list(call: Call, ports: Ports) -> Reply:
    request = QueryObjects(
        pipeline_id(call),
        Sphere(call.query["sphere"]),
        tuple(_selectors(call)),
        marker(call),
        call.query["limit"],
    )
    page = query_objects(request, call.caller, ports)
    asked = DescribeObjects(pipeline_id(call), page.items)
    items = describe_objects(asked, call.caller, ports) if page.items else ()
    return listing(call, [_render(item) for item in items], page.marker)


OPERATIONS = (
    Operation(
        id="listObjects",
        method="GET",
        path="/pipelines/{pipelineId}/objects",
        noun="objects",
        scope=Scope.READ,
        summary="Query objects",
        description="What QueryObjects and DescribeObjects answer, in one: components in the order of the definition, "
        "instances and attempts in order of time. Filters that are given must all hold; `to` is included here. "
        "Components have no component and no times, so that none fits such a filter.",
        run=_list,
        query=(
            Query("sphere", {"type": "string", "enum": [sphere.value for sphere in Sphere]}, "What.", required=True),
            Query("status", {"type": "string", "enum": _STATUSES}, "One of these statuses.", many=True),
            Query("component", {"type": "string", "minLength": 1, "maxLength": 256}, "Of this component."),
            *SPAN,
            *PAGING,
        ),
        reply=ref("PipelineObjectPage"),
        answers={"items": [OBJECT_EXAMPLE]},
    ),
)
