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

UNIQUE_ID: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 1024,
    "description": "Creating again with the same name and unique id finds the pipeline that was made before.",
}
GROUP: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 256,
    "description": "Whose members alone see it; becomes its tag `penstock:group`.",
}
REQUIRED = ["pipelineId", "name", "uniqueId", "state", "health", "createdAt", "createdBy", "owner", "tags"]
PROPERTIES: Mapping[str, Schema] = {
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
    "createdBy": {
        "type": "string",
        "description": "The principal who created it: a user's name, an ARN, or `client` and a machine's client id.",
    },
    "createdAt": TIME,
    "tags": ref("Tags"),
    "latestVersion": {"type": "integer", "description": "The definition saved last; absent when none was."},
    "activeVersion": {"type": "integer", "description": "The definition activated last; absent when none was."},
    "firstActivatedAt": TIME,
    "lastActivatedAt": TIME,
    "lastDeactivatedAt": TIME,
    "latestRunAt": {**TIME, "description": "When an instance of it last started."},
}
EXAMPLE: Mapping[str, object] = {
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
VERSION: Schema = {
    "type": "string",
    "pattern": "^(latest|active|[0-9]{1,18})$",
    "description": "`latest`, `active` or a version's number.",
    "default": "latest",
}
_BESIDE = [["definition", "template"], ["definition", "cloneOf"], ["template", "cloneOf"]]

SCHEMAS: Mapping[str, Schema] = {
    "Pipeline": {
        "type": "object",
        "description": "A pipeline: what it is called, how it stands, which definitions it has.",
        "required": REQUIRED,
        "additionalProperties": False,
        "properties": PROPERTIES,
        "examples": [EXAMPLE],
    },
    "PipelinePage": page_of(ref("Pipeline")),
    "MadePipeline": {
        "type": "object",
        "description": "A pipeline that was made, and what was found in its definition.",
        "required": [*REQUIRED, "findings"],
        "additionalProperties": False,
        "properties": {**PROPERTIES, "findings": {"type": "array", "items": ref("Finding")}},
    },
    "NewPipeline": {
        "type": "object",
        "description": "A pipeline to make: empty, or with one of `definition`, `template` and `cloneOf`.",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": NAME,
            "uniqueId": UNIQUE_ID,
            "description": DESCRIPTION,
            "tags": ref("Tags"),
            "group": GROUP,
            "definition": ref("Definition"),
            "template": ref("FilledTemplate"),
            "cloneOf": {"type": "string", "minLength": 1, "maxLength": 1024, "description": "A pipeline's id."},
        },
        "not": {"anyOf": [{"required": pair} for pair in _BESIDE]},
        "examples": [{"name": "nightly orders", "uniqueId": "nightly-orders-1", "tags": {"team": "shop"}}],
    },
    "PipelineCopy": {
        "type": "object",
        "description": "The copy of a pipeline. Description and tags are the original's unless given.",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": NAME,
            "uniqueId": UNIQUE_ID,
            "description": DESCRIPTION,
            "tags": ref("Tags"),
            "group": GROUP,
            "version": VERSION,
        },
        "examples": [{"name": "nightly orders, new region", "version": "active"}],
    },
    "PipelineEdit": {
        "type": "object",
        "description": "What is absent stays. Tags replace all others.",
        "additionalProperties": False,
        "properties": {"description": DESCRIPTION, "tags": ref("Tags")},
        "examples": [{"description": "Orders of the day, with returns"}],
    },
    "Activation": {
        "type": "object",
        "description": "How to start: the values replace the definition's by id.",
        "additionalProperties": False,
        "properties": {
            "startTimestamp": {**TIME, "description": "Where the schedule resumes; without it, where it stopped."},
            "parameterValues": ref("ParameterValues"),
        },
        "examples": [{"parameterValues": {"myOutputS3Loc": "s3://bucket/orders"}}],
    },
    "Deactivation": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "cancelActive": {
                "type": "boolean",
                "default": True,
                "description": "Whether what runs is cancelled; otherwise it ends first.",
            }
        },
        "examples": [{"cancelActive": False}],
    },
    "Tags": {
        "type": "object",
        "description": "Labels by key, of 1 to 128 characters; at most ten.",
        "maxProperties": 10,
        "propertyNames": {"minLength": 1, "maxLength": 128},
        "additionalProperties": {"type": "string", "maxLength": 256},
        "examples": [{"team": "shop", "penstock:group": "retail"}],
    },
}
