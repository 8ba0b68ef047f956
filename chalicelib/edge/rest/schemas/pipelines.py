"""Shapes of pipelines and their tags."""

from collections.abc import Mapping

from chalicelib.domain.run.status import Health, PipelineStatus
from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.edge.rest.times import TIME

PIPELINE_ID = "df-0A1B2C3D4E5F6G7H8I9J"
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 1024, "examples": ["nightly orders"]}
DESCRIPTION: Schema = {"type": "string", "maxLength": 1024, "examples": ["Orders of the day, from the shop to S3"]}
STATES = [status.value for status in PipelineStatus]

SCHEMAS: Mapping[str, Schema] = {
    "Pipeline": {
        "type": "object",
        "description": "A pipeline: what it is called, how it stands, which definitions it has.",
        "required": ["pipelineId", "name", "uniqueId", "state", "health", "createdAt", "createdBy", "owner", "tags"],
        "additionalProperties": False,
        "properties": {
            "pipelineId": {"type": "string", "examples": [PIPELINE_ID]},
            "name": NAME,
            "uniqueId": {"type": "string", "description": "What made its creation repeatable."},
            "description": DESCRIPTION,
            "state": {"type": "string", "enum": STATES},
            "health": {
                "type": "string",
                "enum": [health.value for health in Health],
                "description": "ERROR while a component's last instance failed; `-` before any ended.",
            },
            "owner": {"type": "string", "description": "The account it belongs to."},
            "createdBy": {"type": "string", "description": "The principal who created it."},
            "createdAt": TIME,
            "tags": ref("Tags"),
            "latestVersion": {"type": "integer", "description": "The definition saved last; absent when none was."},
            "activeVersion": {"type": "integer", "description": "The definition activated last; absent when none was."},
            "firstActivatedAt": TIME,
            "lastActivatedAt": TIME,
            "lastDeactivatedAt": TIME,
            "latestRunAt": {**TIME, "description": "When an instance of it last started."},
        },
        "examples": [
            {
                "pipelineId": PIPELINE_ID,
                "name": "nightly orders",
                "uniqueId": "nightly-orders-1",
                "description": "Orders of the day, from the shop to S3",
                "state": "SCHEDULED",
                "health": "HEALTHY",
                "owner": "123456789012",
                "createdBy": "maria",
                "createdAt": "2026-01-31T06:30:00Z",
                "tags": {"team": "shop"},
                "latestVersion": 1769841000000000,
                "activeVersion": 1769841000000000,
                "firstActivatedAt": "2026-01-31T06:31:00Z",
                "lastActivatedAt": "2026-01-31T06:31:00Z",
                "latestRunAt": "2026-02-01T00:00:00Z",
            }
        ],
    },
    "PipelinePage": page_of(ref("Pipeline")),
    "Tags": {
        "type": "object",
        "description": "Labels by key; at most ten.",
        "maxProperties": 10,
        "additionalProperties": {"type": "string", "maxLength": 256},
        "examples": [{"team": "shop", "penstock:group": "retail"}],
    },
}
