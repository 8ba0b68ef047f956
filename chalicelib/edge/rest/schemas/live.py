"""Shapes of the live view."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.schemas.runs import INSTANCE_EXAMPLE, RUN_EXAMPLE

LIVE_EXAMPLE: Mapping[str, Any] = {
    "run": RUN_EXAMPLE,
    "instances": [INSTANCE_EXAMPLE],
    "cursor": "kJx2fXvYwq1bWyI0MSIsICIiXQ",
}

SCHEMAS: Mapping[str, Schema] = {
    "LiveRun": {
        "type": "object",
        "description": "What changed of a run since the look before.",
        "required": ["instances", "cursor"],
        "additionalProperties": False,
        "properties": {
            "run": {**ref("Run"), "description": "As it stands now; absent when nothing has happened."},
            "instances": {
                "type": "array",
                "description": "Those that differ from the look before; all of them without `since`.",
                "items": ref("InstanceSummary"),
            },
            "cursor": {"type": "string", "description": "`since` of the next look."},
        },
        "examples": [LIVE_EXAMPLE],
    },
}
