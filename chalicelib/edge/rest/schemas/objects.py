"""Shapes of objects as QueryObjects and DescribeObjects have them."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of

_TEXT: Schema = {"type": "string"}
OBJECT_EXAMPLE: Mapping[str, Any] = {
    "objectId": "@CopyOrders_2026-01-31T00:00:00",
    "name": "@CopyOrders_2026-01-31T00:00:00",
    "fields": [
        {"key": "@status", "text": "FINISHED"},
        {"key": "@componentParent", "ref": "CopyOrders"},
    ],
}

SCHEMAS: Mapping[str, Schema] = {
    "PipelineObject": {
        "type": "object",
        "description": "A component, instance or attempt with all its fields, expressions as written; secrets show as "
        "`*****`.",
        "required": ["objectId", "name", "fields"],
        "additionalProperties": False,
        "properties": {
            "objectId": _TEXT,
            "name": _TEXT,
            "fields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["key"],
                    "additionalProperties": False,
                    "properties": {"key": _TEXT, "text": _TEXT, "ref": {"type": "string", "description": "An id."}},
                },
            },
        },
        "examples": [OBJECT_EXAMPLE],
    },
    "PipelineObjectPage": page_of(ref("PipelineObject")),
}
