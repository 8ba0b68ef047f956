"""Triggers, and the events they let in: what waits, what is dead, another run for either."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.runs import bounds
from chalicelib.edge.rest.schemas.events import (
    EVENT_EXAMPLE,
    REDRIVE_EXAMPLE,
    REDRIVEN_EXAMPLE,
    REPLAY_EXAMPLE,
    REPLAYED_EXAMPLE,
    STANDING,
    TRIGGER_EXAMPLE,
)
from chalicelib.edge.rest.times import TIME, given, shown
from chalicelib.ports.bundle import Ports
from chalicelib.ports.events import EventRecord, Standing
from chalicelib.service.letters import ListEvents, Redrive, Replay, list_events, redrive, replay, run_events
from chalicelib.service.triggers import LOOKED_BACK, Count, ShownTrigger, list_triggers

NOUN = "events"
_PIPELINE = "/pipelines/{pipelineId}"
_INSTANT = timedelta(microseconds=1)


def _event(record: EventRecord) -> dict[str, Any]:
    body: dict[str, Any] = {
        "key": record.key,
        "triggerId": record.trigger,
        "standing": record.standing.value,
        "happenedAt": shown(record.at),
        "arrivedAt": shown(record.arrived_at),
        "fields": dict(record.fields),
    }
    said: Mapping[str, str] = {"runId": record.run, "error": record.error, "replay": record.replay}
    return body | {name: text for name, text in said.items() if text}


def _trigger(found: ShownTrigger) -> dict[str, Any]:
    fields: dict[str, list[str]] = {}
    for each in found.item.fields:
        if each.key != "type" and isinstance(each.value, str):
            fields.setdefault(each.key, []).append(each.value)
    body: dict[str, Any] = {
        "triggerId": found.item.id,
        "type": found.item.type or "",
        "fields": fields,
        "batchSize": found.batch_size,
        "batchWindowSeconds": found.batch_window.total_seconds(),
        "listening": found.listening,
        "backlog": _count(found.backlog),
        "recent": _count(found.recent),
        "perMinute": round(found.recent.events / (LOOKED_BACK / timedelta(minutes=1)), 3),
        "dead": _count(found.dead),
        "lastEvents": [_event(record) for record in found.last],
    }
    return body if found.oldest is None else body | {"oldestArrivedAt": shown(found.oldest)}


def _count(count: Count) -> dict[str, Any]:
    return {"events": count.events, "more": count.more}


def _list_triggers(call: Call, ports: Ports) -> Reply:
    return Reply({"items": [_trigger(found) for found in list_triggers(pipeline_id(call), call.caller, ports)]})


def _list(call: Call, ports: Ports) -> Reply:
    low, high = bounds(call)
    standing = call.query["standing"]
    request = ListEvents(
        pipeline_id(call),
        low,
        high - _INSTANT,
        Standing(standing) if standing else None,
        marker(call),
        call.query["limit"],
    )
    page = list_events(request, call.caller, ports)
    return listing(call, [_event(record) for record in page.items], page.marker)


def _of_run(call: Call, ports: Ports) -> Reply:
    found = run_events(pipeline_id(call), call.path["runId"], call.caller, ports)
    return Reply({"count": found.count, "items": [_event(record) for record in found.first]})


def _redrive(call: Call, ports: Ports) -> Reply:
    keys = tuple(dict.fromkeys(call.body["keys"]))
    waiting = redrive(Redrive(pipeline_id(call), keys), call.caller, ports)
    return Reply({"waiting": list(waiting), "left": [key for key in keys if key not in waiting]})


def _replay(call: Call, ports: Ports) -> Reply:
    body = call.body
    request = Replay(
        pipeline_id(call), given(body["from"]), given(body["to"]) - _INSTANT, body["name"], body.get("cursor")
    )
    found = replay(request, call.caller, ports)
    reply: dict[str, Any] = {"events": found.events}
    return Reply(reply if found.marker is None else reply | {"nextCursor": found.marker})


OPERATIONS = (
    Operation(
        id="listTriggers",
        method="GET",
        path=f"{_PIPELINE}/triggers",
        noun=NOUN,
        scope=Scope.READ,
        summary="See a pipeline's triggers and their backlog",
        description="One at most; none before the first activation, or where activation itself starts runs.",
        run=_list_triggers,
        reply=ref("TriggerList"),
        answers={"items": [TRIGGER_EXAMPLE]},
    ),
    Operation(
        id="listEvents",
        method="GET",
        path=f"{_PIPELINE}/events",
        noun=NOUN,
        scope=Scope.READ,
        summary="List events",
        description="In order of arrival. The dead say why they are.",
        run=_list,
        query=(
            Query("standing", STANDING, "Only events that stand so."),
            Query("from", TIME, "The earliest arrival."),
            Query("to", TIME, "Arrivals before this."),
            *PAGING,
        ),
        reply=ref("EventPage"),
        answers={"items": [EVENT_EXAMPLE]},
    ),
    Operation(
        id="listRunEvents",
        method="GET",
        path=f"{_PIPELINE}/runs/{{runId}}/events",
        noun=NOUN,
        scope=Scope.READ,
        summary="List the events that started a run",
        description="The first hundred; none for a run that its schedule or an activation started.",
        run=_of_run,
        reply=ref("RunEvents"),
        answers={"count": 1, "items": [EVENT_EXAMPLE]},
    ),
    Operation(
        id="redriveEvents",
        method="POST",
        path=f"{_PIPELINE}/events/redrive",
        noun=NOUN,
        scope=Scope.OPERATE,
        summary="Give dead events another run",
        description="They wait for a run of their own. To repeat the failed run itself, rerun it instead.",
        run=_redrive,
        request=ref("RedriveRequest"),
        reply=ref("Redriven"),
        status=202,
        sends=REDRIVE_EXAMPLE,
        answers=REDRIVEN_EXAMPLE,
    ),
    Operation(
        id="replayEvents",
        method="POST",
        path=f"{_PIPELINE}/events/replay",
        noun=NOUN,
        scope=Scope.OPERATE,
        summary="Run events of the past once more",
        description="A page at a time, each event once for a name. Events that came from a replay are not replayed.",
        run=_replay,
        request=ref("ReplayRequest"),
        reply=ref("Replayed"),
        status=202,
        sends=REPLAY_EXAMPLE,
        answers=REPLAYED_EXAMPLE,
    ),
)
