"""Shapes of what models answered."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.times import TIME

_TEXT: Schema = {"type": "string"}
_RATIO: Schema = {"type": "number", "description": "0 to 1 of the picture; a little beyond at its edges."}
RESULT_EXAMPLE: Mapping[str, Any] = {
    "item": "s3://photos/in/door.jpg",
    "model": "rekognition:DetectFaces",
    "at": "2026-01-31T06:30:01.250Z",
    "hasPicture": True,
    "sightings": [{"label": "Face", "confidence": 99.1, "box": {"left": 0.4, "top": 0.1, "width": 0.2, "height": 0.3}}],
}

SCHEMAS: Mapping[str, Schema] = {
    "Sighting": {
        "type": "object",
        "description": "One label of an answer.",
        "required": ["label"],
        "additionalProperties": False,
        "properties": {
            "label": _TEXT,
            "confidence": {"type": "number", "description": "In the model's own unit: up to 100 for Rekognition."},
            "box": {
                "type": "object",
                "required": ["left", "top", "width", "height"],
                "additionalProperties": False,
                "properties": {"left": _RATIO, "top": _RATIO, "width": _RATIO, "height": _RATIO},
            },
        },
    },
    "InferenceResult": {
        "type": "object",
        "description": "What came of one item.",
        "required": ["item", "model", "hasPicture", "sightings"],
        "additionalProperties": False,
        "properties": {
            "item": {"type": "string", "description": "The item's address."},
            "model": _TEXT,
            "at": {"type": "string", "description": "When the model answered."},
            "momentAt": {**TIME, "description": "Of a still: what time it shows."},
            "hasPicture": {"type": "boolean", "description": "Whether the item is a picture, to be asked for."},
            "sightings": {"type": "array", "items": ref("Sighting")},
            "error": {
                "type": "object",
                "description": "Why there is no answer.",
                "required": ["code", "message"],
                "additionalProperties": False,
                "properties": {"code": _TEXT, "message": _TEXT},
            },
            "output": {"type": "string", "description": "The whole answer as JSON, where that is at most 16 KB."},
            "input": {"type": "string", "description": "The item as JSON, where the activity includes it."},
        },
        "examples": [RESULT_EXAMPLE],
    },
    "ResultPage": {
        "type": "object",
        "required": ["items", "complete"],
        "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": ref("InferenceResult")},
            "nextCursor": {"type": "string", "description": "Asks for the next page; absent on the last."},
            "complete": {"type": "boolean", "description": "Whether the activity has written all it had."},
            "told": {"type": "string", "description": "In words: why nothing can be shown."},
        },
    },
}
