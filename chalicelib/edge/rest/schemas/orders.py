"""Shapes of orders for what runs."""

from collections.abc import Mapping

from chalicelib.edge.rest.contract import Schema

ACCEPTED_EXAMPLE = {"command": "RERUN", "objectIds": ["@CopyOrders_2026-01-31T00:00:00"]}
RERUN_EXAMPLE = {"instances": "failed"}

SCHEMAS: Mapping[str, Schema] = {
    "Accepted": {
        "type": "object",
        "description": "An order that the engine carries out in its own time, mostly within a second.",
        "required": ["command", "objectIds"],
        "additionalProperties": False,
        "properties": {
            "command": {
                "type": "string",
                "enum": ["PAUSE", "RESUME", "TRY_CANCEL", "RERUN", "MARK_FINISHED"],
                "description": "As SetStatus names it.",
            },
            "objectIds": {
                "type": "array",
                "description": "The instances or components that it is for.",
                "items": {"type": "string"},
            },
        },
        "examples": [ACCEPTED_EXAMPLE],
    },
    "RerunRequest": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "instances": {
                "type": "string",
                "enum": ["failed", "all"],
                "default": "failed",
                "description": "`failed`: what is FAILED, TIMEDOUT, CASCADE_FAILED or CANCELED. "
                "`all`: also what finished, was skipped, or is stuck behind a failure.",
            }
        },
        "examples": [RERUN_EXAMPLE],
    },
}
