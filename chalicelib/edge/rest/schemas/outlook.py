"""Shapes of a pipeline's outlook."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema
from chalicelib.edge.rest.schemas.runs import STATUS
from chalicelib.edge.rest.times import TIME
from chalicelib.service.outlook import MOST_LATE, Starts

OUTLOOK_EXAMPLE: Mapping[str, Any] = {
    "starts": "SCHEDULE",
    "recentRuns": [
        {
            "runId": "2026-01-31T00:00:00",
            "status": "FINISHED",
            "scheduledStart": "2026-01-31T00:00:00Z",
            "startedAt": "2026-02-01T00:00:01Z",
            "endedAt": "2026-02-01T00:03:12Z",
            "seconds": 191,
        }
    ],
    "nextRuns": [
        {
            "at": "2026-02-02T00:00:00Z",
            "scheduledStart": "2026-02-01T00:00:00Z",
            "scheduledEnd": "2026-02-02T00:00:00Z",
            "componentIds": ["CopyOrders"],
        }
    ],
    "late": [],
    "paused": [],
}

_ID: Schema = {"type": "string"}
_RECENT: Schema = {
    "type": "object",
    "required": ["runId", "status", "scheduledStart", "startedAt"],
    "additionalProperties": False,
    "properties": {
        "runId": _ID,
        "status": {**STATUS, "description": "As of the run."},
        "scheduledStart": TIME,
        "startedAt": {**TIME, "description": "When its first instance was created and began to wait."},
        "endedAt": {**TIME, "description": "Absent while something of it is live."},
        "seconds": {"type": "number", "minimum": 0, "description": "From startedAt to endedAt; absent as that is."},
    },
}
_NEXT: Schema = {
    "type": "object",
    "required": ["at", "scheduledStart", "scheduledEnd", "componentIds"],
    "additionalProperties": False,
    "properties": {
        "at": {**TIME, "description": "When they are due: the interval's start, or its end with timeseries."},
        "scheduledStart": TIME,
        "scheduledEnd": TIME,
        "componentIds": {"type": "array", "items": _ID},
    },
}
_LATE: Schema = {
    "type": "object",
    "required": ["instanceId", "componentId", "status", "scheduledStart"],
    "additionalProperties": False,
    "properties": {"instanceId": _ID, "componentId": _ID, "status": STATUS, "scheduledStart": TIME},
}

SCHEMAS: Mapping[str, Schema] = {
    "Outlook": {
        "type": "object",
        "description": "What a pipeline did last and what it does next.",
        "required": ["recentRuns", "nextRuns", "late", "paused"],
        "additionalProperties": False,
        "properties": {
            "starts": {
                "type": "string",
                "enum": [each.value for each in Starts],
                "description": "What makes its runs begin: the schedules of the active definition, somebody who "
                "activates it, or events. Absent before it is first active.",
            },
            "recentRuns": {"type": "array", "description": "Newest first.", "items": _RECENT},
            "nextRuns": {
                "type": "array",
                "description": "Soonest first. Empty unless it is SCHEDULED and starts by SCHEDULE.",
                "items": _NEXT,
            },
            "late": {
                "type": "array",
                "description": "Live instances that began later than lateAfterTimeout permits; the oldest.",
                "maxItems": MOST_LATE,
                "items": _LATE,
            },
            "behind": {
                "type": "object",
                "description": "Of the object that is furthest behind: how many intervals were due and have not "
                "begun, and since when. Absent when none has.",
                "required": ["intervals", "since"],
                "additionalProperties": False,
                "properties": {"intervals": {"type": "integer", "minimum": 1}, "since": TIME},
            },
            "paused": {"type": "array", "description": "Objects that begin nothing.", "items": _ID},
        },
        "examples": [OUTLOOK_EXAMPLE],
    },
}
