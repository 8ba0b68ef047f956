"""Shapes of what can be seen of data."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.times import TIME

_TEXT: Schema = {"type": "string"}
PREVIEW_EXAMPLE: Mapping[str, Any] = {
    "kind": "rows",
    "place": "s3://landing/orders/",
    "columns": ["id", "amount"],
    "rows": [["17", "9.50"], ["18", None]],
    "more": True,
    "objects": [{"name": "2026-01-31.csv", "sizeBytes": 18230, "modifiedAt": "2026-01-31T06:30:01Z"}],
    "moreObjects": False,
    "object": "2026-01-31.csv",
}

SCHEMAS: Mapping[str, Schema] = {
    "Picture": {
        "type": "object",
        "required": ["contentType", "content"],
        "additionalProperties": False,
        "properties": {
            "contentType": {"type": "string", "enum": ["image/jpeg", "image/png"]},
            "content": {"type": "string", "description": "The file, in base64."},
            "madeFrom": {
                "type": "string",
                "enum": ["object", "video"],
                "description": "An object in S3 as it is, or a still that Kinesis Video made of that moment.",
            },
        },
    },
    "LinkedNode": {
        "type": "object",
        "required": ["side", "instanceId", "componentId", "type"],
        "additionalProperties": False,
        "properties": {
            "side": {"type": "string", "enum": ["input", "output"]},
            "instanceId": _TEXT,
            "componentId": _TEXT,
            "type": _TEXT,
        },
    },
    "Preview": {
        "type": "object",
        "description": "The first of what there is: at most 100 rows, of the first 256 KB of one object.",
        "required": ["kind"],
        "additionalProperties": False,
        "properties": {
            "kind": {
                "type": "string",
                "enum": ["rows", "text", "picture", "nothing", "nodes"],
                "description": "Which of the members below are there. Nothing: `told` says why.",
            },
            "place": {"type": "string", "description": "An S3 URI, or the name of a table."},
            "told": {"type": "string", "description": "In words: what cannot be shown and why."},
            "columns": {"type": "array", "items": _TEXT, "description": "Empty where columns have no names."},
            "rows": {"type": "array", "items": {"type": "array", "items": {"type": ["string", "null"]}}},
            "text": _TEXT,
            "picture": ref("Picture"),
            "more": {"type": "boolean", "description": "Whether it goes on behind what is shown."},
            "objects": {
                "type": "array",
                "description": "Of a directory, the first 100.",
                "items": {
                    "type": "object",
                    "required": ["name", "sizeBytes", "modifiedAt"],
                    "additionalProperties": False,
                    "properties": {
                        "name": {"type": "string", "description": "Below the directory."},
                        "sizeBytes": {"type": "integer", "minimum": 0},
                        "modifiedAt": TIME,
                    },
                },
            },
            "moreObjects": {"type": "boolean"},
            "object": {"type": "string", "description": "The one of the directory that is shown."},
            "nodes": {"type": "array", "items": ref("LinkedNode"), "description": "Of an activity: what can be seen."},
            "hasResults": {"type": "boolean", "description": "Of an activity: whether it asks models."},
        },
        "examples": [PREVIEW_EXAMPLE],
    },
}
