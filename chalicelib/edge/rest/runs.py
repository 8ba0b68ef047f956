"""Runs, their instances and attempts: found and read. What can be done to them is in attempts.py."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.reasons import Reason
from chalicelib.domain.run.spent import Spent
from chalicelib.domain.run.state import Attempt, Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.run.summary import Run, RunError, run_of
from chalicelib.domain.values import ComponentId, UtcTime
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.schemas.runs import (
    DETAIL_EXAMPLE,
    INSTANCE_EXAMPLE,
    MOST_REASONS,
    RUN_EXAMPLE,
    SPENT_EXAMPLE,
    STATUS,
)
from chalicelib.edge.rest.times import TIME, given, shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.instances import ShownAttempt, ShownField, ShownInstance, Worker, show_instance
from chalicelib.service.run_story import run_story
from chalicelib.service.runs import ListInstances, ListRuns, list_instances, list_runs, run_instances
from chalicelib.service.timeline import EARLIEST, LATEST

NOUN = "runs"


def render_run(run: Run) -> dict[str, Any]:
    """The shape Run."""
    body: dict[str, Any] = {
        "runId": run.id,
        "scheduledStart": shown(run.start),
        "scheduledEnd": shown(run.end),
        "status": run.status.value,
        "counts": {status.value: count for status, count in run.counts.items()},
        "startedAt": shown(run.started),
        "errors": [_run_error(error) for error in run.errors],
    }
    if run.events:
        body["startedByEvents"] = True
    return body | _times({"endedAt": run.ended})


def _run_error(error: RunError) -> dict[str, Any]:
    said = {"errorId": error.error_id, "message": error.message}
    return {"instanceId": error.instance, "status": error.status.value} | _said(said)


def render_instance(item: Instance) -> dict[str, Any]:
    """The shape InstanceSummary."""
    body: dict[str, Any] = {
        "instanceId": item.id,
        "componentId": item.component,
        "runId": run_of(item),
        "status": item.status.value,
        "scheduledStart": shown(item.start),
        "scheduledEnd": shown(item.end),
        "startedAt": shown(item.created),
        "attemptCount": len(item.attempts),
        "triesLeft": item.tries_left,
        "definitionVersion": item.version,
        "rerun": item.rerun,
        "late": item.late,
    }
    body |= _said(
        {"guards": item.owner, "resourceId": item.resource_id, "cancellationReason": item.cancellation_reason}
    )
    if item.cascade_failed_on:
        body["cascadeFailedOn"] = list(item.cascade_failed_on)
    fault = _fault(item.head) if item.head is not None and item.status is item.head.status else {}
    fault.pop("stackTrace", None)
    worked = item.head.started if item.head is not None else None
    times = {"workStartedAt": worked, "endedAt": item.ended, "nextTryAt": item.hold_until}
    return body | _times(times) | ({"error": fault} if fault else {})


def _spent(found: Spent) -> dict[str, Any]:
    return {
        "attempts": found.attempts,
        "seconds": found.seconds,
        "modelCalls": found.model_calls,
        "usd": round(found.usd, 9),
    }


def _worker(found: Worker) -> dict[str, str]:
    kind = {Placement.SERVERLESS: "function", Placement.WORKER_GROUP: "taskRunner", Placement.RESOURCE: "machine"}
    said = {"name": found.name, "workerGroup": found.group, "machine": found.machine}
    return {"kind": kind[found.placement]} | _said(said)


def _detail(found: ShownInstance) -> dict[str, Any]:
    return render_instance(found.instance) | {
        "type": found.type,
        "paused": found.paused,
        "waitingOn": [_reason(reason) for reason in found.waiting],
        "fields": [_field(each) for each in found.fields],
        "attempts": [_attempt(each) for each in found.attempts],
    }


def _field(each: ShownField) -> dict[str, Any]:
    values = [
        {"text": value.value} if isinstance(value.value, str) else {"ref": value.value.id} for value in each.written
    ]
    body: dict[str, Any] = {"key": each.key, "values": values}
    if each.evaluated is not None:
        body["evaluated"] = list(each.evaluated)
    return body | _said({"evaluationError": each.error})


def _attempt(each: ShownAttempt) -> dict[str, Any]:
    attempt = each.attempt
    body: dict[str, Any] = {
        "attemptId": each.id,
        "number": attempt.number,
        "status": attempt.status.value,
        "createdAt": shown(attempt.created),
        "logs": [{"name": link.name, "uri": link.uri} for link in each.logs],
        "reported": dict(attempt.fields),
        "spent": _spent(each.spent),
    }
    if each.worker is not None:
        body["worker"] = _worker(each.worker)
    body |= _times({"startedAt": attempt.started, "progressAt": attempt.progress, "endedAt": attempt.ended})
    fault = _fault(attempt)
    return body | ({"error": fault} if fault else {})


def _fault(attempt: Attempt) -> dict[str, str]:
    said = {
        "errorId": attempt.error_id,
        "message": attempt.error_message,
        "stackTrace": attempt.error_stack_trace,
    }
    return _said(said)


def _said(texts: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _times(moments: Mapping[str, UtcTime | None]) -> dict[str, str]:
    return {name: shown(moment) for name, moment in moments.items() if moment is not None}


def statuses(call: Call) -> frozenset[Status]:
    """The statuses that the listing is filtered by."""
    return frozenset(Status(text) for text in call.query["status"])


def bounds(call: Call) -> tuple[UtcTime, UtcTime]:
    """`from` and `to`, or everything."""
    low, high = call.query["from"], call.query["to"]
    return (given(low) if low else EARLIEST, given(high) if high else LATEST)


def _component(call: Call) -> ComponentId | None:
    name = call.query["component"]
    return ComponentId(name) if name else None


def _list(call: Call, ports: Ports) -> Reply:
    low, high = bounds(call)
    request = ListRuns(
        pipeline_id(call), statuses(call), _component(call), low, high, call.query["limit"], marker(call)
    )
    page = list_runs(request, call.caller, ports)
    return listing(call, [render_run(run) for run in page.items], page.marker)


def _get(call: Call, ports: Ports) -> Reply:
    found = run_instances(pipeline_id(call), call.path["runId"], call.caller, ports)
    instances = [render_instance(item) for item in found.instances]
    story = run_story(found, ports)
    waiting = {name: [_reason(each) for each in told[:MOST_REASONS]] for name, told in story.waiting.items()}
    spent = _spent(story.spent)
    return Reply({"run": render_run(found.run), "instances": instances, "waiting": waiting, "spent": spent})


def _reason(reason: Reason) -> dict[str, str]:
    return {"text": reason.text, **_said({"on": reason.on}), **_times({"until": reason.until})}


def _list_instances(call: Call, ports: Ports) -> Reply:
    low, high = bounds(call)
    request = ListInstances(
        pipeline_id(call),
        statuses(call),
        _component(call),
        low,
        high,
        call.query["limit"],
        marker(call),
        call.query["order"] == "newest",
    )
    page = list_instances(request, call.caller, ports)
    return listing(call, [render_instance(item) for item in page.items], page.marker)


def _get_instance(call: Call, ports: Ports) -> Reply:
    return Reply(_detail(show_instance(pipeline_id(call), call.path["instanceId"], call.caller, ports)))


SPAN = (
    Query("from", TIME, "The earliest scheduled start."),
    Query("to", TIME, "Scheduled starts before this."),
)
_FILTERS = (
    Query("status", STATUS, "One of these statuses.", many=True),
    Query("component", {"type": "string", "minLength": 1, "maxLength": 256}, "The id of an object of the definition."),
    *SPAN,
)

OPERATIONS = (
    Operation(
        id="listRuns",
        method="GET",
        path="/pipelines/{pipelineId}/runs",
        noun=NOUN,
        scope=Scope.READ,
        summary="List runs",
        description="Newest first. With `component`, those that have an instance of it.",
        run=_list,
        query=(*_FILTERS, *PAGING),
        reply=ref("RunPage"),
        answers={"items": [RUN_EXAMPLE]},
    ),
    Operation(
        id="getRun",
        method="GET",
        path="/pipelines/{pipelineId}/runs/{runId}",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read a run and its instances",
        run=_get,
        reply=ref("RunDetail"),
        answers={"run": RUN_EXAMPLE, "instances": [INSTANCE_EXAMPLE], "waiting": {}, "spent": SPENT_EXAMPLE},
    ),
    Operation(
        id="listInstances",
        method="GET",
        path="/pipelines/{pipelineId}/instances",
        noun=NOUN,
        scope=Scope.READ,
        summary="List instances",
        description="In order of scheduled start, then id.",
        run=_list_instances,
        query=(
            *_FILTERS,
            Query("order", {"type": "string", "enum": ["newest", "oldest"], "default": "newest"}, "What comes first."),
            *PAGING,
        ),
        reply=ref("InstancePage"),
        answers={"items": [INSTANCE_EXAMPLE]},
    ),
    Operation(
        id="getInstance",
        method="GET",
        path="/pipelines/{pipelineId}/instances/{instanceId}",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read an instance with its attempts",
        description="Fields with what their expressions come to, what it waits for in words, attempts with their logs.",
        run=_get_instance,
        reply=ref("Instance"),
        answers=DETAIL_EXAMPLE,
    ),
)
