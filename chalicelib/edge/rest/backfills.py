"""Backfills: what one would run and cost, the order, how far it is, and stopping it."""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.run.estimate import Estimate
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.schemas.backfills import PREVIEW_EXAMPLE, PROGRESS_EXAMPLE, REQUEST_EXAMPLE
from chalicelib.edge.rest.times import given, shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.backfills import (
    Backfill,
    Planned,
    Preview,
    StillToBegin,
    order_backfill,
    preview_backfill,
    still_to_begin,
    stop_backfill,
)

NOUN = "backfills"
_PATH = "/pipelines/{pipelineId}/backfills"


def _request(call: Call) -> Backfill:
    body = call.body
    return Backfill(
        pipeline_id(call),
        given(body["from"]),
        given(body["to"]),
        tuple(body.get("components", ())),
        body.get("downstream", False),
    )


def _render(preview: Preview) -> dict[str, Any]:
    return {
        "instances": preview.instances,
        "components": [_component(each) for each in preview.planned],
        "skipped": [
            {"componentId": each.component, "why": each.why.value, "intervals": each.intervals}
            for each in preview.left_out
        ],
        "estimate": _estimate(preview.estimate),
        "warnings": list(preview.warnings),
    }


def _component(each: Planned) -> dict[str, Any]:
    return {
        "componentId": each.component,
        "kind": each.kind.value,
        "intervals": each.intervals,
        "first": shown(each.first),
        "last": shown(each.last),
        "standings": dict(each.standings),
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    parts = [
        {
            "what": part.what,
            "quantity": round(part.quantity, 3),
            "unit": part.unit,
            "unitPrice": part.unit_price,
            "usd": round(part.usd, 9),
            "basis": part.basis,
        }
        for part in found.parts
    ]
    body: dict[str, Any] = {"usd": round(found.usd, 6), "parts": parts, "leftOut": list(found.left_out)}
    return body if found.seconds is None else body | {"seconds": round(found.seconds, 3)}


def _progress(left: Sequence[StillToBegin]) -> Reply:
    items = [
        {
            "componentId": each.component,
            "intervals": each.intervals,
            "first": shown(each.first),
            "last": shown(each.last),
        }
        for each in left
    ]
    return Reply({"items": items})


def _preview(call: Call, ports: Ports) -> Reply:
    return Reply(_render(preview_backfill(_request(call), call.caller, ports)))


def _order(call: Call, ports: Ports) -> Reply:
    return Reply(_render(order_backfill(_request(call), call.caller, ports, call.key)))


def _list(call: Call, ports: Ports) -> Reply:
    return _progress(still_to_begin(pipeline_id(call), call.caller, ports))


def _stop(call: Call, ports: Ports) -> Reply:
    return _progress(stop_backfill(pipeline_id(call), call.caller, ports))


OPERATIONS = (
    Operation(
        id="previewBackfill",
        method="POST",
        path=f"{_PATH}/preview",
        noun=NOUN,
        scope=Scope.READ,
        summary="See what a backfill would run and cost",
        description="Nothing is ordered. 409 for a pipeline that is not SCHEDULED, or runs on demand.",
        run=_preview,
        request=ref("BackfillRequest"),
        reply=ref("BackfillPreview"),
        sends=REQUEST_EXAMPLE,
        answers=PREVIEW_EXAMPLE,
    ),
    Operation(
        id="orderBackfill",
        method="POST",
        path=_PATH,
        noun=NOUN,
        scope=Scope.OPERATE,
        summary="Run intervals of the past",
        description="Oldest first, as many at a time as maxActiveInstances allows, beside what runs by itself; what "
        "depends on an ordered interval waits for it. Nothing of it counts as late. 409 when nothing would run.",
        run=_order,
        request=ref("BackfillRequest"),
        reply=ref("BackfillPreview"),
        status=202,
        idempotent=True,
        sends=REQUEST_EXAMPLE,
        answers=PREVIEW_EXAMPLE,
    ),
    Operation(
        id="listBackfills",
        method="GET",
        path=_PATH,
        noun=NOUN,
        scope=Scope.READ,
        summary="See what backfills have still to begin",
        run=_list,
        reply=ref("BackfillProgress"),
        answers=PROGRESS_EXAMPLE,
    ),
    Operation(
        id="stopBackfills",
        method="DELETE",
        path=_PATH,
        noun=NOUN,
        scope=Scope.OPERATE,
        summary="Begin no more of what was ordered",
        description="Answers what had not begun. What is live goes on: cancel it if it should not.",
        run=_stop,
        reply=ref("BackfillProgress"),
        status=202,
        answers=PROGRESS_EXAMPLE,
    ),
)
