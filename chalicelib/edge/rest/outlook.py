"""What a pipeline did last and does next, in one call: for lists, which show it of every row they have in view."""

from typing import Any

from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.summary import Run
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.runs import NOUN
from chalicelib.edge.rest.schemas.outlook import OUTLOOK_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.outlook import Coming, outlook


def _get(call: Call, ports: Ports) -> Reply:
    found = outlook(pipeline_id(call), call.query["runs"], call.query["next"], call.caller, ports)
    body: dict[str, Any] = {
        "recentRuns": [_recent(run) for run in found.recent],
        "nextRuns": [_coming(each) for each in found.coming],
        "late": [_late(item) for item in found.late],
        "paused": list(found.paused),
    }
    if found.starts is not None:
        body["starts"] = found.starts.value
    if found.behind is not None:
        body["behind"] = {"intervals": found.behind.intervals, "since": shown(found.behind.since)}
    return Reply(body)


def _recent(run: Run) -> dict[str, Any]:
    body: dict[str, Any] = {
        "runId": run.id,
        "status": run.status.value,
        "scheduledStart": shown(run.start),
        "startedAt": shown(run.started),
    }
    if run.ended is None:
        return body
    return body | {"endedAt": shown(run.ended), "seconds": round((run.ended - run.started).total_seconds(), 3)}


def _coming(each: Coming) -> dict[str, Any]:
    return {
        "at": shown(each.at),
        "scheduledStart": shown(each.start),
        "scheduledEnd": shown(each.end),
        "componentIds": list(each.components),
    }


def _late(item: Instance) -> dict[str, Any]:
    return {
        "instanceId": item.id,
        "componentId": item.component,
        "status": item.status.value,
        "scheduledStart": shown(item.start),
    }


OPERATIONS = (
    Operation(
        id="getOutlook",
        method="GET",
        path="/pipelines/{pipelineId}/outlook",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read a pipeline's recent runs and next starts",
        run=_get,
        query=(
            Query("runs", {"type": "integer", "minimum": 0, "maximum": 50, "default": 20}, "How many recent runs."),
            Query("next", {"type": "integer", "minimum": 0, "maximum": 50, "default": 5}, "How many next starts."),
        ),
        reply=ref("Outlook"),
        answers=OUTLOOK_EXAMPLE,
    ),
)
