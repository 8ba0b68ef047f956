"""A pipeline to look at: the graph of its objects, its runs with all their instances, and what goes on just now."""

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.summary import run_of
from chalicelib.domain.values import InstanceId
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.runs import SPAN, bounds, statuses
from chalicelib.edge.rest.schemas.runs import STATUS
from chalicelib.edge.rest.schemas.timeline import COLUMN_EXAMPLE, GRAPH_EXAMPLE, LOOK_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.definitions import Version
from chalicelib.service.graph import Graph, pipeline_graph
from chalicelib.service.look import Look, look
from chalicelib.service.runs import ListRuns, RunFound, list_whole_runs

NOUN = "runs"
_PIPELINE = "/pipelines/{pipelineId}"


def _column(found: RunFound) -> dict[str, Any]:
    live = frozenset(found.state.instances) if found.state is not None else frozenset()
    return _columns(found.instances, live)[0]


def _columns(instances: Iterable[Instance], live: frozenset[InstanceId]) -> list[dict[str, Any]]:
    """Instances by run, the newest first."""
    runs: dict[str, list[Instance]] = {}
    for item in instances:
        runs.setdefault(run_of(item), []).append(item)
    return [
        {
            "runId": run,
            "scheduledStart": shown(min(item.start for item in items)),
            "scheduledEnd": shown(max(item.end for item in items)),
            "cells": [_cell(item, live) for item in sorted(items, key=lambda item: item.id)],
        }
        for run, items in sorted(runs.items(), reverse=True)
    ]


def _cell(item: Instance, live: frozenset[InstanceId]) -> dict[str, Any]:
    """What is said of most instances is left out: most pages are long."""
    body: dict[str, Any] = {
        "instanceId": item.id,
        "componentId": item.component,
        "status": item.status.value,
        "attempts": len(item.attempts),
        "startedAt": shown(item.created),
    }
    if item.ended is not None:
        body["endedAt"] = shown(item.ended)
    elif item.id not in live:
        body["stuck"] = True
    if item.owner is not None:
        body["guards"] = item.owner
    return body | ({"late": True} if item.late else {})


def _list(call: Call, ports: Ports) -> Reply:
    low, high = bounds(call)
    request = ListRuns(pipeline_id(call), statuses(call), None, low, high, call.query["limit"], marker(call))
    page = list_whole_runs(request, call.caller, ports)
    return listing(call, [_column(found) for found in page.items], page.marker)


def _look(call: Call, ports: Ports) -> Reply:
    seen = look(Look(pipeline_id(call), call.query["since"]), call.caller, ports)
    body: dict[str, Any] = {
        "items": _columns(seen.instances, seen.live),
        "complete": seen.complete,
        "cursor": seen.cursor,
    }
    if seen.standing is not None:
        body["standing"] = {
            "state": seen.standing.status.value,
            "health": seen.standing.health.value,
            "paused": list(seen.standing.paused),
            "toBegin": seen.standing.to_begin,
        }
    return Reply(body)


def _graph(call: Call, ports: Ports) -> Reply:
    return Reply(_drawn(pipeline_graph(pipeline_id(call), Version(call.query["version"]), call.caller, ports)))


def _drawn(found: Graph) -> dict[str, Any]:
    return {
        "version": found.version,
        "nodes": [
            {"id": each.id, "name": each.name, "type": each.type}
            | ({"category": each.category.value} if each.category is not None else {})
            for each in found.nodes
        ],
        "edges": [
            {"from": each.owner, "to": each.target, "field": each.field}
            | ({"givenBy": each.given_by} if each.given_by != each.owner else {})
            for each in found.edges
        ],
    }


OPERATIONS = (
    Operation(
        id="listTimeline",
        method="GET",
        path=f"{_PIPELINE}/timeline",
        noun=NOUN,
        scope=Scope.READ,
        summary="List runs with all their instances",
        description="Newest first, in as few words as a timeline takes. A page ends after `limit` runs, or two "
        "thousand instances or so. With `status`, runs of which an instance has one of these.",
        run=_list,
        query=(Query("status", STATUS, "One of these statuses.", many=True), *SPAN, *PAGING),
        reply=ref("TimelinePage"),
        answers={"items": [COLUMN_EXAMPLE]},
    ),
    Operation(
        id="lookAtPipeline",
        method="GET",
        path=f"{_PIPELINE}/live",
        noun=NOUN,
        scope=Scope.READ,
        summary="See what goes on in a pipeline",
        description="What is live, and what has ended since the look before. Answers at once, and with next to "
        "nothing when nothing has changed: ask again every few seconds. An order about what has ended long ago, such "
        "as markFinished, may show in the lists alone.",
        run=_look,
        query=(
            Query(
                "since",
                {"type": "string", "minLength": 1, "maxLength": 8192, "pattern": "^[A-Za-z0-9_=-]+$"},
                "`cursor` of the look before. Without it all that is live is answered.",
            ),
        ),
        reply=ref("LivePipeline"),
        answers=LOOK_EXAMPLE,
    ),
    Operation(
        id="getGraph",
        method="GET",
        path=f"{_PIPELINE}/graph",
        noun="definitions",
        scope=Scope.READ,
        summary="See how a definition's objects refer to each other",
        description="Every object that has a type, and every reference but those to parents; what an object inherits "
        "counts.",
        run=_graph,
        query=(
            Query(
                "version",
                {"type": "string", "enum": [each.value for each in Version], "default": Version.ACTIVE.value},
                "`active` means the latest before the first activation.",
            ),
        ),
        reply=ref("Graph"),
        answers=GRAPH_EXAMPLE,
    ),
)
