"""Shapes of triggers and events."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.edge.rest.times import TIME
from chalicelib.service.letters import REDRIVEN_AT_ONCE

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
STANDING: Schema = {"type": "string", "enum": ["pending", "taken", "dead"]}
KEY: Schema = {"type": "string", "minLength": 1, "maxLength": 512}
EVENT_EXAMPLE: Mapping[str, Any] = {
    "key": "4f1d7e",
    "triggerId": "Dropped",
    "standing": "dead",
    "happenedAt": "2026-01-31T06:30:00Z",
    "arrivedAt": "2026-01-31T06:30:01Z",
    "fields": {"@bucket": "landing", "@key": "orders.csv"},
    "runId": "2026-01-31T06:30:01.120",
    "error": "Copy is FAILED: it broke",
}
TRIGGER_EXAMPLE: Mapping[str, Any] = {
    "triggerId": "Dropped",
    "type": "S3EventTrigger",
    "fields": {"bucket": ["landing"]},
    "batchSize": 1,
    "batchWindowSeconds": 0,
    "listening": True,
    "backlog": {"events": 12, "more": False},
    "oldestArrivedAt": "2026-01-31T06:30:01Z",
    "recent": {"events": 90, "more": False},
    "perMinute": 6.0,
    "dead": {"events": 1, "more": False},
    "lastEvents": [EVENT_EXAMPLE],
}
REDRIVE_EXAMPLE: Mapping[str, Any] = {"keys": ["4f1d7e"]}
REDRIVEN_EXAMPLE: Mapping[str, Any] = {"waiting": ["4f1d7e"], "left": []}
REPLAY_EXAMPLE: Mapping[str, Any] = {
    "from": "2026-01-31T00:00:00Z",
    "to": "2026-02-01T00:00:00Z",
    "name": "after-the-fix",
}
REPLAYED_EXAMPLE: Mapping[str, Any] = {"events": 41}

SCHEMAS: Mapping[str, Schema] = {
    "Trigger": {
        "type": "object",
        "description": "The object whose events start runs.",
        "required": [name for name in TRIGGER_EXAMPLE if name != "oldestArrivedAt"],
        "additionalProperties": False,
        "properties": {
            "triggerId": _TEXT,
            "type": _TEXT,
            "fields": {
                "type": "object",
                "description": "As the active definition has them; secrets show as `*****`.",
                "additionalProperties": {"type": "array", "items": _TEXT},
            },
            "batchSize": {"type": "integer", "minimum": 1},
            "batchWindowSeconds": {"type": "number", "minimum": 0},
            "listening": {"type": "boolean", "description": "Whether the pipeline is SCHEDULED, so events start runs."},
            "backlog": {**ref("EventCount"), "description": "Events that wait for a run."},
            "oldestArrivedAt": {**TIME, "description": "When the first that waits arrived."},
            "recent": {**ref("EventCount"), "description": "Events that arrived in the last 15 minutes."},
            "perMinute": {"type": "number", "description": "Their rate; at least that where `recent` has `more`."},
            "dead": {**ref("EventCount"), "description": "Dead letters."},
            "lastEvents": {"type": "array", "description": "At most five of them.", "items": ref("Event")},
        },
        "examples": [TRIGGER_EXAMPLE],
    },
    "TriggerList": {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {"items": {"type": "array", "items": ref("Trigger")}},
    },
    "EventCount": {
        "type": "object",
        "description": "Counted up to 200; `more` says that there may be others.",
        "required": ["events", "more"],
        "additionalProperties": False,
        "properties": {"events": _COUNT, "more": {"type": "boolean"}},
    },
    "Event": {
        "type": "object",
        "description": "Something that happened and starts, or started, a run.",
        "required": ["key", "triggerId", "standing", "happenedAt", "arrivedAt", "fields"],
        "additionalProperties": False,
        "properties": {
            "key": {"type": "string", "description": "Names the event; for redrive."},
            "triggerId": {"type": "string", "description": "The trigger that let it in."},
            "standing": {**STANDING, "description": "pending waits for a run, taken has one, dead: its run failed."},
            "happenedAt": TIME,
            "arrivedAt": TIME,
            "fields": {"type": "object", "additionalProperties": _TEXT},
            "runId": {"type": "string", "description": "The run that took it."},
            "error": {"type": "string", "description": "Why it is dead."},
            "replay": {"type": "string", "description": "The replay that it is part of."},
        },
        "examples": [EVENT_EXAMPLE],
    },
    "EventPage": page_of(ref("Event")),
    "RunEvents": {
        "type": "object",
        "description": "What started a run.",
        "required": ["count", "items"],
        "additionalProperties": False,
        "properties": {
            "count": {**_COUNT, "description": "All of them."},
            "items": {"type": "array", "maxItems": 100, "items": ref("Event")},
        },
    },
    "RedriveRequest": {
        "type": "object",
        "required": ["keys"],
        "additionalProperties": False,
        "properties": {"keys": {"type": "array", "minItems": 1, "maxItems": REDRIVEN_AT_ONCE, "items": KEY}},
        "examples": [REDRIVE_EXAMPLE],
    },
    "Redriven": {
        "type": "object",
        "required": ["waiting", "left"],
        "additionalProperties": False,
        "properties": {
            "waiting": {"type": "array", "description": "Keys that wait for a run now.", "items": _TEXT},
            "left": {
                "type": "array",
                "description": "Keys left as they are: a run has taken them, or is running them again; or unknown.",
                "items": _TEXT,
            },
        },
        "examples": [REDRIVEN_EXAMPLE],
    },
    "ReplayRequest": {
        "type": "object",
        "description": "Run once more what arrived from `from` on and before `to`, whatever became of it.",
        "required": ["from", "to", "name"],
        "additionalProperties": False,
        "properties": {
            "from": TIME,
            "to": TIME,
            "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "description": "Tells this replay from others: the same again starts nothing new.",
            },
            "cursor": {
                "type": "string",
                "minLength": 1,
                "maxLength": 4096,
                "description": "Where the last call stopped.",
            },
        },
        "examples": [REPLAY_EXAMPLE],
    },
    "Replayed": {
        "type": "object",
        "required": ["events"],
        "additionalProperties": False,
        "properties": {
            "events": {**_COUNT, "description": "How many this call put into the backlog."},
            "nextCursor": {"type": "string", "description": "Ask again with it as `cursor`; absent when that was all."},
        },
        "examples": [REPLAYED_EXAMPLE],
    },
}
