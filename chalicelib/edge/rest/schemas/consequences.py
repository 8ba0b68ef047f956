"""Shapes of what would follow from an order."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.run.status import Status
from chalicelib.edge.rest.contract import Schema
from chalicelib.edge.rest.times import TIME

MOST_CHANGES = 200
MOST_DEEDS = 50

_TEXT: Schema = {"type": "string"}
_STATUS: Schema = {"type": "string", "enum": [status.value for status in Status]}
_FIRST = "@CopyOrders_2026-01-31T00:00:00"
_CHANGE = {
    "instanceId": _FIRST,
    "componentId": "CopyOrders",
    "runId": "2026-01-31T00:00:00",
    "scheduledStart": "2026-01-31T00:00:00Z",
    "from": "FAILED",
    "to": "WAITING_FOR_RUNNER",
    "returns": True,
}
FORESEEN_EXAMPLE: Mapping[str, Any] = {
    "order": "rerun",
    "instanceIds": [_FIRST],
    "changeCount": 1,
    "changes": [_CHANGE],
    "deeds": [{"deed": "work", "on": _FIRST}],
}
PAUSED_EXAMPLE: Mapping[str, Any] = {
    "order": "pause",
    "instanceIds": ["CopyOrders"],
    "changeCount": 0,
    "changes": [],
    "deeds": [],
    "heldCount": 1,
    "held": ["@CopyOrders_2026-02-01T00:00:00"],
}

SCHEMAS: Mapping[str, Schema] = {
    "Consequences": {
        "type": "object",
        "description": "What the engine's next turn would do with an order.",
        "required": ["order", "instanceIds", "changeCount", "changes", "deeds"],
        "additionalProperties": False,
        "properties": {
            "order": {"type": "string", "enum": ["rerun", "cancel", "markFinished", "pause", "resume"]},
            "instanceIds": {"type": "array", "description": "What the order would be given for.", "items": _TEXT},
            "heldCount": {
                "type": "integer",
                "minimum": 0,
                "description": "Of pausing: how many instances wait and would not begin until they are resumed.",
            },
            "held": {"type": "array", "description": "Those, by start.", "maxItems": MOST_CHANGES, "items": _TEXT},
            "changeCount": {"type": "integer", "minimum": 0, "description": "How many instances would change."},
            "changes": {
                "type": "array",
                "description": "Those that the order names first, then by start.",
                "maxItems": MOST_CHANGES,
                "items": {
                    "type": "object",
                    "required": ["instanceId", "componentId", "runId", "scheduledStart", "to", "returns"],
                    "additionalProperties": False,
                    "properties": {
                        "instanceId": _TEXT,
                        "componentId": _TEXT,
                        "runId": _TEXT,
                        "scheduledStart": TIME,
                        "from": {**_STATUS, "description": "Absent for one that does not exist yet."},
                        "to": _STATUS,
                        "returns": {
                            "type": "boolean",
                            "description": "Whether it ended, or is stuck behind a failure, and would be live again.",
                        },
                        "guards": {"type": "string", "description": "Of a precondition: the instance that it guards."},
                    },
                },
            },
            "deeds": {
                "type": "array",
                "description": "What would be done outside the control plane at once.",
                "maxItems": MOST_DEEDS,
                "items": {
                    "type": "object",
                    "required": ["deed", "on"],
                    "additionalProperties": False,
                    "properties": {
                        "deed": {
                            "type": "string",
                            "enum": [
                                "work",
                                "stopWork",
                                "action",
                                "launch",
                                "check",
                                "terminate",
                                "setEventsAside",
                                "takeEventsBack",
                            ],
                            "description": "An attempt is handed out or stopped, an action carried out, a machine or "
                            "cluster launched, asked after or ended, a run's events moved to or from the dead letters.",
                        },
                        "on": {"type": "string", "description": "The instance, or of events the run."},
                        "action": {"type": "string", "description": "The action object."},
                        "workerGroup": {"type": "string", "description": "Who is to take the work up."},
                        "resourceId": {"type": "string", "description": "The machine or cluster."},
                    },
                },
            },
        },
        "examples": [FORESEEN_EXAMPLE],
    },
}
