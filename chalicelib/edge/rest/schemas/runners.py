"""Shapes of Task Runners."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.edge.rest.times import TIME

RUNNER_EXAMPLE: Mapping[str, Any] = {
    "runnerId": "berlin-1",
    "workerGroup": "berlin",
    "hostname": "etl1.example.com",
    "seenAt": "2026-01-31T06:30:00Z",
    "alive": True,
    "ending": False,
}

SCHEMAS: Mapping[str, Schema] = {
    "Runner": {
        "type": "object",
        "description": "A Task Runner, by its last heartbeat.",
        "required": list(RUNNER_EXAMPLE),
        "additionalProperties": False,
        "properties": {
            "runnerId": {"type": "string"},
            "workerGroup": {"type": "string", "description": "Empty where it did not say."},
            "hostname": {"type": "string", "description": "Empty where it did not say."},
            "seenAt": {**TIME, "description": "Its last heartbeat."},
            "alive": {"type": "boolean", "description": "Heard of within the last 15 minutes."},
            "ending": {"type": "boolean", "description": "It is told to end with its next heartbeat."},
        },
        "examples": [RUNNER_EXAMPLE],
    },
    "RunnerPage": page_of(ref("Runner")),
}
