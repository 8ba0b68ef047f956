"""Shapes of evaluating a text of a definition in a run."""

from collections.abc import Mapping

from chalicelib.edge.rest.contract import Schema
from chalicelib.edge.rest.schemas.definitions import ID

_TEXT: Schema = {"type": "string"}

SENDS: Mapping[str, object] = {
    "runId": "2026-01-31T06:00:00",
    "objectId": "Orders",
    "field": "filePath",
    "text": "s3://shop/#{format(@scheduledStartTime, 'YYYY-MM-dd')}.csv",
}
ANSWERS: Mapping[str, object] = {
    "seenFrom": "@Orders_2026-01-31T06:00:00",
    "values": ["s3://shop/2026-01-31.csv"],
    "cut": False,
}

SCHEMAS: Mapping[str, Schema] = {
    "EvaluationRequest": {
        "type": "object",
        "description": "What to evaluate, for an object of the definition. Give `runId` or `instanceId`, and `text`, "
        "`field` or both: a text is taken as if it stood in the field; without a text it is what the field has.",
        "required": ["objectId"],
        "additionalProperties": False,
        "properties": {
            "runId": {"type": "string", "minLength": 1, "maxLength": 64},
            "instanceId": ID,
            "objectId": ID,
            "field": {"type": "string", "minLength": 1, "maxLength": 256},
            "text": {"type": "string", "maxLength": 10240},
        },
        "examples": [SENDS],
    },
    "Evaluation": {
        "type": "object",
        "description": "What it came to. Secrets are masked.",
        "required": ["seenFrom", "values", "cut"],
        "additionalProperties": False,
        "properties": {
            "seenFrom": {"type": "string", "description": "The instance whose interval and runtime fields were used."},
            "values": {"type": "array", "items": _TEXT, "description": "Several for a list, none for an empty one."},
            "cut": {"type": "boolean", "description": "Whether there was more than is shown."},
            "error": {"type": "string", "description": "Why there is no value."},
        },
        "examples": [ANSWERS],
    },
}
